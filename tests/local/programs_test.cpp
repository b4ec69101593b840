#include "core/platforms/local/local_runtime.h"
#include "core/platforms/local/programs.h"
#include "tests/support/test_support.h"

#include <cstdlib>

namespace perch::local {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

/// A machine on which only what is put into its folder is installed.
class ProgramsTest : public testing::Test {
protected:
    void SetUp() override { ::setenv("PERCH_PATH", m_folder.path().c_str(), 1); }
    void TearDown() override { ::unsetenv("PERCH_PATH"); }
    void install(const std::string& name) { std::filesystem::create_symlink("/bin/true", m_folder / name); }
    test::Folder m_folder;
};

TEST_F(ProgramsTest, AMissingOneIsNamedWithItsPackage) {
    EXPECT_THAT(Programs::find(), failsWith(ErrorCode::Unavailable,
                                            HasSubstr("haproxy is not installed: install the package haproxy.")));
    install("haproxy");
    EXPECT_THAT(Programs::find(), failsWith(ErrorCode::Unavailable, HasSubstr("install the package prometheus.")));
}

TEST_F(ProgramsTest, OnlyStartingNeedsThem) {
    const RealClock clock;
    LocalRuntime runtime = valueOf(LocalRuntime::open(valueOf(Workspace::open(m_folder / "ws")), clock));
    EXPECT_THAT(runtime.status(), failsWith(ErrorCode::NotFound, HasSubstr("perch local up")));
    EXPECT_FALSE(valueOf(runtime.down({})));
    EXPECT_THAT(runtime.up({}, {}, {}), failsWith(ErrorCode::Unavailable, HasSubstr("haproxy")));
}

} // namespace
} // namespace perch::local
