#include "core/kube/object_list.h"

#include "core/base/json.h"
#include "core/kube/pod_page.h"

#include <nlohmann/json.hpp>

namespace perch::kube {

namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kPageDeadline{60'000};

std::string metadataText(const json& list, const char* field) {
    const auto metadata = list.find("metadata");
    return metadata == list.end() ? std::string() : jsonText(*metadata, field);
}

/// Pods are the many: they are asked for in the form that is quickest to write and to read.
ApiRequest pageRequest(const ObjectScope& scope, std::size_t pageSize, const std::string& next) {
    ApiRequest request{
        .path = pathOf(scope.resource, scope.nameSpace), .query = selectorQuery(scope), .deadline = kPageDeadline};
    if (scope.resource == resources::kPods)
        request.accept = fmt::format("{}, {}", kProtobufType, request.accept);
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

bool isProtobuf(const http::Response& answer) {
    return http::findHeader(answer.headers, "Content-Type").value_or("").starts_with(kProtobufType);
}

/// One page. What the server says against it is asked for once more as JSON, so that there is one form of errors.
Result<http::Response> exchangePage(ApiClient& client, ApiRequest& request, const std::stop_token& stop) {
    http::Response answer = TRY(client.exchange(request, nullptr, stop));
    if (answer.ok() || !isProtobuf(answer))
        return answer;
    request.accept = ApiRequest().accept;
    return client.exchange(request, nullptr, stop);
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
        ApiRequest request = pageRequest(scope, pageSize, end.next);
        const http::Response answer = TRY(exchangePage(client, request, stop));
        if (answer.status == kVersionGone && pageSize > 0) {
            pageSize = 0;
            end = {};
            sink.listing();
            continue;
        }
        if (!answer.ok())
            return client.errorOf(answer, request);
        end = TRY(isProtobuf(answer) ? readPodPage(answer.body, sink) : readPage(answer.body, scope, sink));
        if (end.next.empty()) {
            sink.listed();
            return end.resourceVersion;
        }
    }
}

} // namespace perch::kube
