#include "core/spec/model_spec.h"
#include "tests/support/test_support.h"

#include <random>

namespace perch::spec {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

constexpr const char* kComplete = R"(# everything
model: credit-risk
data: loans/train.csv
label: Status
positive: bad
ignore: [id, name]
training:
  rounds: 300
  learning_rate: 0.1
  depth: 4
  test_share: 0.25
  seed: 7
  impute: true
threshold: {false_negative_cost: 20, false_positive_cost: 1}
acceptance: {accuracy: 0.8, f1: 0.6}
gates: {accuracy: 0.85, alert_accuracy: 0.9, drift: 0.2, p99_ms: 40, error_rate: 0.02, minimum_sample: 300, window: 30m,
  against_stable: advisory, accuracy_margin: 0.03, error_margin: 0.01, alpha: 0.01}
rollout: {steps: [5, 12.5, 100]}
serving: {replicas: 3, path: /score, route: {field: kind, models: {condo: condo-price, 3: land-price}},
          lookup: {file: features.db, max_age: 26h}}
)";

TEST(ModelSpec, ReadsEveryKey) {
    const ModelSpec spec = valueOf(parseModelSpec(kComplete, "perch.yaml"));
    EXPECT_EQ(spec.name.text(), "credit-risk");
    EXPECT_EQ(spec.data, "loans/train.csv");
    EXPECT_EQ(spec.label, "Status");
    EXPECT_EQ(spec.positive, "bad");
    EXPECT_EQ(spec.ignored, (std::vector<std::string>{"id", "name"}));
    EXPECT_EQ(spec.training.rounds, 300u);
    EXPECT_EQ(spec.training.learningRate, 0.1);
    EXPECT_EQ(spec.training.depth, 4u);
    EXPECT_EQ(spec.training.split.testShare, 0.25);
    EXPECT_EQ(spec.training.seed, 7u);
    EXPECT_TRUE(spec.training.impute);
    EXPECT_EQ(spec.threshold.rule, ThresholdSpec::Rule::Cost);
    EXPECT_EQ(spec.threshold.falseNegativeCost, 20);
    EXPECT_EQ(spec.threshold.falsePositiveCost, 1);
    EXPECT_EQ(spec.acceptance.accuracy, 0.8);
    EXPECT_EQ(spec.acceptance.f1, 0.6);
    EXPECT_EQ(spec.gates.accuracy, 0.85);
    EXPECT_EQ(spec.gates.alertAccuracy, 0.9);
    EXPECT_EQ(spec.gates.drift, 0.2);
    EXPECT_EQ(spec.gates.p99Ms, 40);
    EXPECT_EQ(spec.gates.errorRate, 0.02);
    EXPECT_EQ(spec.gates.minimumSample, 300u);
    EXPECT_EQ(spec.gates.window, Seconds(1800));
    EXPECT_EQ(spec.gates.comparison.use, ComparisonSpec::Use::Advisory);
    EXPECT_EQ(spec.gates.comparison.accuracyMargin, 0.03);
    EXPECT_EQ(spec.gates.comparison.errorMargin, 0.01);
    EXPECT_EQ(spec.gates.comparison.alpha, 0.01);
    ASSERT_EQ(spec.rollout.weights.size(), 3u);
    EXPECT_EQ(spec.rollout.weights[1].basisPoints(), 1250);
    EXPECT_EQ(spec.serving.replicas, 3u);
    EXPECT_EQ(servingPath(spec), "/score");
    ASSERT_TRUE(spec.serving.route);
    EXPECT_EQ(spec.serving.route->field, "kind");
    EXPECT_EQ(spec.serving.route->models.at("condo").text(), "condo-price");
    EXPECT_EQ(spec.serving.route->models.at("3").text(), "land-price");
    ASSERT_TRUE(spec.serving.lookup);
    EXPECT_EQ(spec.serving.lookup->file, "features.db");
    EXPECT_EQ(spec.serving.lookup->maxAge, Seconds(26 * 3600));
}

