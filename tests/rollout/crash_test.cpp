#include "tests/rollout/operations_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

/// The executor is killed at its k-th point between two effects, for every k; a fresh process recovers. What the
/// platform then says is wholly the state before or wholly the state after, and journal and audit say which.
namespace perch::rollout {
namespace {

using test::Installation;
using test::MemoryFolder;
using test::succeeded;
using test::valueOf;
using testing::IsEmpty;

struct Scenario {
    const char* name;
    std::vector<std::tuple<Action, int, double>> before; ///< what leads to the state in which it starts
    std::tuple<Action, int, double> action;
    test::Traffic traffic = test::Traffic::ByRoute;
};

/// Counts the crash points and dies at one of them.
Operations::CrashPoint dieAt(int point) {
    return [point, count = 0](std::string_view) mutable {
        if (count++ == point)
            ::kill(::getpid(), SIGKILL);
    };
}

/// Runs `body` in a process of its own that may be killed; true if it came to its end.
bool survives(const std::function<void()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        body();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status);
}

/// The fields as a person sees them: no record is the same as one that says that no rollout runs.
std::map<std::string, std::string> truth(const Installation& all) {
    std::map<std::string, std::string> fields = all.backend.fields();
    // Nor does a deployment without replicas differ from one that is not there, unless it is the stable one.
    for (const auto& [name, value] : all.backend.fields()) {
        if (name.ends_with(" replicas") && value == "0") {
            std::string& role = fields[name.substr(0, name.size() - 8) + "role"];
            role = role == "stable" ? role : "";
            fields[name].clear();
        }
    }
    std::erase_if(fields, [](const auto& field) { return field.second.empty(); });
    const auto record = fields.find("Rollout/churn record");
    if (record == fields.end())
        return fields;
    fleet::RolloutRecord parsed = valueOf(parseRecord(record->second));
    parsed.revision = 0;
    parsed.fence = 0;
    parsed.auditHead.clear();
    parsed.auditWriter.clear();
    record->second = toJson(parsed).dump();
    if (parsed.goal == fleet::RolloutRecord::Goal::None)
        fields.erase(record);
    return fields;
}

void act(Installation& all, const std::tuple<Action, int, double>& action) {
    ASSERT_TRUE(succeeded(all.act(all.intent(std::get<0>(action), std::get<1>(action), std::get<2>(action)))));
}

void copyFolder(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::filesystem::remove_all(to);
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
}

void checkTruth(Installation& all, const std::map<std::string, std::string>& before,
    const std::map<std::string, std::string>& after, std::size_t recordsBefore, const std::string& where) {
    const auto now = truth(all);
    ASSERT_TRUE(now == before || now == after) << where << ": half done:\n"
                                               << testing::PrintToString(now) << "\nbefore\n"
                                               << testing::PrintToString(before) << "\nafter\n"
                                               << testing::PrintToString(after);
    EXPECT_THAT(all.auditProblems(), IsEmpty()) << where;
    EXPECT_THAT(valueOf(valueOf(Journal::open(all.workspace.journal())).unclosed()), IsEmpty()) << where;
    const auto records = valueOf(all.operations->auditRecords());
    if (records.size() == recordsBefore) {
        EXPECT_EQ(now, before) << where << ": done without a record";
        return;
    }
    ASSERT_EQ(records.size(), recordsBefore + 1) << where;
    const std::string& result = records.back().result;
    if (result == "undone_after_crash") {
        EXPECT_EQ(now, before) << where << ": " << result;
    } else {
        EXPECT_TRUE(result == "done" || result == "finished_after_crash") << where << ": " << result;
        EXPECT_EQ(now, after) << where << ": " << result;
    }
}

class Crash : public testing::TestWithParam<Scenario> {};

TEST_P(Crash, EndsInATrueState) {
    const Scenario& scenario = GetParam();
    MemoryFolder folder;
    std::size_t recordsBefore = scenario.before.size();
    std::map<std::string, std::string> before, after;
    {
        Installation start(folder / "start", scenario.traffic);
        for (const auto& action : scenario.before)
            act(start, action);
        before = truth(start);
    }
    copyFolder(folder / "start", folder / "whole");
    int points = 0;
    {
        Installation whole(folder / "whole");
        whole.operations->setCrashPoint([&](std::string_view) { ++points; });
        act(whole, scenario.action);
        after = truth(whole);
    }
    ASSERT_NE(before, after);
    ASSERT_GE(points, 8);
    for (int point = 0; point < points; ++point) {
        const std::string where = fmt::format("{} killed at {} of {}", scenario.name, point, points);
        copyFolder(folder / "start", folder / "crash");
        EXPECT_FALSE(survives([&] {
            Installation dying(folder / "crash");
            dying.operations->setCrashPoint(dieAt(point));
            act(dying, scenario.action);
        })) << where;
        // Recovery may die as well, at every third point of its own, and is repeated.
        survives([&] {
            Installation dying(folder / "crash");
            dying.operations->setCrashPoint(dieAt(point % 7));
            (void)dying.operations->recover().has_value();
        });
        Installation fresh(folder / "crash");
        ASSERT_TRUE(succeeded(fresh.operations->recover())) << where;
        checkTruth(fresh, before, after, recordsBefore, where);
        if (testing::Test::HasFailure())
            return;
        EXPECT_THAT(valueOf(fresh.operations->recover()), IsEmpty()) << where << ": recovery is done once";
    }
}

constexpr test::Traffic kByReplicas = test::Traffic::ByReplicas;

INSTANTIATE_TEST_SUITE_P(Executor, Crash,
    testing::Values(Scenario{"start", {}, {Action::Start, 2, 10}},
        Scenario{"set_weight", {{Action::Start, 2, 10}}, {Action::SetWeight, 0, 60}},
        Scenario{"promote_fully", {{Action::Start, 2, 10}}, {Action::PromoteFully, 0, -1}},
        Scenario{"abort", {{Action::Start, 2, 10}}, {Action::Abort, 0, -1}},
        Scenario{"roll_back", {{Action::Start, 2, 10}, {Action::PromoteFully, 0, -1}}, {Action::RollBack, 0, -1}},
        Scenario{"shadow", {}, {Action::Shadow, 2, 10}},
        Scenario{"shadow_to_canary", {{Action::Shadow, 2, 10}}, {Action::Start, 2, 10}},
        Scenario{"abort_shadow", {{Action::Shadow, 2, 10}}, {Action::Abort, 0, -1}},
        Scenario{"pause", {{Action::Start, 2, 10}}, {Action::Pause, 0, -1}},
        Scenario{"ratio_start", {}, {Action::Start, 2, 25}, kByReplicas},
        Scenario{"ratio_set_weight", {{Action::Start, 2, 25}}, {Action::SetWeight, 0, 50}, kByReplicas},
        Scenario{"ratio_less_weight", {{Action::Start, 2, 50}}, {Action::SetWeight, 0, 25}, kByReplicas},
        Scenario{"ratio_promote_fully", {{Action::Start, 2, 25}}, {Action::PromoteFully, 0, -1}, kByReplicas},
        Scenario{"ratio_abort", {{Action::Start, 2, 25}}, {Action::Abort, 0, -1}, kByReplicas},
        Scenario{"ratio_roll_back", {{Action::Start, 2, 25}, {Action::PromoteFully, 0, -1}}, {Action::RollBack, 0, -1},
            kByReplicas},
        Scenario{"ratio_again", {{Action::Start, 2, 25}, {Action::Abort, 0, -1}}, {Action::Start, 2, 50}, kByReplicas}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(Recovery, WhatSomebodyElseChangedIsLeftAlone) {
    MemoryFolder folder;
    {
        Installation start(folder / "w");
        act(start, {Action::Start, 2, 10});
    }
    // Dies after the traffic of the promotion has moved and before the alias.
    ASSERT_FALSE(survives([&] {
        Installation dying(folder / "w");
        dying.operations->setCrashPoint([&](std::string_view next) {
            if (next == "begin" && dying.split() == "v2 100")
                ::kill(::getpid(), SIGKILL);
        });
        act(dying, {Action::PromoteFully, 0, -1});
    }));
    Installation fresh(folder / "w");
    ASSERT_EQ(fresh.split(), "v2 100");
    fresh.backend.setField("Alias/churn", "champion", "v3");
    const auto recovered = valueOf(fresh.operations->recover());
    ASSERT_EQ(recovered.size(), 1u);
    EXPECT_EQ(recovered[0].result, RecoveredPlan::Result::Foreign);
    EXPECT_EQ(fresh.alias("champion"), "v3");
    EXPECT_EQ(fresh.phase(), fleet::Phase::Failed);
    EXPECT_EQ(valueOf(fresh.operations->auditRecords()).back().result, "failed");
    ASSERT_TRUE(succeeded(fresh.act(fresh.intent(Action::RollBack))));
    EXPECT_EQ(fresh.split(), "v1 100");
}

TEST(Recovery, AbortAfterACrashNeedsNoRecoveryFirst) {
    MemoryFolder folder;
    {
        Installation start(folder / "w");
        act(start, {Action::Start, 2, 10});
    }
    ASSERT_FALSE(survives([&] {
        Installation dying(folder / "w");
        dying.operations->setCrashPoint(dieAt(6));
        act(dying, {Action::PromoteFully, 0, -1});
    }));
    Installation fresh(folder / "w");
    fresh.clock.advance(std::chrono::seconds(5));
    ASSERT_TRUE(succeeded(fresh.act(fresh.intent(Action::Abort))));
    EXPECT_EQ(fresh.split(), "v1 100");
    EXPECT_EQ(fresh.phase(), fleet::Phase::Aborted);
    EXPECT_THAT(valueOf(fresh.operations->recover()), IsEmpty());
    const auto records = valueOf(fresh.operations->auditRecords());
    ASSERT_EQ(records.size(), 3u);
    EXPECT_EQ(records[1].result, "superseded");
    EXPECT_THAT(fresh.auditProblems(), IsEmpty());
}

} // namespace
} // namespace perch::rollout
