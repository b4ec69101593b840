#include "core/platforms/kubernetes/kube_objects.h"
#include "core/platforms/kubernetes/version_clone.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

namespace perch::kubernetes {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

json stableDeployment() {
    return json::parse(R"({
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": {"name": "churn", "uid": "u", "resourceVersion": "7", "generation": 3,
        "labels": {"perch.dev/model": "churn", "perch.dev/role": "stable", "app.kubernetes.io/instance": "shop"},
        "annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:models/churn"}},
      "spec": {"replicas": 3, "paused": true, "selector": {"matchLabels": {"app": "churn"}},
        "strategy": {"type": "RollingUpdate"},
        "template": {
          "metadata": {"creationTimestamp": null,
            "labels": {"app": "churn", "perch.dev/model": "churn", "perch.dev/version": "v1"},
            "annotations": {"kubectl.kubernetes.io/restartedAt": "x", "prometheus.io/scrape": "true"}},
          "spec": {
            "initContainers": [{"name": "fetch", "image": "perch-server:1.4",
              "args": ["fetch", "--package", "s3://models/churn/v1/package", "--to", "/v10/v1x"]}],
            "containers": [{"name": "serve", "image": "localhost:5000/team/churn:v1-gpu",
              "env": [{"name": "MODEL", "value": "v1"}, {"name": "OTHER", "valueFrom": {"fieldRef": {}}}],
              "volumeMounts": [{"name": "models", "subPath": "churn/v1"}]}]}}},
      "status": {"replicas": 3}})");
}

CloneWish wish() {
    return {.model = test::valueOf(ModelName::parse("churn")),
            .from = Version{1},
            .to = Version{2},
            .name = "churn-v2",
            .replicas = 1};
}

TEST(VersionClone, NamesTheNewVersionWhereTheOldOneWas) {
    std::vector<std::string> changes;
    const json clone = test::valueOf(cloneDeployment(stableDeployment(), wish(), changes));
    EXPECT_THAT(changes,
                ElementsAre("a copy of Deployment churn: label perch.dev/version v1 -> v2",
                            "fetch args: s3://models/churn/v1/package -> s3://models/churn/v2/package",
                            "serve image: localhost:5000/team/churn:v1-gpu -> localhost:5000/team/churn:v2-gpu",
                            "serve env MODEL: v1 -> v2", "serve volumeMounts models: churn/v1 -> churn/v2"));
    EXPECT_EQ(clone["metadata"], json::parse(R"({"name": "churn-v2", "labels": {"perch.dev/model": "churn",
        "perch.dev/version": "v2", "perch.dev/role": "canary", "app.kubernetes.io/managed-by": "perch"}})"))
        << "nothing by which another tool would take it for its own";
    EXPECT_EQ(clone["spec"]["selector"]["matchLabels"], (json{{"app", "churn"}, {kVersionLabel, "v2"}}));
    EXPECT_EQ(clone["spec"]["replicas"], 1);
    EXPECT_FALSE(clone["spec"].contains("paused"));
    EXPECT_FALSE(clone.contains("status"));
    const json& pods = clone["spec"]["template"];
    EXPECT_EQ(pods["metadata"]["labels"], (json{{"app", "churn"}, {kModelLabel, "churn"}, {kVersionLabel, "v2"}}));
    EXPECT_EQ(pods["metadata"]["annotations"], (json{{"prometheus.io/scrape", "true"}}));
    EXPECT_EQ(pods["spec"]["initContainers"][0]["args"][4], "/v10/v1x") << "only whole words";
    EXPECT_EQ(pods["spec"]["initContainers"][0]["image"], "perch-server:1.4");
}

TEST(VersionClone, ANumberIsATagAndALabel) {
    json stable = stableDeployment();
    json& pods = stable["spec"]["template"];
    pods["metadata"]["labels"][kVersionLabel] = "1";
    pods["spec"] =
        json::parse(R"({"containers": [{"name": "serve", "image": "reg/churn:1", "args": ["--threads", "1"]}]})");
    std::vector<std::string> changes;
    const json clone = test::valueOf(cloneDeployment(stable, wish(), changes));
    EXPECT_THAT(changes, ElementsAre("a copy of Deployment churn: label perch.dev/version 1 -> 2",
                                     "serve image: reg/churn:1 -> reg/churn:2"));
    EXPECT_EQ(clone["spec"]["template"]["metadata"]["labels"][kVersionLabel], "2");
}

TEST(VersionClone, WhatCannotBeCopiedSaysWhy) {
    std::vector<std::string> changes;
    json stable = stableDeployment();
    json& pod = stable["spec"]["template"]["spec"];
    pod = json::parse(R"({"containers": [{"name": "serve", "image": "churn:latest", "args": ["--port", "80"]}]})");
    EXPECT_THAT(cloneDeployment(stable, wish(), changes),
                test::failsWith(ErrorCode::InvalidInput, HasSubstr("names v1 nowhere but in its label")));
    const std::string digest(64, 'a');
    pod["containers"][0]["image"] = "churn:v1@sha256:" + digest;
    EXPECT_THAT(cloneDeployment(stable, wish(), changes),
                test::failsWith(ErrorCode::InvalidInput,
                                HasSubstr("serve image of Deployment churn is pinned by a digest, and that of v2")));
    pod["containers"][0]["image"] = "perch-server@sha256:" + digest;
    pod["containers"][0]["args"] = {"--package", "s3://models/churn/v1"};
    EXPECT_TRUE(test::succeeded(cloneDeployment(stable, wish(), changes))) << "the server's image is not the version";
    pod["containers"][0]["args"] = {"--package", "s3://models/churn/v1#sha256=" + digest};
    EXPECT_THAT(cloneDeployment(stable, wish(), changes),
                test::failsWith(ErrorCode::InvalidInput, HasSubstr("serve args")));
    for (const char* odd :
         {"{}", "[]", R"({"spec":3})", R"({"spec":{"selector":{},"template":{"spec":{"containers":[1]}}}})"})
        EXPECT_THAT(cloneDeployment(json::parse(odd), wish(), changes),
                    test::failsWith(ErrorCode::InvalidInput, HasSubstr("")));
}

} // namespace
} // namespace perch::kubernetes
