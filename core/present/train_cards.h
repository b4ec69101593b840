#pragma once

#include "core/present/train_screen.h"

/// The cards of the Train screen, one maker each; `perch runs` prints the same values. All pure.
namespace perch::present {

/// A metric of the learning curve as people know it.
struct CurveMetric {
    std::string name;             ///< XGBoost's: `logloss`
    Text label;                   ///< `Log loss`
    std::string registryName;     ///< `log_loss`
    bool higherIsBetter = false;
    bool complement = false;      ///< 1 - value is shown: XGBoost counts errors
    bool share = false;           ///< shown in percent
};
CurveMetric curveMetric(const std::string& name);
/// The metrics of a run, in the order of its first round.
std::vector<std::string> metricNames(const TrainingRun& run);
/// As shown: complemented where XGBoost counts errors.
std::optional<double> metricValue(const model::RunCurvePoint& round, const CurveMetric& metric, bool validation);
std::string metricText(const CurveMetric& metric, double value, int decimals = 3);

std::string durationText(Seconds time); ///< `0.9 s`, `45 s`, `1 min 49 s`, `2 h 3 min`
Text stepName(const std::string& name); ///< of a step of the run: `Evaluate on test set`
bool isUnderWay(const TrainingRun& run); ///< running or paused

DatasetCard makeDatasetCard(const TrainingRun* run, const std::string& data, bool changeable);
ProgressCard makeProgressCard(const TrainingRun& run);
CurveCard makeLearningCurve(
    const TrainingRun& run, const std::string& metric, const std::vector<const TrainingRun*>& compared);
BestCard makeBestCard(const TrainingRun& run, const fleet::ModelFacts* served, const Text& candidate);
std::vector<StepRow> makeSteps(const TrainingRun& run);
std::vector<LogRow> makeLog(const TrainingRun& run);
std::vector<MachineRow> makeMachineRows(const std::vector<MachineSample>& samples);
/// The metric at the round that was kept, of the validation part where there is one; nothing without a curve.
std::optional<double> keptValue(const TrainingRun& run, const CurveMetric& metric);
RunRow makeRunRow(const TrainingRun& run, const std::string& metric, SystemTime now);

} // namespace perch::present
