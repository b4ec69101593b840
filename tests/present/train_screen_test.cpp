#include "core/present/train_screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace perch::present {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNow = 1'778'596'328'000; // 2026-05-12T14:32:08Z

/// Round 448 of 600, best round 412, stops at 462; 4 rounds a second.
std::shared_ptr<TrainingRun> runningRun() {
    auto run = std::make_shared<TrainingRun>();
    run->id = "r-1";
    run->model = *ModelName::parse("credit-risk");
    run->state = model::RunState::Running;
    run->started = fromMillis(kNow - 112'000);
    run->by = "oncall-eu@ops";
    run->dataset = {"/data/loans.parquet", "51ce08aa7d3b0000", 100'000, 13, "default_12m", 0.16, "time", 70'000, 15'000, 15'000};
    run->rounds = 600;
    run->round = 448;
    run->bestRound = 412;
    run->stopAt = 462;
    for (std::uint32_t round = 1; round <= 448; ++round) {
        const double loss = 0.18 + 0.3 / round;
        run->curve.push_back({round, Seconds(round / 4.0), {{"logloss", loss}, {"error", 0.07}}, {{"logloss", loss + 0.01}, {"error", 0.08}}});
    }
    run->steps = {{"read", model::RunStep::State::Done, Seconds(0.9)}, {"train", model::RunStep::State::Running, Seconds(112)},
        {"test", model::RunStep::State::Waiting, Seconds(0)}};
    return run;
}

TrainScreen screenOf(std::vector<std::shared_ptr<TrainingRun>> runs, TrainChoice choice = {}) {
    TrainingFacts facts;
    facts.runs.assign(runs.begin(), runs.end());
    TrainScreenInput input;
    input.model = *ModelName::parse("credit-risk");
    input.choice = std::move(choice);
    return makeTrainScreen(facts, input, fromMillis(kNow));
}

TEST(TrainScreen, SaysWhereARunningTrainingIsAndWhenItEnds) {
    const TrainScreen screen = screenOf({runningRun()});
    EXPECT_EQ(screen.chip.word.english(), "Training");
    EXPECT_EQ(screen.progress.round.english(), "Round 448 of 600");
    EXPECT_EQ(screen.progress.pace.english(), "1\u00a0min 52\u00a0s, 4.0 rounds/s");
    EXPECT_THAT(screen.progress.likely.english(), HasSubstr("Likely end: round 462, in "));
    EXPECT_THAT(screen.progress.most.english(), HasSubstr("At most: round 600, in 38"));
    EXPECT_TRUE(screen.pause.enabled);
    EXPECT_TRUE(screen.stop.enabled);
    EXPECT_FALSE(screen.start.enabled);
    EXPECT_EQ(screen.start.reason.english(), "A training is running");
    EXPECT_TRUE(screen.parameters.readOnly);
    EXPECT_EQ(screen.note.english(), "local engine, XGBoost, started 14:30:16 by oncall-eu");
}

TEST(TrainScreen, MarksTheBestRoundAndWhereItStops) {
    const CurveCard curve = screenOf({runningRun()}).curve;
    ASSERT_EQ(curve.uprights.size(), 2U);
    EXPECT_EQ(curve.uprights[0].first.english(), "best so far, round 412");
    EXPECT_EQ(curve.uprights[1].first.english(), "stops at 462");
    ASSERT_TRUE(curve.hatched);
    EXPECT_EQ(curve.hatched->first, 412);
    EXPECT_EQ(curve.hatched->second, 462);
    ASSERT_TRUE(curve.lines.back().mark);
    EXPECT_EQ(curve.x.high, 600);
}

TEST(TrainScreen, ShowsAccuracyWhereXgboostCountsErrors) {
    const TrainScreen screen = screenOf({runningRun()}, {.metric = "error"});
    EXPECT_EQ(screen.metrics.at(static_cast<std::size_t>(screen.metric)).english(), "Accuracy");
    EXPECT_DOUBLE_EQ(screen.curve.lines.back().points.back().y, 0.92);
}

TEST(TrainScreen, ARefusalSaysWhyAndThatNothingChanged) {
    auto run = runningRun();
    run->state = model::RunState::Refused;
    run->reasons = {"log_loss 0.23 is worse than 0.19 of v7"};
    const TrainScreen screen = screenOf({run});
    EXPECT_EQ(screen.chip.state, State::Fail);
    EXPECT_EQ(screen.message.english(), "Not registered: log_loss 0.23 is worse than 0.19 of v7. The registry is as it was.");
    EXPECT_FALSE(screen.pause.shown);
}

TEST(TrainScreen, AnInterruptedRunIsGoneOnWithUnlessTheFormChanged) {
    auto run = runningRun();
    run->state = model::RunState::Interrupted;
    EXPECT_EQ(screenOf({run}).resumes, "r-1");
    EXPECT_EQ(screenOf({run}).start.label.english(), "Resume training");
    EXPECT_FALSE(screenOf({run}, {.edits = {{"depth", "7"}}}).resumes);
}

TEST(TrainScreen, UndecidedIsNotRegisteredAsGood) {
    auto run = runningRun();
    run->state = model::RunState::Finished;
    run->version = Version{9};
    const TrainScreen undecided = screenOf({run});
    EXPECT_EQ(undecided.chip.state, State::Undecided);
    EXPECT_FALSE(undecided.message.empty());
    run->accepted = true;
    EXPECT_EQ(screenOf({run}).chip.state, State::Pass);
}

TEST(TrainScreen, WithoutATrainingItSaysWhatToDo) {
    const TrainScreen screen = screenOf({});
    EXPECT_TRUE(screen.empty.shown);
    EXPECT_EQ(screen.empty.copy, "perch train --model credit-risk --data FILE --label COLUMN");
    EXPECT_FALSE(screen.start.enabled);
    EXPECT_EQ(screen.start.reason.english(), "Choose the data first.");
}

TEST(TrainScreen, DataThatWereNotReadAreNoZeroRows) {
    auto run = runningRun();
    run->dataset.rows = run->dataset.columns = 0;
    run->dataset.train = run->dataset.validation = run->dataset.test = 0;
    run->curve.clear();
    const TrainScreen screen = screenOf({run});
    EXPECT_EQ(screen.dataset.tiles.at(0).value.english(), "not read yet");
    EXPECT_EQ(screen.chip.word.english(), "Reading data");
    EXPECT_FALSE(screen.stop.enabled);
}

TEST(TrainScreen, ComparesAtMostTheRunsThatWereChosen) {
    auto now = runningRun(), before = runningRun();
    before->id = "r-0";
    before->state = model::RunState::Finished;
    before->version = Version{8};
    before->started = fromMillis(kNow - 90'000'000);
    const TrainScreen screen = screenOf({now, before}, {.compared = {"r-0"}});
    ASSERT_EQ(screen.runs.size(), 2U);
    EXPECT_TRUE(screen.runs[0].shown);
    EXPECT_TRUE(screen.runs[1].compared);
    ASSERT_EQ(screen.curve.lines.size(), 3U);
    EXPECT_THAT(screen.curve.lines.front().label.english(), HasSubstr("v8 "));
}

TEST(TrainingForm, WrongFieldsSayWhatPerchYamlWouldSay) {
    for (const auto& [key, value] : {std::pair("depth", "deep"), {"learning_rate", "0"}, {"rounds", "1.5"}, {"monotone", "income sideways"}}) {
        const auto fields = editableFields(nullptr, {{key, value}});
        const auto field = std::ranges::find(fields, key, &ParameterField::key);
        ASSERT_NE(field, fields.end());
        EXPECT_FALSE(field->error.empty()) << key;
        EXPECT_THAT(field->error.english(), HasSubstr(key)) << field->error.english();
        EXPECT_EQ(field->error.english().find("form:"), std::string::npos) << field->error.english();
    }
    for (const ParameterField& field : editableFields(nullptr, {}))
        EXPECT_TRUE(field.error.empty()) << field.key << ": " << field.error.english();
}

TEST(TrainingForm, MakesTheRequestThatWasTyped) {
    const auto fields = editableFields(nullptr, {{"label", "churned"}, {"depth", "7"}, {"monotone", "income +1, age -1"}});
    const auto request = makeTrainingRequest(*ModelName::parse("churn"), "a.csv", fields, nullptr);
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->training.depth, 7U);
    EXPECT_EQ(request->training.monotone.at("age"), -1);
    EXPECT_EQ(request->label, "churned");
}

