#pragma once

#include "core/base/clock.h"
#include "core/kube/api_session.h"
#include "core/rollout/file_actor_lock.h"

#include <filesystem>
#include <memory>
#include <string>

namespace perch::kubernetes {

/// The name of the Lease of a model: `perch-churn`.
std::string leaseOf(const ModelName& model);

/// Actors of everywhere: the Lease `perch-<model>` of coordination.k8s.io/v1, 15 s, renewed every 2 s as long as its
/// holder lives. `leaseTransitions` is the fencing number. A Lease that somebody else holds has run out when it has not
/// changed for its time by our own clock; what the holder's clock says does not count. Within one workspace the file
/// lock comes first: a Lease that this workspace left behind when its program was killed is taken at once.
class LeaseLocks final : public rollout::ActorLocks {
public:
    /// `folder`: of the file locks. `installation`: names the workspace. `clock` must outlive it.
    LeaseLocks(std::shared_ptr<kube::ApiSession> session, std::filesystem::path folder, std::string installation,
               const Clock& clock)
        : m_session(std::move(session)),
          m_files(std::move(folder)),
          m_installation(std::move(installation)),
          m_clock(clock) {}

    /// Without takeover it waits up to the time of the Lease for one whose holder may have died.
    Result<std::unique_ptr<rollout::ActorLock>> acquire(const ModelName& model, const rollout::Actor& actor,
                                                        std::uint64_t floor, rollout::Takeover takeover,
                                                        std::stop_token stop) override;

private:
    const std::shared_ptr<kube::ApiSession> m_session;
    rollout::FileActorLocks m_files;
    const std::string m_installation;
    const Clock& m_clock;
};

/// `2026-11-22T04:05:06.789000Z`: as the API writes a MicroTime.
std::string microTime(SystemTime time);

} // namespace perch::kubernetes
