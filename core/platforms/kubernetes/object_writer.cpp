#include "core/platforms/kubernetes/object_writer.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

namespace perch::kubernetes {

namespace {

using nlohmann::json;

std::vector<std::pair<std::string, std::string>> writeQuery(DryRun dryRun) {
    std::vector<std::pair<std::string, std::string>> query{{"fieldManager", "perch"}};
    if (dryRun == DryRun::Yes)
        query.emplace_back("dryRun", "All");
    return query;
}

} // namespace

Result<std::optional<json>> ObjectWriter::get(const kube::Resource& resource, const std::string& name,
                                              const std::stop_token& stop) {
    Result<json> object =
        m_client.send({.path = kube::pathOf(resource, nameSpace(), name), .deadline = m_deadline}, stop);
    if (!object && object.error().code == ErrorCode::NotFound)
        return std::optional<json>();
    return std::optional<json>(TRY(std::move(object)));
}

Result<json> ObjectWriter::patch(const kube::Resource& resource, const std::string& name, const json& operations,
                                 DryRun dryRun, const std::stop_token& stop) {
    return m_client.send({.method = "PATCH",
                          .path = kube::pathOf(resource, nameSpace(), name),
                          .query = writeQuery(dryRun),
                          .body = operations.dump(),
                          .contentType = "application/json-patch+json",
                          .deadline = m_deadline},
                         stop);
}

Result<json> ObjectWriter::merge(const kube::Resource& resource, const std::string& name, const json& fields,
                                 const std::stop_token& stop) {
    return m_client.send({.method = "PATCH",
                          .path = kube::pathOf(resource, nameSpace(), name),
                          .query = writeQuery(DryRun::No),
                          .body = fields.dump(),
                          .contentType = "application/merge-patch+json",
                          .deadline = m_deadline},
                         stop);
}

Result<json> ObjectWriter::create(const kube::Resource& resource, const json& object, DryRun dryRun,
                                  const std::stop_token& stop) {
    return m_client.send({.method = "POST",
                          .path = kube::pathOf(resource, nameSpace()),
                          .query = writeQuery(dryRun),
                          .body = object.dump(),
                          .deadline = m_deadline},
                         stop);
}

const json& member(const json& object, std::string_view field) {
    static const json kNothing;
    if (!object.is_object())
        return kNothing;
    const auto found = object.find(field);
    return found != object.end() ? *found : kNothing;
}

const json& member(const json& object, std::initializer_list<std::string_view> path) {
    const json* at = &object;
    for (const std::string_view field : path)
        at = &member(*at, field);
    return *at;
}

} // namespace perch::kubernetes
