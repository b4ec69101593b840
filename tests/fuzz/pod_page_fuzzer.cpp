#include "core/kube/pod_page.h"
#include "tests/fuzz/fuzzer.h"

#include <nlohmann/json.hpp>

namespace {

/// What a Pod is made of can be written as JSON.
class CheckedPods final : public perch::kube::ObjectSink {
public:
    void listing() override {}
    void put(const nlohmann::json& object) override {
        perch::fuzz::require(object.is_object(), "a Pod is an object");
        perch::fuzz::require(nlohmann::json::parse(object.dump()) == object, "a Pod is JSON");
    }
    void listed() override {}
    void removed(const nlohmann::json&) override {}
    void failed(const perch::Error&, std::chrono::milliseconds) override {}
    void recovered() override {}
};

} // namespace

/// A page of Pods in Protocol Buffers, as an API server or something else may send it.
PERCH_FUZZER(pod_page) {
    using namespace perch;
    CheckedPods pods;
    const auto end = kube::readPodPage(bytes, pods);
    fuzz::requireSentence(end);
    if (!end)
        fuzz::require(end.error().code == ErrorCode::InvalidInput, "a wrong page is invalid input");
}
