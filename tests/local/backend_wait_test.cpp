#include "core/platforms/local/local_backend.h"
#include "core/registry/embedded_registry.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <sys/wait.h>
#include <unistd.h>

namespace perch::local {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

class LocalBackendWait : public testing::Test {
protected:
    /// What waiting for a replica of churn v1 says when the supervisor last wrote `age` ago, and its deadline is over.
    Result<void> await(std::int64_t supervisor, std::chrono::seconds age) {
        LocalStatus status;
        status.supervisor = supervisor;
        status.writtenAt = m_clock.now() - age;
        valueOf(writeFileAtomically(m_files.status(), status.toJson().dump()));
        const rollout::Step step{.object = "Deployment/churn-v1", .field = "replicas", .before = "0", .after = "1"};
        return m_backend.awaitEffect(step, {}, m_clock.steadyNow() - std::chrono::seconds(1));
    }

    test::Folder m_folder;
    ManualClock m_clock{fromMillis(1'795'000'000'000)};
    Workspace m_workspace = valueOf(Workspace::open(m_folder / "ws"));
    LocalFiles m_files{m_workspace};
    LocalStore m_store = valueOf(LocalStore::open(m_workspace));
    std::unique_ptr<registry::Registry> m_registry = valueOf(registry::EmbeddedRegistry::open(m_workspace, m_clock));
    LocalBackend m_backend{m_files, m_store, *m_registry, m_clock};
};

TEST_F(LocalBackendWait, GoesOnWhileALateSupervisorLives) {
    const pid_t dead = ::fork();
    if (dead == 0)
        ::_exit(0);
    ::waitpid(dead, nullptr, 0);
    EXPECT_THAT(await(::getpid(), std::chrono::seconds(1)), failsWith(ErrorCode::Timeout, HasSubstr("not in effect")));
    EXPECT_THAT(await(::getpid(), std::chrono::seconds(60)), failsWith(ErrorCode::Timeout, HasSubstr("not in effect")));
    EXPECT_THAT(await(dead, std::chrono::seconds(1)), failsWith(ErrorCode::Unavailable, HasSubstr("does not run")));
}

} // namespace
} // namespace perch::local
