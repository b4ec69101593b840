#include "core/base/file.h"
#include "core/kube/kube_time.h"
#include "core/kube/object_list.h"
#include "core/kube/pod_page.h"
#include "tests/kube/kube_fixture.h"

/// Pages of Pods in Protocol Buffers: written by hand, and one that kube-apiserver 1.34 wrote, with the same as JSON.
namespace perch::kube {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::string varint(std::uint64_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7)
        bytes += static_cast<char>((value & 0x7F) | 0x80);
    return bytes + static_cast<char>(value);
}

/// A text or a message.
std::string field(std::uint32_t number, const std::string& bytes) {
    return varint((number << 3) | 2) + varint(bytes.size()) + bytes;
}

std::string field(std::uint32_t number, std::uint64_t value) {
    return varint(number << 3) + varint(value);
}

std::string page(const std::string& pods, const std::string& next = {}) {
    const std::string list = field(1, field(2, "77") + field(3, next)) + pods;
    return std::string("k8s\0", 4) + field(1, field(1, "v1") + field(2, "PodList")) + field(2, list);
}

/// A Pod that crashes, with fields that nobody reads among the others.
std::string crashingPod() {
    const std::string owner = field(5, "apps/v1") + field(1, "ReplicaSet") + field(3, "churn-1") + field(4, "r-1") +
                              field(6, std::uint64_t{1});
    const std::string meta = field(1, "churn-1-a") + field(2, "churn-1-") + field(3, "models") + field(5, "p-1") +
                             field(6, "70") + field(7, std::uint64_t{0}) +
                             field(8, field(1, std::uint64_t{1'763'870'706}) + field(2, std::uint64_t{5})) +
                             field(11, field(1, "perch.dev/model") + field(2, "churn")) +
                             field(11, field(1, "empty") + field(2, "")) + field(13, owner) + field(17, "managed");
    const std::string ended = field(3, field(1, ~std::uint64_t{0}) + field(3, "Error"));
    const std::string container =
        field(1, "serve") + field(2, field(1, field(1, "CrashLoopBackOff") + field(2, "back-off"))) + field(3, ended) +
        field(4, std::uint64_t{0}) + field(5, std::uint64_t{3}) + field(6, "image");
    const std::string status = field(1, "Running") +
                               field(2, field(1, "Ready") + field(2, "False") + field(5, "NotReady")) + field(3, "") +
                               field(8, container) + field(10, field(1, "load") + field(2, field(2, "")));
    return field(2, field(1, meta) + field(2, field(3, "Always") + field(10, "node-1")) + field(3, status));
}

/// Keeps what it is given.
class Kept final : public ObjectSink {
public:
    void listing() override {}
    void put(const json& object) override { objects.push_back(object); }
    void listed() override {}
    void removed(const json&) override {}
    void failed(const Error&, std::chrono::milliseconds) override {}
    void recovered() override {}
    std::vector<json> objects;
};

TEST(PodPage, APodIsTheJsonThatTheApiWrites) {
    Kept kept;
    const PageEnd end = test::valueOf(readPodPage(page(crashingPod() + crashingPod(), "more"), kept));
    EXPECT_EQ(end.resourceVersion, "77");
    EXPECT_EQ(end.next, "more");
    ASSERT_EQ(kept.objects.size(), 2U);
    EXPECT_EQ(kept.objects[0], kept.objects[1]);
    EXPECT_EQ(kept.objects[0], json::parse(R"({
        "metadata": {"name": "churn-1-a", "namespace": "models", "uid": "p-1", "resourceVersion": "70",
                     "creationTimestamp": "2025-11-23T04:05:06.000Z", "labels": {"perch.dev/model": "churn", "empty": ""},
                     "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "churn-1", "uid": "r-1",
                                          "controller": true}]},
        "spec": {"nodeName": "node-1"},
        "status": {"phase": "Running",
                   "conditions": [{"type": "Ready", "status": "False", "reason": "NotReady"}],
                   "containerStatuses": [{"name": "serve", "ready": false, "restartCount": 3,
                                          "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
                                          "lastState": {"terminated": {"exitCode": -1, "reason": "Error"}}}],
                   "initContainerStatuses": [{"name": "load", "state": {"running": {}}}]}})"));
}

/// Every field of `part` is in `whole`; times may be written with a fraction of a second.
void expectWithin(const json& part, const json& whole, const std::string& where) {
    if (part.is_object()) {
        for (const auto& [name, value] : part.items())
            expectWithin(value, whole.value(name, json()), where + "." + name);
    } else if (part.is_array()) {
        ASSERT_EQ(part.size(), whole.size()) << where;
        for (std::size_t i = 0; i < part.size(); ++i)
            expectWithin(part[i], whole[i], where + "[" + std::to_string(i) + "]");
    } else if (where.ends_with("Timestamp")) {
        EXPECT_EQ(parseKubeTime(part.get<std::string>()), parseKubeTime(whole.get<std::string>())) << where;
    } else {
        EXPECT_EQ(part, whole) << where;
    }
}

TEST(PodPage, ARecordedPageIsThatOfTheJson) {
    const std::filesystem::path folder = test::sourceFolder() / "tests/fixtures/kube";
    const json list = json::parse(test::valueOf(readFile(folder / "pods.json")));
    Kept kept;
    const PageEnd end = test::valueOf(readPodPage(test::valueOf(readFile(folder / "pods.pb")), kept));
    EXPECT_EQ(end.resourceVersion, list["metadata"]["resourceVersion"]);
    ASSERT_EQ(kept.objects.size(), list["items"].size());
    for (std::size_t i = 0; i < kept.objects.size(); ++i) {
        const json& pod = kept.objects[i];
        const json& whole = list["items"][i];
        expectWithin(pod, whole, whole["metadata"]["name"]);
        for (const char* name : {"labels", "annotations", "ownerReferences", "deletionTimestamp", "creationTimestamp"})
            EXPECT_EQ(pod["metadata"].contains(name), whole["metadata"].contains(name)) << name;
        for (const char* name : {"conditions", "containerStatuses", "initContainerStatuses", "phase"})
            EXPECT_EQ(pod["status"].contains(name), whole["status"].contains(name)) << name;
    }
    EXPECT_EQ(kept.objects[0]["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"], 2);
}

TEST(PodPage, WhatIsCutOrNoPageIsAnError) {
    Kept kept;
    EXPECT_THAT(readPodPage(R"({"items":[]})", kept), test::failsWith(ErrorCode::InvalidInput, HasSubstr("no list")));
    EXPECT_THAT(readPodPage(page(field(2, field(1, field(1, "a\xff")))), kept),
                test::failsWith(ErrorCode::InvalidInput, HasSubstr("name of a Pod is no UTF-8")));
    EXPECT_THAT(readPodPage(page(field(2, std::string(12, '\xff'))), kept),
                test::failsWith(ErrorCode::InvalidInput, HasSubstr("no message")));
    const std::string whole = page(crashingPod());
    for (std::size_t size = 0; size < whole.size(); ++size)
        (void)readPodPage(std::string(whole, 0, size), kept).has_value(); // the sanitizers watch
}

using PodList = KubeFixture;

TEST_F(PodList, IsAskedForInProtocolBuffersAndItsErrorsInJson) {
    const auto play = [](const test::AskedRequest& request, test::Wire& wire) {
        if (request.header("Accept") == "application/json")
            wire.answer(403, R"({"kind":"Status","message":"no"})");
        else
            wire.answer(403, std::string("k8s\0", 4), "Content-Type: application/vnd.kubernetes.protobuf");
    };
    const test::PlayedServer server(m_authority.issueServer(), "", play);
    ApiClient client = clientOf(server);
    RecordingSink sink;
    EXPECT_THAT(listObjects(client, {.resource = resources::kPods, .nameSpace = "models"}, sink),
                test::failsWith(ErrorCode::Denied, HasSubstr("no")));
    ASSERT_EQ(server.asked().size(), 2U);
    EXPECT_EQ(server.asked()[0].header("Accept"), "application/vnd.kubernetes.protobuf, application/json");
}

} // namespace
} // namespace perch::kube