TEST(ModelSpec, AbsentKeysHaveTheDefaults) {
    const ModelSpec spec = valueOf(parseModelSpec("model: credit-risk\npositive: Yes\n", "perch.yaml"));
    EXPECT_EQ(spec.positive, "Yes"); // not turned into a boolean
    EXPECT_EQ(spec.training.rounds, 500u);
    EXPECT_EQ(spec.training.seed, 42u);
    EXPECT_EQ(spec.threshold.rule, ThresholdSpec::Rule::Fixed);
    EXPECT_EQ(spec.threshold.value, 0.5);
    EXPECT_EQ(spec.acceptance.accuracy, std::nullopt);
    EXPECT_EQ(spec.gates.accuracy, 0.90);
    EXPECT_EQ(spec.gates.alertAccuracy, std::nullopt);
    EXPECT_EQ(spec.gates.comparison.use, ComparisonSpec::Use::Required);
    EXPECT_EQ(spec.rollout.weights.size(), 4u);
    EXPECT_EQ(servingPath(spec), "/predict_credit_risk");
    EXPECT_FALSE(spec.serving.route);
    EXPECT_FALSE(spec.serving.lookup);
    EXPECT_EQ(valueOf(parseModelSpec("{model: m, threshold: 0.25}", "f")).threshold.value, 0.25);
}

struct BadCase {
    const char* yaml;
    const char* place;
    const char* says;
};

