#include "core/training/run_training.h"

#include "core/model/predict/xgboost_library.h"
#include "core/registry/embedded_registry.h"
#include "tests/model/training_fixture.h"

#include <nlohmann/json.hpp>

namespace perch::training {
namespace {

using test::failsWith;
using test::succeeded;
using test::valueOf;
using testing::HasSubstr;

class RunTraining : public test::TrainingFixture {
protected:
    TrainingPorts ports() {
        return {.workspace = &m_workspace, .registry = m_registry.get(), .library = m_library.get(), .clock = &m_clock};
    }
    TrainingJob job(const std::string& text, std::uint32_t rounds = 20) {
        const std::filesystem::path file = m_folder / fmt::format("data{}.csv", ++m_files);
        std::ofstream(file) << text;
        TrainingJob made;
        made.spec.name = valueOf(ModelName::parse("churn"));
        made.spec.data = file;
        made.spec.label = "y";
        made.spec.training.rounds = rounds;
        made.spec.training.depth = 3;
        made.ignored = {"z", "k"};
        made.by = "ada@bank";
        made.codeVersion = "test";
        return made;
    }
    TrainingReport run(const TrainingJob& job) { return valueOf(runTraining(job, ports())); }
    std::size_t versions() { return valueOf(m_registry->versions(valueOf(ModelName::parse("churn")))).size(); }

