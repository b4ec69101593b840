#include "core/base/machine.h"

#include "core/base/file.h"

#include <gtest/gtest.h>

namespace perch {
namespace {

class MachineTest : public testing::Test {
protected:
    void tell(const char* stat, const char* memory) {
        ASSERT_TRUE(writeFileAtomically(m_proc.path() / "stat", stat));
        ASSERT_TRUE(writeFileAtomically(m_proc.path() / "meminfo", memory));
    }
    TemporaryFolder m_proc = *TemporaryFolder::create("perch-machine-");
};

TEST_F(MachineTest, CountsBusyThreadsBetweenTwoSamples) {
    MachineReader reader("/", m_proc.path());
    tell("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1\ncpu1 1\nintr 5\n", "MemTotal: 2048 kB\nMemAvailable: 512 kB\n");
    const auto first = reader.read({});
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->threads, 2U);
    EXPECT_FALSE(first->busyThreads);
    EXPECT_EQ(first->memoryUsed, 1'536U * 1'024);
    EXPECT_GT(first->diskTotal, 0U);
    // 100 ticks of which 75 were work: 1.5 of two threads.
    tell("cpu  150 0 125 720 105 0 0 0 0 0\ncpu0 1\ncpu1 1\n", "MemTotal: 2048 kB\nMemAvailable: 512 kB\n");
    const auto second = reader.read({});
    ASSERT_TRUE(second);
    ASSERT_TRUE(second->busyThreads);
    EXPECT_DOUBLE_EQ(*second->busyThreads, 1.5);
}

TEST_F(MachineTest, NamesTheFileThatTellsNothing) {
    MachineReader reader("/", m_proc.path());
    tell("nonsense\n", "MemTotal: 2048 kB\n");
    const auto sample = reader.read({});
    ASSERT_FALSE(sample);
    EXPECT_EQ(sample.error().code, ErrorCode::Corrupt);
    EXPECT_NE(sample.error().message.find("stat"), std::string::npos);
}

TEST(Machine, ReadsThisOne) {
    MachineReader reader(".");
    EXPECT_TRUE(reader.read({}));
}

} // namespace
} // namespace perch
