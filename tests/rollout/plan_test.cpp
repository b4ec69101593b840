#include "core/rollout/plan.h"
#include "core/rollout/plan_text.h"
#include "tests/rollout/case_file.h"

#include <nlohmann/json.hpp>

#include <cstdlib>

namespace perch::rollout {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

const SystemTime kNow = fromMillis(1'795'000'000'000);

std::string planned(const test::PlanCase& one) {
    const auto plan = makePlan(one.snapshot, one.intent, kNow);
    if (!plan)
        return fmt::format("refused ({}): {}\n", toString(plan.error().code), plan.error().message);
    return planText(*plan);
}

std::vector<std::filesystem::path> caseFiles() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(test::sourceFolder() / "tests/rollout/cases")) {
        if (entry.path().extension() == ".txt")
            files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

/// With PERCH_WRITE_CASES=1 the plans are written into the files instead, to be read and committed by a person.
TEST(PlanCases, EveryCaseFileHoldsItsPlan) {
    const std::vector<std::filesystem::path> files = caseFiles();
    ASSERT_GE(files.size(), 15u);
    for (const auto& file : files) {
        const std::string text = valueOf(readFile(file));
        const auto line = text.find("---\n");
        ASSERT_NE(line, std::string::npos) << file;
        const std::string plan = planned(test::CaseReader().read(text.substr(0, line)));
        if (std::getenv("PERCH_WRITE_CASES") != nullptr) {
            ASSERT_TRUE(test::succeeded(writeFileAtomically(file, text.substr(0, line) + "---\n" + plan)));
        } else {
            EXPECT_EQ(plan, text.substr(line + 4)) << file.filename();
        }
    }
}

const char* const kCanary = "route v1 90, v2 10\nrecord step v1 v2 weight 10\nalias champion v1\nalias challenger v2\n"
                            "version v1 stable ready 2/2\nversion v2 canary ready 1/1\n";

TEST(Plan, IsPure) {
    const auto one = test::CaseReader().read(std::string(kCanary) + "intent set_weight weight 25\n");
    const Plan first = valueOf(makePlan(one.snapshot, one.intent, kNow));
    const Plan second = valueOf(makePlan(one.snapshot, one.intent, kNow));
    EXPECT_EQ(toJson(first), toJson(second));
    EXPECT_EQ(first.id.size(), 32u);
    EXPECT_NE(first.id, valueOf(makePlan(one.snapshot, one.intent, kNow + std::chrono::seconds(1))).id);
}

TEST(Plan, EachStepBeginsWhereTheOneBeforeLeftTheField) {
    for (const char* intent : {"set_weight weight 60", "promote_fully", "abort", "roll_back to v1"}) {
        const auto one = test::CaseReader().read(std::string(kCanary) + "intent " + intent + "\n");
        const Plan plan = valueOf(makePlan(one.snapshot, one.intent, kNow));
        std::map<std::string, std::string> fields;
        for (const Step& step : plan.steps) {
            const std::string key = step.object + " " + step.field;
            if (fields.contains(key)) {
                EXPECT_EQ(step.before, fields[key]) << intent << ": " << step.title;
            }
            EXPECT_NE(step.before, step.after) << intent << ": " << step.title;
            fields[key] = step.after;
        }
    }
}

TEST(Plan, JsonHasTheContractAndReadsBack) {
    const auto one = test::CaseReader().read(std::string(kCanary) + "intent promote_fully\n");
    const Plan plan = valueOf(makePlan(one.snapshot, one.intent, kNow));
    const nlohmann::json json = toJson(plan);
    for (const char* field : {"risk", "steps", "checks", "owners", "warnings"})
        EXPECT_TRUE(json.contains(field)) << field;
    for (const char* field : {"title", "object", "uid", "field", "before", "after", "undo", "preconditions"})
        EXPECT_TRUE(json["steps"][0].contains(field)) << field;
    EXPECT_TRUE(json["checks"].contains("dry_run") && json["checks"].contains("capacity"));
    const Plan read = valueOf(planFromJson(json));
    EXPECT_EQ(toJson(read)["steps"], json["steps"]);
    EXPECT_EQ(toJson(read)["intent"], json["intent"]);
    EXPECT_THAT(planFromJson(nlohmann::json::object()), failsWith(ErrorCode::InvalidInput, HasSubstr("\"id\"")));
}

TEST(Plan, AnUnknownModelIsNotFound) {
    auto one = test::CaseReader().read(std::string(kCanary) + "intent abort\n");
    one.intent.model = valueOf(ModelName::parse("fraud"));
    EXPECT_THAT(makePlan(one.snapshot, one.intent, kNow), failsWith(ErrorCode::NotFound, HasSubstr("fraud")));
}

TEST(Availability, EveryActionIsOnOrSaysWhyNot) {
    const struct {
        const char* facts;
        std::vector<Action> enabled;
    } cases[] = {
        {"route v1 100\nversion v1 stable ready 2/2\n", {Action::Start, Action::Shadow}},
        {"route v2 100\nversion v2 stable ready 2/2\nversion v1 retired\n", {Action::Start, Action::Shadow, Action::RollBack}},
        {kCanary, {Action::Promote, Action::PromoteFully, Action::SetWeight, Action::Pause, Action::Abort, Action::RollBack}},
        {"route v1 90, v2 10\nrecord step v1 v2 weight 10 held\nversion v1 stable ready 2/2\nversion v2 canary ready 1/1\n",
            {Action::Promote, Action::PromoteFully, Action::SetWeight, Action::Resume, Action::Abort, Action::RollBack}},
        {"route v1 100\nrecord step v1 v2 weight 10 begun\nversion v1 stable ready 2/2\n", {Action::Abort, Action::RollBack}},
        {"route v1 100\nrecord step v1 v2 weight 10 failed\nversion v1 stable ready 2/2\n",
            {Action::Abort, Action::Retry, Action::RollBack}},
        {"route v1 50, v2 50\nrecord step v1 v2 weight 10\nversion v1 stable ready 2/2\n", {Action::Abort, Action::RollBack}},
        {"route v1 100\nmirror v2 10\nrecord shadow v1 v2 share 10\nversion v1 stable ready 2/2\nversion v2 shadow ready 1/1\n",
            {Action::Start, Action::Shadow, Action::Abort}},
        {"route v2 100\nrecord promote v1 v2 previous v1\nversion v2 stable ready 2/2\n", {Action::Start, Action::Shadow, Action::RollBack}},
    };
    for (const auto& one : cases) {
        const auto facts = test::CaseReader().read(one.facts);
        for (const Action action : kActions) {
            const bool on = std::ranges::find(one.enabled, action) != one.enabled.end();
            const std::string why = whyDisabled(facts.snapshot.models[0], {.action = action});
            EXPECT_EQ(why.empty(), on) << one.facts << toString(action) << ": " << why;
        }
    }
}

} // namespace
} // namespace perch::rollout
