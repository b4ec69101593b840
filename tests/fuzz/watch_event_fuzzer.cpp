#include "core/kube/watch_event.h"
#include "tests/fuzz/fuzzer.h"

#include <nlohmann/json.hpp>

namespace {

/// A sink that looks at each object and keeps none.
class LookingSink final : public perch::kube::ObjectSink {
public:
    void listing() override {}
    void put(const nlohmann::json& object) override { require(object); }
    void listed() override {}
    void removed(const nlohmann::json& object) override { require(object); }
    void failed(const perch::Error&, std::chrono::milliseconds) override {}
    void recovered() override {}

private:
    static void require(const nlohmann::json& object) {
        perch::fuzz::require(object.is_object() && object.at("metadata").at("resourceVersion").is_string(),
                             "what a sink gets is an object with a version");
    }
};

} // namespace

/// The bytes of a watch: the same events however they are cut, each an object with a version or a sentence.
PERCH_FUZZER(watch_event) {
    using namespace perch;
    constexpr std::size_t kLongest = 4'096;
    LookingSink sink;
    std::vector<std::string> whole, pieces;
    const auto into = [&](std::vector<std::string>& lines) {
        return [&](std::string_view line) -> Result<void> {
            lines.emplace_back(line);
            fuzz::requireSentence(kube::takeWatchEvent(line, sink));
            return {};
        };
    };
    kube::WatchLines atOnce(kLongest), byByte(kLongest);
    const Result<void> first = atOnce.feed(bytes, into(whole));
    Result<void> second;
    for (std::size_t i = 0; i < bytes.size() && second; ++i)
        second = byByte.feed(bytes.substr(i, 1), into(pieces));
    fuzz::requireSentence(first);
    fuzz::require(whole == pieces && first.has_value() == second.has_value(), "events do not depend on the cuts");
}
