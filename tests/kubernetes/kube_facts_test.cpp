#include "core/platforms/kubernetes/kube_source.h"
#include "core/platforms/kubernetes/pod_reason.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

namespace perch::kubernetes {
namespace {

using fleet::Replica;
using fleet::Role;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

json deploymentText(const std::string& name, int version, int replicas, const std::string& role = "stable") {
    return {
        {"metadata", {{"name", name}, {"uid", "d-" + name}, {"labels", {{kModelLabel, "churn"}, {kRoleLabel, role}}}}},
        {"spec",
         {{"replicas", replicas},
          {"template",
           {{"metadata", {{"labels", {{kModelLabel, "churn"}, {kVersionLabel, std::to_string(version)}}}}}}}}}};
}

json replicaSetText(const std::string& deployment, int version, int revision, int replicas) {
    const std::string name = deployment + "-" + std::to_string(revision);
    return {{"metadata",
             {{"name", name},
              {"uid", "r-" + name},
              {"annotations", {{"deployment.kubernetes.io/revision", std::to_string(revision)}}},
              {"ownerReferences", {{{"kind", "Deployment"}, {"uid", "d-" + deployment}, {"controller", true}}}}}},
            {"spec",
             {{"replicas", replicas},
              {"template", {{"metadata", {{"labels", {{kVersionLabel, "v" + std::to_string(version)}}}}}}}}}};
}

json podText(const std::string& name, const std::string& replicaSet, const json& status) {
    return {{"metadata",
             {{"name", name},
              {"uid", "p-" + name},
              {"creationTimestamp", "2026-11-22T04:05:06Z"},
              {"ownerReferences", {{{"kind", "ReplicaSet"}, {"uid", "r-" + replicaSet}, {"controller", true}}}}}},
            {"spec", {{"nodeName", "node-1"}}},
            {"status", status}};
}

json ready() {
    return {{"phase", "Running"},
            {"conditions", {{{"type", "Ready"}, {"status", "True"}}}},
            {"containerStatuses",
             {{{"name", "serve"}, {"ready", true}, {"restartCount", 2}, {"state", {{"running", json::object()}}}}}}};
}

json container(const json& state, const json& last = json::object()) {
    return {{"phase", "Running"},
            {"conditions", {{{"type", "Ready"}, {"status", "False"}}}},
            {"containerStatuses",
             {{{"name", "serve"}, {"ready", false}, {"restartCount", 5}, {"state", state}, {"lastState", last}}}}};
}

Replica replicaFrom(const json& status) {
    return replicaOf(test::valueOf(podOf(podText("churn-a", "churn-1", status))));
}

TEST(PodReason, AReadyPodHasNone) {
    const Replica replica = replicaFrom(ready());
    EXPECT_EQ(replica.state, Replica::State::Ready);
    EXPECT_EQ(replica.reason, "");
    EXPECT_EQ(replica.restarts, 2U);
    EXPECT_EQ(toIso8601(replica.startedAt), "2026-11-22T04:05:06.000Z");
}

TEST(PodReason, SaysWhatHoldsAPodBack) {
    const json scheduled = {{"phase", "Pending"},
                            {"conditions",
                             {{{"type", "PodScheduled"},
                               {"status", "False"},
                               {"reason", "Unschedulable"},
                               {"message", "0/3 nodes are available: 3 Insufficient nvidia.com/gpu."}}}}};
    EXPECT_EQ(replicaFrom(scheduled).reason,
              "No node takes it: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.");
    const json crash = container({{"waiting", {{"reason", "CrashLoopBackOff"}}}},
                                 {{"terminated", {{"exitCode", 137}, {"reason", "OOMKilled"}}}});
    EXPECT_EQ(replicaFrom(crash).state, Replica::State::Crashed);
    EXPECT_EQ(replicaFrom(crash).reason,
              "Container serve crashes again and again, it ended with code 137 (OOMKilled).");
    EXPECT_EQ(replicaFrom(container({{"waiting", {{"reason", "ImagePullBackOff"}, {"message", "Back-off pulling x"}}}}))
                  .reason,
              "The image of serve cannot be fetched: Back-off pulling x.");
    EXPECT_EQ(
        replicaFrom(container({{"waiting", {{"reason", "CreateContainerConfigError"}, {"message", "no secret"}}}}))
            .reason,
        "Container serve cannot start (CreateContainerConfigError): no secret.");
    EXPECT_EQ(replicaFrom(container({{"running", json::object()}})).reason,
              "Container serve runs and is not ready yet.");
    EXPECT_EQ(replicaFrom(container({{"running", json::object()}})).state, Replica::State::Starting);
    EXPECT_EQ(replicaFrom(container({{"terminated", {{"exitCode", 1}, {"reason", "Error"}}}})).reason,
              "Container serve does not run, it ended with code 1.");
    EXPECT_EQ(replicaFrom({{"phase", "Failed"}, {"reason", "Evicted"}, {"message", "low on memory"}}).reason,
              "It has ended (Evicted): low on memory.");
    EXPECT_EQ(replicaFrom(json::object()).reason, "It is starting.");
}

TEST(PodReason, AnInitContainerGoesFirst) {
    json status = container({{"waiting", {{"reason", "PodInitializing"}}}});
    status["initContainerStatuses"] = {
        {{"name", "fetch"}, {"ready", false}, {"state", {{"waiting", {{"reason", "CrashLoopBackOff"}}}}}}};
    EXPECT_EQ(replicaFrom(status).reason, "Init container fetch crashes again and again.");
}

TEST(PodReason, AnEndingPodDrains) {
    json pod = podText("churn-a", "churn-1", ready());
    pod["metadata"]["deletionTimestamp"] = "2026-11-22T04:05:06Z";
    const Replica replica = replicaOf(test::valueOf(podOf(pod)));
    EXPECT_EQ(replica.state, Replica::State::Draining);
    EXPECT_EQ(replica.reason, "It is ending.");
}

TEST(PodReason, ShowsNothingThatATerminalWouldObey) {
    EXPECT_THAT(replicaFrom(container({{"waiting", {{"reason", "X\x1b[1m"}, {"message", "\x1b]0;x\x07"}}}})).reason,
                Not(HasSubstr("\x1b")));
}

template <typename Object>
void put(std::map<std::string, Object>& objects, Object object) {
    std::string name = object.meta.name;
    objects.insert_or_assign(std::move(name), std::move(object));
}

TEST(KubeSource, TheEnvironmentIsInTheNames) {
    EXPECT_EQ(environmentOf("prod-eu", "models"), "production");
    EXPECT_EQ(environmentOf("arn:aws:eks:eu-west-1:12:cluster/shop", "ml_production"), "production");
    EXPECT_EQ(environmentOf("live", "models"), "production");
    EXPECT_EQ(environmentOf("eu", "staging"), "staging");
    EXPECT_EQ(environmentOf("kind", "reproducible"), "development");
    EXPECT_EQ(environmentOf("delivery", "models"), "development");
}

KubeObjects objectsOf(const std::vector<json>& deployments, const std::vector<json>& sets,
                      const std::vector<json>& pods) {
    KubeObjects objects;
    for (const json& object : deployments)
        put(objects.deployments, test::valueOf(deploymentOf(object)));
    for (const json& object : sets)
        put(objects.replicaSets, test::valueOf(replicaSetOf(object)));
    for (const json& object : pods)
        put(objects.pods, test::valueOf(podOf(object)));
    return objects;
}

TEST(KubeFacts, AModelHasTheVersionsOfItsReplicaSets) {
    const KubeFacts facts = makeFacts(objectsOf(
        {deploymentText("churn", 2, 3)},
        {replicaSetText("churn", 1, 1, 1), replicaSetText("churn", 2, 2, 3), replicaSetText("churn", 3, 0, 0)},
        {podText("churn-b", "churn-2", ready()), podText("churn-a", "churn-2", ready()),
         podText("churn-old", "churn-1", ready()),
         podText("churn-c", "churn-2", container({{"waiting", {{"reason", "CrashLoopBackOff"}}}}))}));
    ASSERT_THAT(facts.models, SizeIs(1));
    const fleet::ModelFacts& model = facts.models[0];
    EXPECT_EQ(model.model.text(), "churn");
    EXPECT_EQ(model.backend, "deployments");
    EXPECT_EQ(model.route.object, "Deployment/churn");
    EXPECT_EQ(model.route.stable, Version{2});
    EXPECT_EQ(model.route.canary, std::nullopt);
    ASSERT_THAT(model.versions, SizeIs(2)); // v3 was scaled to nothing long ago
    const fleet::VersionFacts& now = model.versions[0];
    EXPECT_EQ(now.version, Version{2});
    EXPECT_EQ(now.role, Role::Stable);
    EXPECT_EQ(now.replicas.desired, 3U);
    EXPECT_EQ(now.replicas.running, 3U);
    EXPECT_EQ(now.replicas.ready, 2U);
    EXPECT_EQ(now.replicas.items[0].name, "churn-a");
    EXPECT_EQ(now.wantedWeight, Percent::fromBasisPoints(7'500));
    EXPECT_EQ(now.realWeight.value, std::nullopt);
    EXPECT_EQ(model.versions[1].version, Version{1});
    EXPECT_EQ(model.versions[1].role, Role::Retired);
    EXPECT_EQ(model.versions[1].replicas.ready, 1U);
}

TEST(KubeFacts, ASecondDeploymentIsTheCanary) {
    const KubeFacts facts =
        makeFacts(objectsOf({deploymentText("churn-canary", 2, 1, "canary"), deploymentText("churn", 1, 9)},
                            {replicaSetText("churn-canary", 2, 1, 1), replicaSetText("churn", 1, 1, 9)}, {}));
    ASSERT_THAT(facts.models, SizeIs(1));
    const fleet::ModelFacts& model = facts.models[0];
    EXPECT_EQ(model.route.object, "Deployment/churn");
    EXPECT_EQ(model.route.stable, Version{1});
    EXPECT_EQ(model.route.canary, Version{2});
    EXPECT_EQ(model.route.canaryWeight, Percent::fromBasisPoints(1'000));
    EXPECT_EQ(model.versions[0].replicas.ready, 0U);
    EXPECT_EQ(model.versions[1].replicas.uid, "d-churn-canary");
}

TEST(KubeFacts, AVersionWithoutReplicasIsKnown) {
    const KubeFacts facts =
        makeFacts(objectsOf({deploymentText("churn", 1, 3, ""), deploymentText("churn-v2", 2, 0, "canary")}, {}, {}));
    const fleet::ModelFacts& model = facts.models.at(0);
    EXPECT_EQ(model.lever, fleet::Lever::Replicas);
    EXPECT_EQ(model.keeper, fleet::Keeper::Objects);
    EXPECT_EQ(model.route.stable, Version{1});
    EXPECT_EQ(model.route.canary, std::nullopt) << "a canary without replicas is none";
    ASSERT_THAT(model.versions, SizeIs(2));
    EXPECT_EQ(model.versions[1].replicas.object, "Deployment/churn-v2");
    EXPECT_EQ(model.versions[1].replicas.uid, "d-churn-v2");
    EXPECT_EQ(model.rolloutObject, "ConfigMap/perch-rollout-churn");
    EXPECT_EQ(model.rolloutUid, "");
}

TEST(KubeFacts, TheRecordIsThatOfTheConfigMap) {
    KubeObjects objects =
        objectsOf({deploymentText("churn", 1, 3), deploymentText("churn-v2", 2, 1, "canary")}, {}, {});
    const auto record = [](const std::string& text) {
        return test::valueOf(
            recordOf({{"metadata", {{"name", "perch-rollout-churn"}, {"uid", "c-1"}}}, {"data", {{"record", text}}}}));
    };
    put(objects.records, record(R"({"revision":3,"from":"v1","to":"v2","goal":"step","weights":[25],"replicas":3})"));
    fleet::ModelFacts model = makeFacts(objects).models.at(0);
    EXPECT_EQ(model.whyFixed, "");
    EXPECT_EQ(model.rolloutUid, "c-1");
    EXPECT_EQ(model.rollout.revision, 3U);
    EXPECT_EQ(model.rollout.replicas, 3U);
    EXPECT_EQ(model.route.canaryWeight, Percent::fromBasisPoints(2'500));
    put(objects.records, record("{broken"));
    model = makeFacts(objects).models.at(0);
    EXPECT_THAT(model.whyFixed, HasSubstr("ConfigMap/perch-rollout-churn cannot be read: "));
}

TEST(KubeFacts, WhatPerchCannotChangeSaysWhy) {
    const auto fixed = [](const std::vector<json>& deployments) {
        return makeFacts(objectsOf(deployments, {}, {})).models.at(0).whyFixed;
    };
    EXPECT_THAT(fixed({deploymentText("a", 1, 1), deploymentText("b", 1, 2)}),
                HasSubstr("Deployment/a and Deployment/b both serve v1"));
    EXPECT_THAT(fixed({deploymentText("a", 1, 1, ""), deploymentText("b", 2, 2, "")}),
                HasSubstr("v1 and v2 could all be the stable version of churn"));
    json owned = deploymentText("a", 1, 1);
    owned["metadata"]["ownerReferences"] = {{{"kind", "InferenceService"}, {"uid", "i"}, {"controller", true}}};
    EXPECT_THAT(fixed({owned}), HasSubstr("belongs to an object of the kind InferenceService"));
}

json serviceText(const std::string& name, const json& selector) {
    return {{"metadata", {{"name", name}, {"uid", "s-" + name}}}, {"spec", {{"selector", selector}}}};
}

json routeText(const json& backends) {
    return {{"metadata", {{"name", "churn"}, {"uid", "h-churn"}, {"namespace", "models"}}},
            {"spec", {{"rules", {{{"matches", json::array()}}, {{"backendRefs", backends}}}}}}};
}

KubeObjects routedObjects(const json& backends) {
    KubeObjects objects =
        objectsOf({deploymentText("churn", 1, 3), deploymentText("churn-v2", 2, 1, "canary")}, {}, {});
    put(objects.services, test::valueOf(serviceOf(serviceText("churn", {{kModelLabel, "churn"}}))));
    put(objects.services,
        test::valueOf(serviceOf(serviceText("churn-v2", {{kModelLabel, "churn"}, {kVersionLabel, "2"}}))));
    put(objects.services, test::valueOf(serviceOf(serviceText("other", {{"app", "other"}}))));
    put(objects.routes, test::valueOf(routeOf(routeText(backends))));
    return objects;
}

TEST(RouteFacts, AnHttpRouteIsTheLever) {
    const json backends = {{{"name", "churn"}, {"weight", 3}}, {{"name", "churn-v2"}, {"weight", 1}}};
    const fleet::ModelFacts model = makeFacts(routedObjects(backends)).models.at(0);
    EXPECT_EQ(model.backend, "httproute");
    EXPECT_EQ(model.lever, fleet::Lever::Split);
    EXPECT_EQ(model.route.object, "HTTPRoute/churn");
    EXPECT_EQ(model.route.uid, "h-churn");
    EXPECT_EQ(model.route.stable, Version{1});
    EXPECT_EQ(model.route.canary, Version{2});
    EXPECT_EQ(model.route.canaryWeight, Percent::fromBasisPoints(2'500));
    EXPECT_EQ(model.versions[0].wantedWeight, Percent::fromBasisPoints(7'500));
    EXPECT_THAT(model.route.listed, ElementsAre("churn", "churn-v2"));
    ASSERT_NE(model.route.addressOf(Version{1}), nullptr);
    EXPECT_FALSE(model.route.addressOf(Version{1})->own) << "its selector names no version";
    EXPECT_TRUE(model.route.addressOf(Version{2})->own);
    EXPECT_EQ(model.whyFixed, "");
}

TEST(RouteFacts, ABackendWithoutWeightGetsNoTraffic) {
    const json backends = {{{"name", "churn"}}, {{"name", "churn-v2"}, {"weight", 0}}};
    const fleet::ModelFacts model = makeFacts(routedObjects(backends)).models.at(0);
    EXPECT_EQ(model.route.stable, Version{1});
    EXPECT_EQ(model.route.canary, std::nullopt);
    EXPECT_TRUE(model.route.addressOf(Version{2})->listed);
}

TEST(RouteFacts, ARouteThatIsMoreThanASplitSaysSo) {
    const auto fixed = [](const KubeObjects& objects) { return makeFacts(objects).models.at(0).whyFixed; };
    EXPECT_THAT(fixed(routedObjects({{{"name", "churn"}}, {{"name", "elsewhere"}, {"weight", 1}}})),
                HasSubstr("Service/elsewhere gets 50 % of the traffic and serves no version that is known"));
    KubeObjects two = routedObjects(json::array({{{"name", "churn"}}}));
    two.routes.at("churn").rules.push_back(two.routes.at("churn").rules.front());
    EXPECT_THAT(fixed(two), HasSubstr("HTTPRoute/churn: It has 2 rules with backends"));
    KubeObjects none = routedObjects(json::array({{{"name", "other"}}}));
    EXPECT_EQ(fixed(none), "");
    EXPECT_EQ(makeFacts(none).models.at(0).backend, "deployments");
}

TEST(KubeFacts, WhatCannotBeAModelSaysWhy) {
    json noVersion = deploymentText("a", 1, 1), badName = deploymentText("b", 1, 1), other = deploymentText("c", 1, 1);
    noVersion["spec"]["template"]["metadata"]["labels"].erase(kVersionLabel);
    badName["metadata"]["labels"][kModelLabel] = "Not_a_name";
    other["metadata"].erase("labels");
    other["spec"]["template"]["metadata"].erase("labels");
    const KubeFacts facts = makeFacts(objectsOf({noVersion, badName, other}, {}, {}));
    EXPECT_TRUE(facts.models.empty());
    ASSERT_THAT(facts.refused, SizeIs(2));
    EXPECT_EQ(facts.refused[0].reason, "Its Pods have no label perch.dev/version.");
    EXPECT_THAT(facts.refused[1].reason, HasSubstr("is no name of a model"));
}

TEST(KubeObjects, OddObjectsAreReadAsFarAsTheyGo) {
    for (const char* text : {"{}", "[]", "1", R"({"metadata":{"name":"a"}})", R"({"metadata":[]})"})
        EXPECT_THAT(podOf(json::parse(text)), test::failsWith(ErrorCode::InvalidInput, HasSubstr("Pod"))) << text;
    const PodObject pod = test::valueOf(podOf(json::parse(
        R"({"metadata":{"name":"a","uid":"u","labels":[1],"ownerReferences":{"a":1},"creationTimestamp":"x"},
            "status":{"conditions":{"a":1},"containerStatuses":[1,null,{"restartCount":-7,"ready":"yes"}]},"spec":3})")));
    EXPECT_THAT(pod.containers, SizeIs(3));
    EXPECT_EQ(replicaOf(pod).state, Replica::State::Starting);
    EXPECT_EQ(test::valueOf(deploymentOf(json::parse(R"({"metadata":{"name":"a","uid":"u"}})"))).replicas, 1U);
}

} // namespace
} // namespace perch::kubernetes
