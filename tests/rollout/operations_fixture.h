#pragma once

#include "core/rollout/journal.h"
#include "core/rollout/operations.h"
#include "tests/support/disk_backend.h"

#include <unistd.h>

namespace perch::test {

inline const SystemTime kStart = fromMillis(1'795'000'000'000);

/// Hundreds of executions: in memory, where there is such a folder. A killed process loses nothing there either.
class MemoryFolder {
public:
    std::filesystem::path operator/(std::string_view name) const { return m_folder.path() / name; }

private:
    static std::filesystem::path parent() {
        return ::access("/dev/shm", W_OK) == 0 ? std::filesystem::path("/dev/shm") : std::filesystem::path();
    }
    TemporaryFolder m_folder = valueOf(TemporaryFolder::create("perch-test-", parent()));
};

enum class Traffic { ByRoute, ByReplicas };

/// A platform on disk with the model churn (v1 stable on two replicas; v2 and v3 registered), and operations on it. By
/// replicas: on four, and nothing else is there.
struct Installation {
    explicit Installation(const std::filesystem::path& folder, Traffic traffic = Traffic::ByRoute)
        : clock(kStart), workspace(valueOf(Workspace::open(folder))), backend(folder / "platform.json", clock) {
        if (!std::filesystem::exists(folder / "platform.json")) {
            if (traffic == Traffic::ByReplicas)
                backend.createLabelled("churn", 1, 4);
            else
                backend.create("churn", 1, 2, {2, 3});
        }
        operations = valueOf(rollout::Operations::open(backend, backend, workspace, clock, "ann@host"));
    }

    rollout::Intent intent(rollout::Action action, int to = 0, double weight = -1) const {
        rollout::Intent intent;
        intent.action = action;
        intent.model = valueOf(ModelName::parse("churn"));
        if (to > 0)
            intent.to = Version{static_cast<std::uint32_t>(to)};
        if (weight >= 0)
            intent.weight = valueOf(Percent::fromPercent(weight));
        intent.reason = "a test";
        intent.actor = {"ann@host", "test"};
        return intent;
    }
    Result<rollout::ExecutionReport> act(const rollout::Intent& what, std::stop_token stop = {}) {
        const rollout::Plan plan = TRY(operations->plan(what));
        return operations->execute(plan, {}, stop);
    }
    std::string split() { return valueOf(backend.read("Route/churn", "split")).value; }
    std::string replicas(int version) {
        return valueOf(backend.read("Deployment/churn-v" + std::to_string(version), "replicas")).value;
    }
    std::string role(int version) {
        return valueOf(backend.read("Deployment/churn-v" + std::to_string(version), "role")).value;
    }
    std::string alias(const char* name) { return valueOf(backend.read("Alias/churn", name)).value; }
    fleet::RolloutRecord record() {
        return valueOf(rollout::parseRecord(valueOf(backend.read("Rollout/churn", "record")).value));
    }
    fleet::Phase phase() { return static_cast<fleet::FactsSource&>(backend).read(std::stop_token())->models[0].phase; }
    std::vector<rollout::AuditProblem> auditProblems() { return valueOf(operations->verifyAuditLog()).problems; }

    ManualClock clock;
    Workspace workspace;
    DiskBackend backend;
    std::unique_ptr<rollout::Operations> operations;
};

} // namespace perch::test
