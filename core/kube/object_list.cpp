#include "core/kube/object_list.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

namespace perch::kube {

namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kPageDeadline{60'000};

/// Where a page leaves off.
struct PageEnd {
    std::string resourceVersion, next; ///< `next` is empty on the last page
};

std::string metadataText(const json& list, const char* field) {
    const auto metadata = list.find("metadata");
    return metadata == list.end() ? std::string() : jsonText(*metadata, field);
}

ApiRequest pageRequest(const ObjectScope& scope, std::size_t pageSize, const std::string& next) {
    ApiRequest request{
        .path = pathOf(scope.resource, scope.nameSpace), .query = selectorQuery(scope), .deadline = kPageDeadline};
    if (pageSize > 0)
        request.query.emplace_back("limit", std::to_string(pageSize));
    if (!next.empty())
        request.query.emplace_back("continue", next);
    return request;
}

Result<PageEnd> readPage(const std::string& body, const ObjectScope& scope, ObjectSink& sink) {
    const std::string what = "The list of " + nameOf(scope.resource);
    const json list = TRY(parseJson(body, what));
    if (!list.is_object())
        return fail(ErrorCode::InvalidInput, "{} is no object.", what);
    const auto items = list.find("items");
    if (items == list.end() || !(items->is_array() || items->is_null()))
        return fail(ErrorCode::InvalidInput, "{} has no items.", what);
    for (const json& object : *items) {
        if (object.is_object())
            sink.put(object);
    }
    return PageEnd{metadataText(list, "resourceVersion"), metadataText(list, "continue")};
}

} // namespace

std::vector<std::pair<std::string, std::string>> selectorQuery(const ObjectScope& scope) {
    std::vector<std::pair<std::string, std::string>> query;
    if (!scope.labels.empty())
        query.emplace_back("labelSelector", scope.labels);
    if (!scope.fields.empty())
        query.emplace_back("fieldSelector", scope.fields);
    return query;
}

Result<std::string> listObjects(ApiClient& client, const ObjectScope& scope, ObjectSink& sink, std::stop_token stop,
                                std::size_t pageSize) {
    sink.listing();
    for (PageEnd end;;) {
        const ApiRequest request = pageRequest(scope, pageSize, end.next);
        const http::Response answer = TRY(client.exchange(request, nullptr, stop));
        if (answer.status == kVersionGone && pageSize > 0) {
            pageSize = 0;
            end = {};
            sink.listing();
            continue;
        }
        if (!answer.ok())
            return client.errorOf(answer, request);
        end = TRY(readPage(answer.body, scope, sink));
        if (end.next.empty()) {
            sink.listed();
            return end.resourceVersion;
        }
    }
}

} // namespace perch::kube