    Workspace m_workspace = valueOf(Workspace::open(m_folder / "workspace"));
    std::unique_ptr<registry::EmbeddedRegistry> m_registry =
        valueOf(registry::EmbeddedRegistry::open(m_workspace, m_clock));
    int m_files = 0;
};

TEST_F(RunTraining, TheFirstVersionIsAcceptedAndItsRunTellsAll) {
    TrainingPorts watched = ports();
    std::string registered;
    watched.onRegistered = [&](const registry::Publication& publication, const std::string& id) -> Result<void> {
        registered = publication.record.version.text() + " of " + id;
        return {};
    };
    const TrainingReport report = valueOf(runTraining(job(noisyText(800)), watched));
    EXPECT_EQ(report.verdict.accepted, true);
    EXPECT_EQ(report.state, model::RunState::Finished);
    EXPECT_EQ(report.publication->alias, registry::kChampion);
    EXPECT_EQ(registered, "v1 of " + report.run);

    const model::TrainingRun run = valueOf(model::readRun(m_workspace, report.run));
    EXPECT_EQ(run.state, model::RunState::Finished);
    EXPECT_EQ(run.task, "binary");
    EXPECT_EQ(run.version, Version{1});
    EXPECT_EQ(run.accepted, true);
    EXPECT_EQ(run.round, 20U);
    EXPECT_EQ(run.dataset.rows, 800U);
    EXPECT_EQ(run.dataset.test, 160U);
    EXPECT_TRUE(run.dataset.positiveShare.has_value());
    EXPECT_FALSE(run.checks.empty());
    EXPECT_EQ(run.metrics.count("f1"), 1U);
    for (const model::RunStep& step : run.steps)
        EXPECT_EQ(step.state, model::RunStep::State::Done) << step.name;
    std::uint64_t offset = 0;
    const auto curve = valueOf(model::readCurve(m_workspace.runs() / report.run, offset));
    ASSERT_GE(curve.size(), 2U);
    EXPECT_LT(curve.back().train.at("logloss"), curve.front().train.at("logloss"));
    EXPECT_FALSE(std::filesystem::exists(m_workspace.runs() / report.run / "checkpoint"));
}

TEST_F(RunTraining, WithoutCommonRowsASecondVersionIsUndecided) {
    run(job(noisyText(800)));
    const TrainingReport other = run(job(noisyText(800, 2)));
    EXPECT_EQ(other.verdict.accepted, std::nullopt);
    EXPECT_EQ(other.publication->alias, std::nullopt);
    EXPECT_THAT(other.verdict.reasons.at(0), HasSubstr("no rows are known that neither version was trained on"));
    EXPECT_EQ(valueOf(model::readRun(m_workspace, other.run)).accepted, std::nullopt);
}

TEST_F(RunTraining, TheCommonTestPartDecidesAgainstProduction) {
    const std::string text = noisyText(3'000);
    TrainingJob good = job(text, 40);
    run(good);
    TrainingJob same = good;
    same.spec.training.depth = 4;
    const TrainingReport second = run(same);
    EXPECT_THAT(second.verdict.rows, HasSubstr("the test part, which is the same for both, 600 rows"));
    ASSERT_TRUE(second.verdict.accepted.has_value());

    // A tree of depth one cannot tell what production can.
    TrainingJob poor = good;
    poor.spec.training.rounds = 1;
    poor.spec.training.depth = 1;
    poor.spec.training.learningRate = 0.01;
    const std::size_t before = versions();
    const TrainingReport refused = run(poor);
    EXPECT_EQ(refused.verdict.accepted, false);
    EXPECT_THAT(refused.verdict.reasons.at(0), HasSubstr("f1 is worse than v1"));
    EXPECT_EQ(refused.state, model::RunState::Refused);
    EXPECT_EQ(versions(), before) << "the registry is untouched";
    EXPECT_EQ(valueOf(model::readRun(m_workspace, refused.run)).version, std::nullopt);

    TrainingJob few = good;
    few.spec.acceptance.minimumRows = 601;
    EXPECT_EQ(run(few).verdict.accepted, std::nullopt);
    TrainingJob better = good;
    better.spec.acceptance.better = true;
    EXPECT_EQ(run(better).verdict.accepted, false) << "the same model is not better";
}

TEST_F(RunTraining, NamedRowsAndNewerRowsDecideToo) {
    TrainingJob first = job(noisyText(3'000), 30);
    first.spec.training.split = {.kind = spec::SplitSpec::Kind::Time, .column = "t"};
    run(first);
    const std::filesystem::path holdout = job(noisyText(700, 9)).spec.data;
    TrainingJob named = job(noisyText(2'000, 5), 30);
    named.holdout = holdout;
    const TrainingReport byFile = run(named);
    EXPECT_THAT(byFile.verdict.rows, HasSubstr("700 rows"));
    EXPECT_TRUE(byFile.verdict.accepted.has_value() || !byFile.verdict.differences.empty());
    named.holdout = named.spec.data;
    EXPECT_THAT(runTraining(named, ports()), failsWith(ErrorCode::InvalidInput, HasSubstr("the new version was trained")));

    TrainingJob newer = first;
    newer.spec.data = job(noisyText(6'000)).spec.data;
    const TrainingReport byTime = run(newer);
    EXPECT_THAT(byTime.verdict.rows, HasSubstr("newer in t than all that either learned from, 1,2"));
}

TEST_F(RunTraining, FloorsRefuseEvenTheFirst) {
    TrainingJob strict = job(noisyText(800));
    strict.spec.acceptance.accuracy = 0.999;
    const TrainingReport report = run(strict);
    EXPECT_EQ(report.verdict.accepted, false);
    EXPECT_THAT(report.verdict.reasons.at(0), HasSubstr("is below 0.999"));
    EXPECT_EQ(versions(), 0U);
    TrainingJob fair = job(noisyText(3'000));
    fair.spec.acceptance.bias = 0.01;
    fair.spec.acceptance.group = "c";
    EXPECT_THAT(run(fair).verdict.reasons.at(0), HasSubstr("between the groups of c is above 0.01"));
}

TEST_F(RunTraining, BadDataStopItBeforeTheFirstRound) {
    TrainingJob few = job(noisyText(800));
    few.spec.quality.minimumRows = 1'000;
    const TrainingReport report = run(few);
    EXPECT_EQ(report.verdict.accepted, false);
    EXPECT_FALSE(report.outcome.has_value());
    EXPECT_THAT(report.verdict.reasons.at(0), HasSubstr("1,000"));
    const model::TrainingRun run = valueOf(model::readRun(m_workspace, report.run));
    EXPECT_EQ(run.state, model::RunState::Refused);
    EXPECT_EQ(run.round, 0U);
}

TEST_F(RunTraining, AnErrorAndACancellationEndTheRun) {
    TrainingJob wrong = job(noisyText(800));
    wrong.spec.label = "nothing";
    EXPECT_THAT(runTraining(wrong, ports()), failsWith(ErrorCode::InvalidInput, HasSubstr("nothing")));
    EXPECT_EQ(valueOf(model::listRuns(m_workspace)).at(0).state, model::RunState::Failed);
    std::stop_source stopped;
    TrainingPorts watched = ports();
    watched.onRound = [&](const model::TrainProgress&) { stopped.request_stop(); };
    EXPECT_THAT(runTraining(job(noisyText(800)), watched, stopped.get_token()),
                failsWith(ErrorCode::Cancelled, HasSubstr("round 2 of 20")));
    EXPECT_EQ(valueOf(model::listRuns(m_workspace)).at(0).state, model::RunState::Cancelled);
    EXPECT_EQ(versions(), 0U);
}

TEST_F(RunTraining, AStopThroughTheControlFileKeepsWhatThereIs) {
    TrainingPorts watched = ports();
    std::string id;
    watched.onBegun = [&](const std::string& run) { id = run; };
    watched.onRound = [&](const model::TrainProgress& progress) {
        if (progress.round == 5) {
            EXPECT_TRUE(succeeded(model::requestStop(m_workspace.runs() / id)));
        }
    };
    const TrainingReport report = valueOf(runTraining(job(noisyText(800), 10'000), watched));
    EXPECT_EQ(report.state, model::RunState::Stopped);
    EXPECT_EQ(report.outcome->rounds, 5U);
    EXPECT_EQ(report.publication->record.version, Version{1});
}

TEST_F(RunTraining, ACapsuleRepeatsItsTraining) {
    TrainingJob original = job(noisyText(800));
    original.spec.training.earlyStopping = 5;
    original.spec.training.monotone = {{"a", 1}};
    const TrainingReport first = run(original);
    TrainingJob again = jobOf(valueOf(model::loadCapsule(first.publication->record.package)), {});
    again.codeVersion = "test";
    const TrainingReport second = run(again);
    EXPECT_EQ(second.sameModel, true);
    EXPECT_TRUE(second.differences.empty());
    EXPECT_EQ(second.outcome->parts.booster, first.outcome->parts.booster);

    again.spec.data = job(noisyText(801)).spec.data;
    const TrainingReport other = run(again);
    EXPECT_EQ(other.sameModel, false);
    EXPECT_THAT(other.differences.at(0), HasSubstr("The data's digest"));
}

TEST_F(RunTraining, TheModelsFileIsKeptWithItsFolder) {
    TrainingJob configured = job(noisyText(800));
    configured.config = "model: churn\ndata: data1.csv\nlabel: y\n";
    configured.configFolder = m_folder.path();
    run(configured);
    const TrainingJob kept = valueOf(keptJob(m_workspace.models() / "churn"));
    EXPECT_EQ(kept.spec.data, m_folder / "data1.csv");
    EXPECT_EQ(kept.spec.label, "y");
    EXPECT_THAT(keptJob(m_workspace.models() / "other"), failsWith(ErrorCode::NotFound, HasSubstr("perch.yaml")));
}

} // namespace
} // namespace perch::training
