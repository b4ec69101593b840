#include "core/platforms/local/child_process.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <csignal>

namespace perch {
namespace {

using local::ChildExit;
using local::ChildProcess;
using nlohmann::json;

/// `perch demo --headless` as a child, in a workspace of its own.
class Story : public testing::Test {
protected:
    ChildProcess startDemo() {
        return test::valueOf(ChildProcess::start(
            {.arguments = {(test::programFolder() / "perch").string(), "demo", "--headless", "--workspace",
                           (m_folder / "workspace").string(), "--report", (m_folder / "report").string()},
             .folder = m_folder.path(),
             .log = m_folder / "demo.log"}));
    }

    std::string output() { return readFile(m_folder / "demo.log").value_or(""); }

    bool isPlatformGone() {
        const Result<FileLock> lock = FileLock::acquire(m_folder / "workspace" / "local" / "supervisor.lock");
        return lock.has_value() && !std::filesystem::exists(m_folder / "workspace" / "local" / "status.json");
    }

    test::Folder m_folder;
};

double number(const json& document, const char* pointer) {
    const json& value = document.at(json::json_pointer(pointer));
    EXPECT_TRUE(value.is_number()) << pointer << " was not reached";
    return value.is_number() ? value.get<double>() : -1;
}

TEST_F(Story, PlaysToItsEndWithTheMeasuredFiguresInTheirBands) {
    ChildProcess demo = startDemo();
    std::optional<ChildExit> end;
    ASSERT_TRUE(test::waitUntil([&] { return (end = demo.poll()).has_value(); }, std::chrono::seconds(390)))
        << output();
    ASSERT_TRUE(end->clean()) << end->text() << "\n" << output();

    const json report = json::parse(test::valueOf(readFile(m_folder / "report" / "report.json")));
    EXPECT_NEAR(number(report, "/accuracy/before/value"), 0.938, 0.02);
    EXPECT_NEAR(number(report, "/accuracy/degraded/value"), 0.68, 0.03);
    EXPECT_NEAR(number(report, "/accuracy/recovered/value"), 0.89, 0.03);
    EXPECT_GT(number(report, "/drift_at_shift/value"), 0.15);
    EXPECT_GT(number(report, "/hours/detected_after"), 0);
    EXPECT_GT(number(report, "/hours/promoted"), number(report, "/hours/alert"));
    EXPECT_TRUE(report.at("acceptance").at("accepted").get<bool>());

    EXPECT_GT(number(report, "/traffic/sent"), 10'000);
    EXPECT_EQ(number(report, "/traffic/lost"), 0);
    EXPECT_EQ(number(report, "/traffic/errors"), 0) << report.at("traffic").at("first_failure");
    ASSERT_EQ(report.at("splits").size(), 3U);
    for (const json& split : report.at("splits"))
        EXPECT_NEAR(split.at("real").get<double>(), split.at("wanted").get<double>(), 0.05) << split;
    EXPECT_LT(number(report, "/rollback/traffic_ms"), 1'000);
    EXPECT_LT(number(report, "/rollback/accuracy/value"), 0.85);
    EXPECT_TRUE(report.at("audit").at("verified").get<bool>());
    EXPECT_GE(number(report, "/audit/records"), 8);

    EXPECT_TRUE(std::filesystem::exists(m_folder / "report" / "report.html"));
    EXPECT_TRUE(std::filesystem::exists(m_folder / "report" / "report.md"));
    EXPECT_TRUE(isPlatformGone());
}

TEST_F(Story, StoppedInTheMiddleItLeavesNothingRunning) {
    ChildProcess demo = startDemo();
    ASSERT_TRUE(test::waitUntil([&] { return output().find("serves behind HAProxy") != std::string::npos; },
                                std::chrono::seconds(120)))
        << output();
    EXPECT_FALSE(isPlatformGone());
    demo.signal(SIGINT);
    std::optional<ChildExit> end;
    ASSERT_TRUE(test::waitUntil([&] { return (end = demo.poll()).has_value(); }, std::chrono::seconds(40))) << output();
    EXPECT_THAT(end->text(), testing::HasSubstr("130"));
    EXPECT_TRUE(isPlatformGone());
    EXPECT_FALSE(std::filesystem::exists(m_folder / "report" / "report.json"));
}

} // namespace
} // namespace perch
