#pragma once

#include "core/base/clock.h"
#include "core/kube/api_client.h"

#include <optional>
#include <string>

namespace perch::kubernetes {

/// Whether the sign-in may do what every action on a model needs (AccessPurpose::Change of kube::neededAccess), as the
/// server itself says; asked again after a minute. One thread at a time.
class WriteAccess {
public:
    /// `clock` must outlive it.
    WriteAccess(std::shared_ptr<kube::ApiSession> session, const Clock& clock)
        : m_client(std::move(session)), m_clock(clock) {}

    /// The right that is missing, in one sentence; empty if none is, or if the server does not say: then the action
    /// itself will be told.
    const std::string& whyNot(const std::stop_token& stop);

private:
    std::string ask(const std::stop_token& stop);

    kube::ApiClient m_client;
    const Clock& m_clock;
    std::optional<SteadyTime> m_askedAt;
    std::string m_whyNot;
};

} // namespace perch::kubernetes
