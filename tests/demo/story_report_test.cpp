#include "core/demo/story_report.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

namespace perch::demo {
namespace {

using testing::HasSubstr;
using testing::Not;

StoryReport sample() {
    StoryReport report;
    report.seed = 42;
    report.historyRows = 100'000;
    report.historyDefaultRate = 0.02;
    report.before = {0.9381, 0.93, 0.94, 6'000, 5};
    report.degraded = {0.6807, 0.67, 0.69, 5'900, 10};
    report.shiftHour = 5;
    report.alertHour = 7.5;
    report.promotedHour = 15;
    report.splits = {{"v2", 0.10, 98, 1'000, 2.5}};
    report.rollback.version = "v3";
    report.rollback.trafficMs = 12;
    report.traffic.sent = 40'000;
    report.traffic.byVersion = {{{1}, 30'000}, {{2}, 10'000}};
    report.audit = {9, {}, true};
    report.accuracyLines = {{"v1", {{0, 0.94}, {10, 0.68}}}};
    report.events = {{5, "The <economy> shifts."}};
    return report;
}

TEST(StoryReport, HoursFollowFromTheMoments) {
    const StoryReport report = sample();
    EXPECT_DOUBLE_EQ(report.detectedAfterHours().value(), 2.5);
    EXPECT_DOUBLE_EQ(report.restoredAfterHours().value(), 7.5);
    EXPECT_FALSE(StoryReport().detectedAfterHours().has_value());
}

TEST(StoryReport, DocumentHoldsMeasuredValuesBesideTheReference) {
    const nlohmann::json document = toJson(sample());
    EXPECT_DOUBLE_EQ(document.at("/accuracy/before/value"_json_pointer).get<double>(), 0.9381);
    EXPECT_DOUBLE_EQ(document.at("/reference/accuracy_before"_json_pointer).get<double>(), 0.938);
    EXPECT_TRUE(document.at("/accuracy/recovered/value"_json_pointer).is_null()) << "what was not reached is not 0";
    EXPECT_DOUBLE_EQ(document.at("time_factor").get<double>(), 720);
    EXPECT_DOUBLE_EQ(document.at("/splits/0/real"_json_pointer).get<double>(), 0.098);
    EXPECT_EQ(document.at("/traffic/by_version/v2"_json_pointer), 10'000);
    EXPECT_DOUBLE_EQ(document.at("constant_answer_accuracy").get<double>(), 0.98);
}

TEST(StoryReport, MarkdownSaysWhatAConstantAnswerHasAndWhatWasNotReached) {
    const std::string text = toMarkdown(sample());
    EXPECT_THAT(text, HasSubstr("A constant answer \"no default\" is right on 98.0"));
    EXPECT_THAT(text, HasSubstr("time factor 720"));
    EXPECT_THAT(text, HasSubstr("| Live accuracy after the promotion | not reached | about 89 % |"));
    EXPECT_THAT(text, HasSubstr("| 72 h |"));
}

TEST(StoryReport, BrokenAuditAndLostRequestsAreSaid) {
    StoryReport report = sample();
    report.audit.verified = false;
    report.traffic.lost = 3;
    const std::string text = toMarkdown(report);
    EXPECT_THAT(text, HasSubstr("BROKEN"));
    EXPECT_THAT(text, HasSubstr("40,000 / 3 / 0"));
}

TEST(StoryReport, PageIsSelfContainedAndEscaped) {
    const test::Folder folder;
    ASSERT_TRUE(test::succeeded(writeFileAtomically(folder / "model.png", "Man")));
    const std::string page = toHtml(sample(), {folder / "model.png"});
    EXPECT_THAT(page, HasSubstr("The &lt;economy&gt; shifts."));
    EXPECT_THAT(page, HasSubstr("data:image/png;base64,TWFu'"));
    EXPECT_THAT(page, HasSubstr("<polyline"));
    EXPECT_THAT(page, Not(HasSubstr("src='http")));
    EXPECT_THAT(page, Not(HasSubstr("href")));
}

TEST(StoryReport, WritesThreeFiles) {
    const test::Folder folder;
    ASSERT_TRUE(test::succeeded(writeReport(sample(), folder / "report", {})));
    for (const char* name : {"report.json", "report.md", "report.html"})
        EXPECT_TRUE(std::filesystem::exists(folder / "report" / name)) << name;
}

} // namespace
} // namespace perch::demo