TEST(ModelSpec, NamesThePlaceAndTheProblem) {
    const BadCase cases[] = {
        {"", "p.yaml:1:1", "the file must be a mapping"},
        {"just words", "p.yaml:1:1", "the file must be a mapping"},
        {"- model: a", "p.yaml:1:1", "the file must be a mapping"},
        {"label: x\n", "p.yaml:1:1", "the key 'model' is missing"},
        {"model: Churn\n", "p.yaml:1:8", "model must be lower-case letters"},
        {"model: [a]\n", "p.yaml:1:8", "model must be a text"},
        {"label: x\nmodel:\n", "p.yaml:2:1", "model must be a text"},
        {"model: a\nlabels: x\n", "p.yaml:2:1", "unknown key 'labels' in the file; did you mean 'label'?"},
        {"model: a\nzzzzzz: 1\n", "p.yaml:2:1", "known keys are model, data"},
        {"model: a\nmodel: b\n", "p.yaml:2:1", "the key 'model' is given twice"},
        {"model: a\ntraining:\n  learningrate: 1\n", "p.yaml:3:3",
         "'learningrate' in training; did you mean 'learning_rate'?"},
        {"model: a\ntraining: 5\n", "p.yaml:2:11", "training must be a mapping with the keys rounds"},
        {"model: a\ntraining:\n  rounds: many\n", "p.yaml:3:11", "training.rounds must be a whole number from 1 to"},
        {"model: a\ntraining:\n  rounds: 0\n", "p.yaml:3:11", "training.rounds must be a whole number"},
        {"model: a\ntraining:\n  rounds: 1.5\n", "p.yaml:3:11", "training.rounds must be a whole number"},
        {"model: a\ntraining:\n  rounds: \"500\"\n", "p.yaml:3:11", "training.rounds must be a whole number"},
        {"model: a\ntraining:\n  rounds: 99999999999999999999\n", "p.yaml:3:11", "training.rounds must be"},
        {"model: a\ntraining: {seed: -1}\n", "p.yaml:2:18", "training.seed must be a whole number from 0"},
        {"model: a\ntraining: {impute: yes}\n", "p.yaml:2:20", "training.impute must be true or false"},
        {"model: a\ntraining: {test_share: 1}\n", "p.yaml:2:24",
         "training.test_share must be a number from 0.01 to 0.9"},
        {"model: a\nthreshold: 1.2\n", "p.yaml:2:12", "threshold must be a number from 0 to 1"},
        {"model: a\nthreshold: .nan\n", "p.yaml:2:12", "threshold must be a number"},
        {"model: a\nthreshold: nan\n", "p.yaml:2:12", "threshold must be a number"},
        {"model: a\nthreshold: {false_negative_cost: 20}\n", "p.yaml:2:12", "'false_positive_cost' is missing"},
        {"model: a\nthreshold: {false_negative_cost: 0, false_positive_cost: 1}\n", "p.yaml:2:34",
         "must be a number from 1e-06"},
        {"model: a\nacceptance: {f1: 60}\n", "p.yaml:2:18", "acceptance.f1 must be a number from 0 to 1"},
        {"model: a\ngates: {p99_ms: 0}\n", "p.yaml:2:17", "gates.p99_ms must be a number of at least 0.001"},
        {"model: a\ngates: {alpha: 0}\n", "p.yaml:2:16", "gates.alpha must be a number from 1e-06 to 0.5"},
        {"model: a\ngates: {against_stable: yes}\n", "p.yaml:2:25", "gates.against_stable must be"},
        {"model: a\ngates: {window: 60}\n", "p.yaml:2:17", "gates.window must be a time with its unit"},
        {"model: a\ngates: {window: -1h}\n", "p.yaml:2:17", "gates.window must be a time"},
        {"model: a\nrollout: {steps: [50, 10, 100]}\n", "p.yaml:2:18", "rollout.steps must ascend and end with 100"},
        {"model: a\nrollout: {steps: [10, 10, 100]}\n", "p.yaml:2:18", "rollout.steps must ascend"},
        {"model: a\nrollout: {steps: [10, 50]}\n", "p.yaml:2:18", "end with 100"},
        {"model: a\nrollout: {steps: []}\n", "p.yaml:2:18", "rollout.steps must be a list"},
        {"model: a\nrollout: {steps: [10, 200]}\n", "p.yaml:2:23",
         "each of rollout.steps must be a number from 0.01 to 100"},
        {"model: a\nserving: {path: predict}\n", "p.yaml:2:17", "serving.path must begin with '/'"},
        {"model: a\nserving: {path: \"/a b\"}\n", "p.yaml:2:17", "serving.path must begin"},
        {"model: a\nserving:\n  route: {field: kind}\n", "p.yaml:3:10", "serving.route needs the key 'models'"},
        {"model: a\nserving:\n  route: {models: {x: b}}\n", "p.yaml:3:10", "serving.route needs the key 'field'"},
        {"model: a\nserving:\n  route: {field: kind, models: {}}\n", "p.yaml:3:32", "must lead at least one value"},
        {"model: a\nserving:\n  route: {field: kind, models: {x: B}}\n", "p.yaml:3:36",
         "serving.route.models.x must be the name of a model"},
        {"model: a\nserving: {log: {file_mb: 8}}\n", "p.yaml:2:16", "serving.log needs the key 'features'"},
        {"model: a\nserving: {log: {features: [x], total_mb: 1}}\n", "p.yaml:2:42", "must hold at least one file"},
        {"model: a\nserving: {lookup: {max_age: 26}}\n", "p.yaml:2:29", "serving.lookup.max_age"},
        {"model: a\nserving: {lookup: {age: 26h}}\n", "p.yaml:2:20", "serving.lookup"},
        {"model: a\nserving: {route: {fields: kind, models: {x: b}}}\n", "p.yaml:2:19", "did you mean 'field'"},
        {"model: a\n  label: [\n", "p.yaml:2:8", "this is not YAML"},
    };
    for (const BadCase& bad : cases) {
        const auto result = parseModelSpec(bad.yaml, "p.yaml");
        EXPECT_THAT(result, failsWith(ErrorCode::InvalidInput, HasSubstr(bad.says))) << bad.yaml;
        if (!result) {
            EXPECT_EQ(result.error().where, bad.place) << bad.yaml;
            EXPECT_THAT(result.error().message, testing::StartsWith(std::string(bad.place) + ": ")) << bad.yaml;
        }
    }
}

TEST(ModelSpec, MissingFileIsNotFound) {
    const test::Folder folder;
    EXPECT_THAT(loadModelSpec(folder / "none.yaml"), failsWith(ErrorCode::NotFound, HasSubstr("none.yaml")));
}

TEST(ModelSpec, DamagedTextNeverDoesMoreThanFail) {
    std::mt19937 random(1);
    const std::string good = kComplete;
    static constexpr char kBytes[] = "{}[]:,-#&*!|>'\"%@`\n \t\0\x01\xff";
    for (int round = 0; round < 2'000; ++round) {
        std::string text = good;
        for (unsigned edit = 0; edit < 1 + random() % 4; ++edit)
            text[random() % text.size()] = kBytes[random() % (sizeof kBytes - 1)];
        const auto result = parseModelSpec(text, "p.yaml");
        if (!result) {
            EXPECT_EQ(result.error().code, ErrorCode::InvalidInput);
            EXPECT_THAT(result.error().where, testing::MatchesRegex("p\\.yaml:[0-9]+:[0-9]+")) << text;
        }
    }
    EXPECT_FALSE(parseModelSpec("model: " + std::string(100'000, '['), "p.yaml").has_value());
}

} // namespace
} // namespace perch::spec
