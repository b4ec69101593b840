#include "core/spec/model_spec.h"
#include "tests/support/test_support.h"

namespace perch::spec {
namespace {

using test::failsWith;
using test::valueOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr const char* kCompleteTraining = R"(model: price
split: {kind: time, column: sold_at, test_share: 0.3, validation_share: 0.1}
training:
  task: multi_class
  rounds: 300
  learning_rate: 0.1
  depth: 4
  min_child_weight: 5
  row_sample: 0.8
  column_sample: 0.7
  l2: 2
  seed: 7
  early_stopping: 50
  time_budget: 10m
  class_weights: {bad: 3, good: 1}
  weight: importance
  monotone: {area: increasing, distance: -1}
  folds: 5
  search: {candidates: 20, folds: 4}
  device: cuda
acceptance: {accuracy: 0.8, f1: 0.6, bias: 0.1, group: gender, compare: [f1, roc_auc], better: true, minimum_rows: 1000}
)";

TEST(TrainingSpec, ReadsEveryKey) {
    const ModelSpec spec = valueOf(parseModelSpec(kCompleteTraining, "perch.yaml"));
    const TrainingSpec& training = spec.training;
    EXPECT_EQ(training.task, Task::MultiClass);
    EXPECT_EQ(training.minimumChildWeight, 5);
    EXPECT_EQ(training.rowSample, 0.8);
    EXPECT_EQ(training.columnSample, 0.7);
    EXPECT_EQ(training.l2, 2);
    EXPECT_EQ(training.split.kind, SplitSpec::Kind::Time);
    EXPECT_EQ(training.split.column, "sold_at");
    EXPECT_EQ(training.split.testShare, 0.3);
    EXPECT_EQ(training.split.validationShare, 0.1);
    EXPECT_EQ(training.earlyStopping, 50U);
    EXPECT_EQ(training.timeBudget, Seconds(600));
    EXPECT_FALSE(training.balanceClasses);
    EXPECT_THAT(training.classWeights, ElementsAre(Pair("bad", 3), Pair("good", 1)));
    EXPECT_EQ(training.weightColumn, "importance");
    EXPECT_THAT(training.monotone, ElementsAre(Pair("area", 1), Pair("distance", -1)));
    EXPECT_EQ(training.folds, 5U);
    EXPECT_EQ(training.search.candidates, 20U);
    EXPECT_EQ(training.search.folds, 4U);
    EXPECT_EQ(training.device, "cuda");
    EXPECT_EQ(spec.acceptance.bias, 0.1);
    EXPECT_EQ(spec.acceptance.group, "gender");
    EXPECT_THAT(spec.acceptance.compare, ElementsAre("f1", "roc_auc"));
    EXPECT_TRUE(spec.acceptance.better);
    EXPECT_EQ(spec.acceptance.minimumRows, 1000U);
}

TEST(TrainingSpec, TheShortFormOfTheTestShareStays) {
    EXPECT_EQ(valueOf(parseModelSpec("{model: m, training: {test_share: 0.4}}", "f")).training.split.testShare, 0.4);
    EXPECT_EQ(valueOf(parseModelSpec("{model: m, split: {test_share: 0.4}}", "f")).training.split.testShare, 0.4);
}

TEST(TrainingSpec, NamesThePlaceAndTheProblem) {
    const std::tuple<const char*, const char*, const char*> cases[] = {
        {"model: a\nsplit: {kind: random, test_share: 0.1}\ntraining: {test_share: 0.2}\n", "p.yaml:2:35",
         "split.test_share is given in training already"},
        {"model: a\nsplit: {kind: newest}\n", "p.yaml:2:15", "split.kind must be one of stratified, random"},
        {"model: a\nsplit: {kind: time}\n", "p.yaml:2:8", "split by time needs the column"},
        {"model: a\nsplit: {column: t}\n", "p.yaml:2:17", "split.column is only for the kinds group and time"},
        {"model: a\ntraining: {task: guess}\n", "p.yaml:2:18", "training.task must be one of from_label, binary"},
        {"model: a\ntraining: {row_sample: 0}\n", "p.yaml:2:24", "training.row_sample must be a number from 0.01"},
        {"model: a\ntraining: {folds: 1}\n", "p.yaml:2:19", "training.folds must be 0 or from 2 to 20"},
        {"model: a\ntraining: {search: {folds: 3}}\n", "p.yaml:2:20", "needs the number of candidates"},
        {"model: a\ntraining: {search: {candidates: 1}}\n", "p.yaml:2:33", "candidates must be a whole number from 2"},
        {"model: a\ntraining: {monotone: {x: up}}\n", "p.yaml:2:26", "training.monotone.x must be increasing"},
        {"model: a\ntraining: {class_weights: {x: 0}}\n", "p.yaml:2:31", "training.class_weights.x must be a number"},
        {"model: a\ntraining: {balance_classes: true, class_weights: {x: 1}}\n", "p.yaml:2:50", "exclude each other"},
        {"model: a\ntraining: {time_budget: 90}\n", "p.yaml:2:25", "training.time_budget must be a time"},
        {"model: a\ntraining: {device: gpu}\n", "p.yaml:2:20", "training.device must be one of cpu, cuda"},
        {"model: a\nacceptance: {compare: [f2]}\n", "p.yaml:2:23", "unknown metric 'f2'"},
        {"model: a\nacceptance: {bias: 0.1}\n", "p.yaml:2:13", "acceptance.bias needs the column of the groups"},
        {"model: a\nacceptance: {minimum_rows: 0}\n", "p.yaml:2:28", "acceptance.minimum_rows must be a whole number"},
    };
    for (const auto& [yaml, place, says] : cases) {
        const auto result = parseModelSpec(yaml, "p.yaml");
        EXPECT_THAT(result, failsWith(ErrorCode::InvalidInput, HasSubstr(says))) << yaml;
        EXPECT_EQ(result ? "" : result.error().where, place) << yaml;
    }
}

} // namespace
} // namespace perch::spec