TEST(TrainingForm, TheScriptQuotesWhatAShellWouldRun) {
    const auto fields = editableFields(nullptr, {{"label", "y\" $(rm)"}});
    const std::string script = trainingScript(*ModelName::parse("churn"), "it's.csv", fields);
    EXPECT_THAT(script, HasSubstr("<<'PERCH_YAML'\n"));
    EXPECT_THAT(script, HasSubstr("data: \"it's.csv\"\n"));
    EXPECT_THAT(script, HasSubstr("label: \"y\\\" $(rm)\"\n"));
    EXPECT_THAT(script, HasSubstr("perch train --config 'churn.yaml'\n"));
}

TEST(TrainingChecks, AreReadWithTheirFigures) {
    const auto checks = trainingChecks(
        R"({"checks":[{"name":"missing","column":"","verdict":"warn","sentence":"s","value":0.018,"limit":0.3},
                      {"name":"outliers","column":"income","verdict":"fail","sentence":"s","value":37,"limit":null}, 5]})");
    ASSERT_EQ(checks.size(), 2U);
    EXPECT_EQ(checks[0].value, "1.8\u00a0%");
    EXPECT_EQ(checks[1].name, "Outliers, income");
    EXPECT_EQ(checks[1].verdict, State::Fail);
    EXPECT_TRUE(checks[1].limit.empty());
    EXPECT_TRUE(trainingChecks("not json").empty());
}

} // namespace
} // namespace perch::present
