#include "core/platforms/kubernetes/lease_lock.h"

#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/http/client.h"
#include "core/platforms/kubernetes/kube_objects.h"
#include "core/platforms/kubernetes/object_writer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace perch::kubernetes {

namespace {

using nlohmann::json;
using rollout::ActorLock;
using rollout::Takeover;

constexpr std::chrono::seconds kLeaseTime{15};
/// A holder that could not renew for this long stops, well before another one may take the Lease.
constexpr std::chrono::seconds kRenewDeadline{10};
constexpr std::chrono::seconds kRenewEvery{2};
constexpr std::chrono::milliseconds kLeasePoll{500}, kLeaseRequest{4'000};
constexpr int kMostTries = 20; ///< against others who change the Lease at the same moment

struct LeaseState {
    std::string resourceVersion, holder;
    std::uint64_t transitions = 0;
    std::chrono::seconds time = kLeaseTime;
};

LeaseState stateOf(const json& lease) {
    const json& spec = member(lease, "spec");
    LeaseState state{.resourceVersion = jsonText(member(lease, "metadata"), "resourceVersion"),
                     .holder = jsonText(spec, "holderIdentity")};
    if (const json& number = member(spec, "leaseTransitions"); number.is_number_integer())
        state.transitions = static_cast<std::uint64_t>(std::max<std::int64_t>(number.get<std::int64_t>(), 0));
    if (const json& time = member(spec, "leaseDurationSeconds"); time.is_number_integer())
        state.time = std::chrono::seconds(std::clamp<std::int64_t>(time.get<std::int64_t>(), 1, 60));
    return state;
}

/// `ann@host (perch)` of `ann@host (perch) 5f1c20aa93bd`: the last word names the workspace. A holder that is no Perch
/// is shown as it is.
std::string holderWords(const std::string& holder) {
    const std::size_t space = holder.rfind(' ');
    return shownText(holder.ends_with(')') || space == std::string::npos ? holder : holder.substr(0, space), 120);
}

/// A Lease that this process holds. One thread renews it; another one acts.
class HeldLease final : public ActorLock {
public:
    HeldLease(std::shared_ptr<kube::ApiSession> session, ModelName model, const std::string& holder,
              const LeaseState& taken, std::unique_ptr<ActorLock> file, const Clock& clock)
        : m_model(std::move(model)),
          m_holder(holder),
          m_fence(taken.transitions),
          m_clock(clock),
          m_file(std::move(file)),
          m_writer(session),
          m_resourceVersion(taken.resourceVersion),
          m_renewedAt(clock.steadyNow()),
          m_thread([this, session](const std::stop_token& stop) { keep(session, stop); }) {
        m_writer.setDeadline(kLeaseRequest);
    }
    /// Gives the Lease back, so that the next one need not wait.
    ~HeldLease() override {
        m_thread.request_stop();
        m_thread.join();
        if (m_lost)
            return;
        m_writer.setDeadline(std::chrono::milliseconds(2'000));
        (void)m_writer.merge(kube::resources::kLeases, leaseOf(m_model), fields({{"holderIdentity", ""}})).has_value();
    }

    std::uint64_t fence() const override { return m_fence; }
    Result<void> check() const override {
        TRY(m_file->check());
        const std::lock_guard guard(m_mutex);
        if (m_lost)
            return *m_lost;
        if (m_clock.steadyNow() - m_renewedAt > kRenewDeadline)
            return fail(ErrorCode::Unavailable, "The Lease {} could not be renewed for {} s: {}", leaseOf(m_model),
                        kRenewDeadline.count(), m_problem.empty() ? "The API server does not answer." : m_problem);
        return {};
    }
    Result<void> confirm() const override {
        TRY(check());
        TRY(look(m_writer));
        return check();
    }

private:
    json fields(const json& spec) const {
        const std::lock_guard guard(m_mutex);
        return {{"metadata", {{"resourceVersion", m_resourceVersion}}}, {"spec", spec}};
    }

    void keep(const std::shared_ptr<kube::ApiSession>& session, const std::stop_token& stop) {
        ObjectWriter writer(session);
        writer.setDeadline(kLeaseRequest);
        while (http::pause(kRenewEvery, stop)) {
            const SteadyTime begun = m_clock.steadyNow();
            const Result<json> renewed = writer.merge(kube::resources::kLeases, leaseOf(m_model),
                                                      fields({{"renewTime", microTime(m_clock.now())}}), stop);
            if (!renewed && renewed.error().code != ErrorCode::Conflict &&
                renewed.error().code != ErrorCode::NotFound) {
                const std::lock_guard guard(m_mutex);
                m_problem = renewed.error().message;
                continue;
            }
            if (!renewed) {
                // Somebody has changed it: another actor, or only its labels.
                (void)look(writer).has_value();
                const std::lock_guard guard(m_mutex);
                if (m_lost)
                    return;
                continue;
            }
            const std::lock_guard guard(m_mutex);
            m_resourceVersion = stateOf(*renewed).resourceVersion;
            m_renewedAt = begun;
        }
    }

    /// Whether the Lease still is ours, as the server says now.
    Result<void> look(ObjectWriter& writer) const {
        const std::optional<json> lease = TRY(writer.get(kube::resources::kLeases, leaseOf(m_model)));
        const LeaseState now = lease ? stateOf(*lease) : LeaseState();
        const std::lock_guard guard(m_mutex);
        if (lease && now.holder == m_holder && now.transitions == m_fence) {
            m_resourceVersion = now.resourceVersion;
            return {};
        }
        m_lost = fail(ErrorCode::Conflict, "{} took over {}: nothing further was written.",
                      now.holder.empty() ? "Somebody" : holderWords(now.holder), m_model.text());
        return {};
    }

    const ModelName m_model;
    const std::string m_holder;
    const std::uint64_t m_fence;
    const Clock& m_clock;
    const std::unique_ptr<ActorLock> m_file;
    mutable ObjectWriter m_writer; ///< of the thread that acts
    mutable std::mutex m_mutex;
    mutable std::string m_resourceVersion;
    SteadyTime m_renewedAt;
    std::string m_problem;
    mutable std::optional<Error> m_lost;
    std::jthread m_thread;
};

/// Waits until a Lease that somebody else holds has run out: it did not change for its time, by our clock.
class ForeignLease {
public:
    explicit ForeignLease(const Clock& clock) : m_clock(&clock) {}
    /// Conflict when its holder lives.
    Result<bool> hasRunOut(const LeaseState& lease, const ModelName& model) {
        if (m_seen.empty()) {
            m_seen = lease.resourceVersion;
            m_since = m_clock->steadyNow();
        }
        if (m_seen != lease.resourceVersion)
            return fail(ErrorCode::Conflict, "{} acts on {} at this moment.", holderWords(lease.holder), model.text());
        return m_clock->steadyNow() - m_since > lease.time;
    }

private:
    const Clock* m_clock;
    std::string m_seen;
    SteadyTime m_since{};
};

} // namespace

std::string leaseOf(const ModelName& model) {
    return "perch-" + model.text();
}

std::string microTime(SystemTime time) {
    std::string text = toIso8601(time);
    text.insert(text.size() - 1, "000");
    return text;
}

Result<std::unique_ptr<ActorLock>> LeaseLocks::acquire(const ModelName& model, const rollout::Actor& actor,
                                                       std::uint64_t floor, Takeover takeover, std::stop_token stop) {
    std::unique_ptr<ActorLock> file = TRY(m_files.acquire(model, actor, floor, takeover, stop));
    const std::string holder =
        fmt::format("{} ({}) {}", actor.identity.substr(0, 120), actor.program.substr(0, 40), m_installation);
    ObjectWriter writer(m_session);
    writer.setDeadline(kLeaseRequest);
    ForeignLease foreign(m_clock);
    for (int tries = 0; tries < kMostTries;) {
        const std::optional<json> there = TRY(writer.get(kube::resources::kLeases, leaseOf(model), stop));
        const LeaseState now = there ? stateOf(*there) : LeaseState();
        const bool free = now.holder.empty() || now.holder.ends_with(" " + m_installation);
        if (!free && takeover == Takeover::No && !TRY(foreign.hasRunOut(now, model))) {
            if (!http::pause(kLeasePoll, stop))
                return fail(ErrorCode::Cancelled, "Waiting for the Lease {} was cancelled.", leaseOf(model));
            continue;
        }
        ++tries;
        const std::string time = microTime(m_clock.now());
        const json spec = {{"holderIdentity", holder},
                           {"leaseDurationSeconds", kLeaseTime.count()},
                           {"acquireTime", time},
                           {"renewTime", time},
                           {"leaseTransitions", std::max(now.transitions, floor) + 1}};
        json metadata = {{"name", leaseOf(model)}, {"labels", {{kModelLabel, model.text()}, {kManagerLabel, "perch"}}}};
        if (there)
            metadata["resourceVersion"] = now.resourceVersion;
        const json object = {{"apiVersion", "coordination.k8s.io/v1"},
                             {"kind", "Lease"},
                             {"metadata", std::move(metadata)},
                             {"spec", spec}};
        const Result<json> taken = there ? writer.merge(kube::resources::kLeases, leaseOf(model), object, stop)
                                         : writer.create(kube::resources::kLeases, object, DryRun::No, stop);
        if (taken)
            return std::make_unique<HeldLease>(m_session, model, holder, stateOf(*taken), std::move(file), m_clock);
        if (taken.error().code != ErrorCode::Conflict && taken.error().code != ErrorCode::NotFound)
            return taken.error();
    }
    return fail(ErrorCode::Conflict, "The Lease {} changes again and again: others act on {} too.", leaseOf(model),
                model.text());
}

} // namespace perch::kubernetes
