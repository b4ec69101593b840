#include "core/kube/watch_event.h"

#include "core/base/json.h"
#include "core/base/utf8.h"

#include <nlohmann/json.hpp>

namespace perch::kube {

namespace {

using nlohmann::json;

/// What an ERROR event says.
Error watchError(const json& status) {
    const auto code = status.find("code"), said = status.find("message"), reason = status.find("reason");
    const bool gone = (code != status.end() && code->is_number_integer() && *code == kVersionGone) ||
                      (reason != status.end() && (*reason == "Expired" || *reason == "Gone"));
    const std::string message =
        said != status.end() && said->is_string() ? shownText(said->get_ref<const std::string&>(), 300) : "no reason";
    return fail(gone ? ErrorCode::Conflict : ErrorCode::Unavailable, "The API server ends the watch: {}.", message);
}

Result<std::string> versionOf(const json& object) {
    const auto metadata = object.find("metadata");
    if (metadata == object.end() || !metadata->is_object())
        return fail(ErrorCode::InvalidInput, "An object of the watch has no metadata.");
    return jsonString(*metadata, "resourceVersion", "The metadata of a watched object");
}

} // namespace

Result<void> WatchLines::feed(std::string_view bytes, const std::function<Result<void>(std::string_view)>& take) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        if (m_begun.size() + std::min(end, bytes.size()) > m_longest)
            return fail(ErrorCode::InvalidInput, "An event of the watch is longer than {} bytes.", m_longest);
        if (end == std::string_view::npos) {
            m_begun += bytes;
            return {};
        }
        const std::string whole = m_begun + std::string(bytes.substr(0, end));
        m_begun.clear();
        bytes.remove_prefix(end + 1);
        if (!whole.empty())
            TRY(take(whole));
    }
    return {};
}

Result<std::string> takeWatchEvent(std::string_view line, ObjectSink& sink) {
    const json event = TRY(parseJson(line, "An event of the watch"));
    const std::string type = TRY(jsonString(event, "type", "An event of the watch"));
    const auto object = event.find("object");
    if (object == event.end() || !object->is_object())
        return fail(ErrorCode::InvalidInput, "An event of the watch has no object.");
    if (type == "ERROR")
        return watchError(*object);
    std::string version = TRY(versionOf(*object));
    if (type == "ADDED" || type == "MODIFIED")
        sink.put(*object);
    else if (type == "DELETED")
        sink.removed(*object);
    else if (type != "BOOKMARK")
        return fail(ErrorCode::InvalidInput, "The watch has an event of the unknown type \"{}\".", shownText(type));
    return version;
}

} // namespace perch::kube
