#include "core/platforms/local/local_platform.h"
#include "tests/e2e/installed_perch.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

/// A workspace on a disk of its own that is really full: a small tmpfs in a mount namespace of this process.
namespace perch {
namespace {

using test::InstalledPerch;
using test::PerchRun;
using test::valueOf;
using testing::AnyOf;
using testing::HasSubstr;

/// Mounts a small disk at a folder, for this process and its children. Why not, if that is not permitted.
std::string mountSmallDisk(const std::filesystem::path& folder) {
    const uid_t user = ::getuid();
    if (::unshare(user == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0)
        return fmt::format("a mount namespace: {}", std::strerror(errno));
    if (user != 0)
        std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=192m,mode=0700") != 0)
        return fmt::format("mounting a tmpfs: {}", std::strerror(errno));
    return {};
}

class FullDisk : public testing::Test {
protected:
    void SetUp() override {
        const std::string reason = mountSmallDisk(m_perch.workspace());
        if (!reason.empty())
            GTEST_SKIP() << "NOT TESTED, this machine does not permit " << reason;
        m_mounted = true;
    }
    void TearDown() override {
        if (!m_mounted)
            return;
        m_perch.down();
        ::umount2(m_perch.workspace().c_str(), MNT_DETACH);
    }
    std::filesystem::path filler() const { return m_perch.workspace() / "filler"; }
    /// Takes every byte that is left.
    void fill() {
        const int file = ::open(filler().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        ASSERT_GE(file, 0);
        const std::string block(1 << 20, 'x');
        for (std::size_t size = block.size(); size > 0; size /= 2) {
            while (::write(file, block.data(), size) > 0) {
            }
        }
        ::close(file);
        struct statvfs disk {};
        ASSERT_EQ(::statvfs(m_perch.workspace().c_str(), &disk), 0);
        ASSERT_EQ(disk.f_bavail, 0U);
    }
    void empty() { std::filesystem::remove(filler()); }

    PerchRun train(const char* seed) {
        return m_perch.run({"train", "--data", (test::sourceFolder() / "resources/data/wa_churn.csv").string(),
            "--label", "churn", "--positive", "Yes", "--model", "churn", "--rounds", "20", "--seed", seed, "--json"});
    }
    std::vector<std::string> packages() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(m_perch.workspace() / "packages"))
            names.push_back(entry.path().filename().string());
        std::ranges::sort(names);
        return names;
    }
    static void expectSentence(const PerchRun& run) {
        EXPECT_EQ(run.exitCode, 3) << run.out << run.err;
        EXPECT_THAT(run.document()["error"]["message"].get<std::string>(),
            AnyOf(HasSubstr("No space left on device"), HasSubstr("disk is full")));
    }

    InstalledPerch m_perch;
    bool m_mounted = false;
};

TEST_F(FullDisk, ATrainingSaysSoAndLeavesNothingBehind) {
    ASSERT_EQ(train("1").exitCode, 0);
    const std::vector<std::string> before = packages();
    fill();
    expectSentence(train("2"));
    empty();
    EXPECT_EQ(packages(), before);
    EXPECT_EQ(m_perch.must({"registry", "show", "churn", "--json"}).document()["versions"].size(), 1U);
    m_perch.must({"registry", "verify", "churn"});
    EXPECT_EQ(train("2").exitCode, 0) << "as if nothing had happened";
}

TEST_F(FullDisk, ARolloutStopsAndAnAbortStillWorks) {
    for (const char* seed : {"1", "2"})
        ASSERT_EQ(train(seed).exitCode, 0);
    m_perch.up();
    m_perch.must({"rollout", "start", "churn", "--to", "v2", "--weight", "10", "--yes", "--json"});
    const auto split = [&] {
        static const RealClock clock;
        const auto platform = valueOf(local::LocalPlatform::open(valueOf(Workspace::open(m_perch.workspace())), clock, "t@t"));
        return valueOf(platform->backend().read("Route/churn", "split")).value;
    };
    ASSERT_EQ(split(), "v1 90, v2 10");
    fill();
    expectSentence(m_perch.run({"rollout", "set-weight", "churn", "25", "--yes", "--json"}));
    EXPECT_EQ(split(), "v1 90, v2 10") << "no effect without its journal";

    const PerchRun aborted = m_perch.run({"rollout", "abort", "churn", "--yes", "--json"});
    EXPECT_EQ(aborted.exitCode, 0) << aborted.out << aborted.err;
    EXPECT_EQ(split(), "v1 100");
    empty();
    EXPECT_EQ(m_perch.statusOf("churn")["phase"], "aborted");
    m_perch.must({"audit", "verify"});
    // The next plan finds a platform that works.
    m_perch.must({"rollout", "start", "churn", "--to", "v2", "--weight", "10", "--yes", "--json"});
    EXPECT_EQ(split(), "v1 90, v2 10");
}

} // namespace
} // namespace perch
