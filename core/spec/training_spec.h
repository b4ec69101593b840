#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace perch::spec {

class YamlSection;

/// What is predicted.
enum class Task { FromLabel, Binary, MultiClass, Regression };

/// How rows are cut into parts.
struct SplitSpec {
    enum class Kind { Stratified, Random, Group, Time } kind = Kind::Stratified;
    std::string column; ///< Group: rows of one value stay together; Time: the newest rows are the test part
    double testShare = 0.2;
    double validationShare = 0.2; ///< of the training part; cut only where something needs it
};

/// Hyper-parameter search: random candidates, pruned by successive halving of the rounds.
struct SearchSpec {
    std::uint32_t candidates = 0; ///< 0: off
    std::uint32_t folds = 3;
};

/// Training parameters with the product's defaults (row T1).
struct TrainingSpec {
    Task task = Task::FromLabel;
    std::uint32_t rounds = 500;
    double learningRate = 0.05;
    std::uint32_t depth = 5;
    double minimumChildWeight = 1;
    double rowSample = 1;
    double columnSample = 1;
    double l2 = 1;
    SplitSpec split;
    std::uint64_t seed = 42;
    bool impute = false; ///< median and mode learned on the training rows; otherwise XGBoost handles missing itself
    std::uint32_t earlyStopping = 0;                ///< rounds without a better validation loss; 0: off
    Seconds timeBudget{0};                          ///< 0: none
    bool balanceClasses = false;                    ///< each class weighs the same in sum
    std::map<std::string, double> classWeights = {};
    std::string weightColumn = {};                  ///< weight of each row, > 0
    std::map<std::string, int> monotone = {};       ///< column -> +1 or -1
    std::uint32_t folds = 0;                        ///< cross-validation; 0: off
    SearchSpec search;
    std::string device = "cpu";                     ///< `cpu` or `cuda`
    /// Regression: an answer at most so far from the truth, in units of the label, is right; 0: none is declared, and
    /// the live quality is not measured.
    double tolerance = 0;
};

/// How the decision threshold is chosen.
struct ThresholdSpec {
    enum class Rule { Fixed, Cost } rule = Rule::Fixed;
    double value = 0.5;           ///< Fixed
    double falseNegativeCost = 1; ///< Cost: a missed positive...
    double falsePositiveCost = 1; ///< ...against a false alarm
};

/// Absolute acceptance limits; absent ones do not exist (design: they live in perch.yaml and nowhere else).
struct AcceptanceSpec {
    std::optional<double> accuracy, f1, bias;
    std::string group = {}; ///< the column whose groups `bias` compares
    std::vector<std::string> compare = {}; ///< metrics that must not be worse than production's; empty: the defaults
    bool better = false;                   ///< `not worse` is not enough
    std::uint32_t minimumRows = 500;       ///< rows in neither version's training data; fewer are undecided
};

/// The sections `training`, `split`, `threshold` and `acceptance`.
Result<void> readTraining(const YamlSection& top, TrainingSpec& training);
Result<void> readThreshold(const YamlSection& top, ThresholdSpec& threshold);
Result<void> readAcceptance(const YamlSection& top, AcceptanceSpec& acceptance);

} // namespace perch::spec
