#pragma once

#include "core/kube/api_client.h"
#include "core/kube/resource.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace perch::kubernetes {

enum class DryRun { No, Yes };

/// Reads and writes single objects of one namespace. Every write is a patch or a creation, never a replacement, and
/// names Perch as its field manager. One thread at a time. Errors are those of kube::ApiClient: what the server finds
/// wrong with a patch, a failed test among it, is InvalidInput or Conflict.
class ObjectWriter {
public:
    /// Of one request, unless set: a write waits no longer than a person does.
    static constexpr std::chrono::milliseconds kDeadline{10'000};

    explicit ObjectWriter(std::shared_ptr<kube::ApiSession> session) : m_client(std::move(session)) {}

    /// Nothing if there is no such object.
    Result<std::optional<nlohmann::json>> get(const kube::Resource& resource, const std::string& name,
                                              const std::stop_token& stop = {});
    /// Operations as of RFC 6902, in order, all or none.
    Result<nlohmann::json> patch(const kube::Resource& resource, const std::string& name,
                                 const nlohmann::json& operations, DryRun dryRun = DryRun::No,
                                 const std::stop_token& stop = {});
    /// Fields as of RFC 7396. With a `metadata.resourceVersion` among them: Conflict if the object has changed since.
    Result<nlohmann::json> merge(const kube::Resource& resource, const std::string& name, const nlohmann::json& fields,
                                 const std::stop_token& stop = {});
    /// Conflict if it exists.
    Result<nlohmann::json> create(const kube::Resource& resource, const nlohmann::json& object,
                                  DryRun dryRun = DryRun::No, const std::stop_token& stop = {});

    kube::ApiClient& client() { return m_client; }
    const std::string& nameSpace() { return m_client.session().access().nameSpace; }
    /// Of the requests from now on.
    void setDeadline(std::chrono::milliseconds deadline) { m_deadline = deadline; }

private:
    kube::ApiClient m_client;
    std::chrono::milliseconds m_deadline = kDeadline;
};

/// A field of an object, or null where it is not there.
const nlohmann::json& member(const nlohmann::json& object, std::string_view field);
/// A field some levels down.
const nlohmann::json& member(const nlohmann::json& object, std::initializer_list<std::string_view> path);

} // namespace perch::kubernetes
