#include "core/evaluate/evaluated_model.h"

#include "core/evaluate/evaluation_curves.h"
#include "core/stats/binary_bootstrap.h"
#include "core/stats/delong.h"
#include "core/stats/multiclass_metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace perch::evaluate {

namespace {

constexpr std::size_t kErrorBins = 10;
constexpr std::size_t kErrorHistogramBins = 40;
constexpr std::size_t kSampledPoints = 600;

stats::BootstrapOptions bootstrapOf(const EvaluationOptions& options) {
    return {.resamples = options.resamples, .seed = options.seed};
}

template <typename Values, typename Intervals>
MetricValues metricValues(model::Task task, const Values& values, const Intervals& intervals) {
    MetricValues metrics;
    const std::span<const MetricDefinition> definitions = metricDefinitions(task);
    for (std::size_t m = 0; m < definitions.size(); ++m) {
        MetricValue metric{.value = values[m]};
        if (intervals[m]) {
            metric.low = intervals[m]->low;
            metric.high = intervals[m]->high;
        }
        metrics.emplace(definitions[m].name, metric);
    }
    return metrics;
}

/// Shares cannot leave [0, 1], nor can what is at least 0.
void clampIntervals(MetricValues& metrics) {
    for (auto& [name, metric] : metrics) {
        if (!metric.low)
            continue;
        const bool unbounded = name == "log_loss" || name == "brier" || name == "mae" || name == "rmse";
        if (name != "r2")
            metric.low = std::max(0.0, *metric.low);
        if (!unbounded)
            metric.high = std::min(1.0, *metric.high);
    }
}

/// The area under the curve of one class against the rest.
MetricValue classArea(std::span<const float> probabilities, std::size_t classes, std::span<const std::uint8_t> labels,
                      std::size_t one) {
    std::vector<float> scores;
    std::vector<std::uint8_t> rest;
    scores.reserve(labels.size());
    rest.reserve(labels.size());
    for (std::size_t row = 0; row < labels.size(); ++row) {
        scores.push_back(probabilities[row * classes + one]);
        rest.push_back(labels[row] == one ? 1 : 0);
    }
    // Scores that are all the same have the area 0.5, without a variance.
    const auto above = stats::delong(scores, std::vector<float>(scores.size()), rest);
    if (!above)
        return {};
    return {above->value + 0.5, std::max(0.0, above->interval.low + 0.5), std::min(1.0, above->interval.high + 0.5)};
}

ClassResult classResult(const std::vector<std::string>& names, std::span<const float> probabilities,
                        std::span<const std::uint8_t> labels) {
    const std::size_t classes = names.size();
    ClassResult result{.confusion = stats::confusionCounts(probabilities, classes, labels)};
    for (std::size_t c = 0; c < classes; ++c) {
        std::uint64_t there = 0, answered = 0;
        for (std::size_t other = 0; other < classes; ++other) {
            there += result.confusion[c * classes + other];
            answered += result.confusion[other * classes + c];
        }
        const std::uint64_t right = result.confusion[c * classes + c];
        result.classes.push_back({.name = names[c],
                                  .rows = there,
                                  .precision = shareOf(right, answered),
                                  .recall = shareOf(right, there),
                                  .f1 = f1Of(right, there, answered),
                                  .rocAuc = classArea(probabilities, classes, labels, c)});
    }
    return result;
}

/// Scores of the answered classes and whether they are right: calibration is that of a binary model.
std::vector<CalibrationPoint> confidenceCalibration(std::span<const float> probabilities, std::size_t classes,
                                                    std::span<const std::uint8_t> labels) {
    std::vector<float> confidences;
    std::vector<std::uint8_t> right;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto row = probabilities.subspan(i * classes, classes);
        const std::size_t answer = stats::mostProbable(row);
        confidences.push_back(row[answer]);
        right.push_back(answer == labels[i] ? 1 : 0);
    }
    return makeCurves(stats::ScoreCells::from(confidences, right)).calibration;
}

/// Tenths of the predicted numbers.
std::vector<ErrorBin> errorBins(std::span<const float> predicted, std::span<const double> truth) {
    std::vector<std::uint32_t> order(truth.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, {}, [&](std::uint32_t row) { return predicted[row]; });
    std::vector<ErrorBin> bins;
    for (std::size_t b = 0; b < kErrorBins; ++b) {
        const std::size_t from = b * order.size() / kErrorBins, to = (b + 1) * order.size() / kErrorBins;
        if (from == to)
            continue;
        double sum = 0, squared = 0, answers = 0;
        for (std::size_t i = from; i < to; ++i) {
            sum += truth[order[i]];
            answers += static_cast<double>(predicted[order[i]]);
        }
        const double n = static_cast<double>(to - from), mean = sum / n;
        for (std::size_t i = from; i < to; ++i)
            squared += (truth[order[i]] - mean) * (truth[order[i]] - mean);
        const double half = n > 1 ? stats::kNormal95 * std::sqrt(squared / (n - 1) / n) : 0;
        bins.push_back({to - from, answers / n, mean, mean - half, mean + half});
    }
    return bins;
}

void fillHistogram(std::span<const float> predicted, std::span<const double> truth, ErrorResult& result) {
    std::vector<double> errors;
    for (std::size_t i = 0; i < truth.size(); ++i)
        errors.push_back(static_cast<double>(predicted[i]) - truth[i]);
    std::vector<double> sorted = errors;
    const auto quantile = [&](double share) {
        const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
        std::nth_element(sorted.begin(), sorted.begin() + at, sorted.end());
        return sorted[static_cast<std::size_t>(at)];
    };
    result.errorLow = quantile(0.005);
    result.errorHigh = quantile(0.995);
    if (result.errorLow >= result.errorHigh)
        result.errorHigh = result.errorLow + 1e-9;
    result.histogram.resize(kErrorHistogramBins);
    const double width = (result.errorHigh - result.errorLow) / static_cast<double>(kErrorHistogramBins);
    for (const double error : errors) {
        const double at =
            std::clamp((error - result.errorLow) / width, 0.0, static_cast<double>(kErrorHistogramBins - 1));
        ++result.histogram[static_cast<std::size_t>(at)];
    }
}

} // namespace

Result<EvaluatedModel> evaluateScores(std::span<const float> scores, std::span<const std::uint8_t> labels,
                                      double threshold, const EvaluationOptions& options, std::stop_token stop) {
    EvaluatedModel model;
    model.threshold = threshold;
    model.confusion = stats::confusionAt(scores, labels, threshold);
    const stats::ScoreCells exact = stats::ScoreCells::exactFrom(scores, labels);
    const auto values = stats::binaryMetrics(exact, threshold);
    const auto intervals = TRY(stats::bootstrapIntervals(exact, threshold, bootstrapOf(options), stop));
    model.metrics = metricValues(model::Task::Binary, values, intervals);
    model.cells = exact.bounded();
    for (const auto& [name, metric] : thresholdMetrics(exact, threshold)) {
        if (metric.low)
            model.metrics[name] = metric;
    }
    model.curves = makeCurves(exact);
    model.histogram = makeHistogram(exact);
    return model;
}

Result<EvaluatedModel> evaluateClasses(std::span<const float> probabilities, std::span<const std::uint8_t> labels,
                                       const std::vector<std::string>& classes, const EvaluationOptions& options,
                                       std::stop_token stop) {
    EvaluatedModel model;
    const stats::SampledMetrics sampled =
        stats::sampledMulticlassMetrics(probabilities, classes.size(), labels, options.seed);
    const auto intervals = TRY(stats::rowIntervals(sampled, bootstrapOf(options), std::move(stop)));
    model.metrics = metricValues(model::Task::MultiClass, sampled.values, intervals);
    model.classes = classResult(classes, probabilities, labels);
    std::uint64_t right = 0;
    for (std::size_t c = 0; c < classes.size(); ++c)
        right += model.classes->confusion[c * classes.size() + c];
    model.metrics["accuracy"] = shareOf(right, labels.size());
    clampIntervals(model.metrics);
    model.curves.calibration = confidenceCalibration(probabilities, classes.size(), labels);
    return model;
}

Result<EvaluatedModel> evaluateNumbers(std::span<const float> predicted, std::span<const double> truth,
                                       const stats::Tolerance& tolerance, const EvaluationOptions& options,
                                       std::stop_token stop) {
    EvaluatedModel model;
    const stats::SampledMetrics sampled = stats::sampledRegressionMetrics(predicted, truth, tolerance, options.seed);
    const auto intervals = TRY(stats::rowIntervals(sampled, bootstrapOf(options), std::move(stop)));
    model.metrics = metricValues(model::Task::Regression, sampled.values, intervals);
    ErrorResult result{.tolerance = tolerance, .bins = errorBins(predicted, truth)};
    std::uint64_t within = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        const double error = std::abs(static_cast<double>(predicted[i]) - truth[i]);
        within += error <= tolerance.of(truth[i]) ? 1 : 0;
    }
    model.metrics["within_tolerance"] = shareOf(within, truth.size());
    clampIntervals(model.metrics);
    for (const std::uint32_t row : stats::drawnRows(truth.size(), kSampledPoints, options.seed))
        result.sample.push_back({truth[row], static_cast<double>(predicted[row]), 0});
    if (!truth.empty())
        fillHistogram(predicted, truth, result);
    model.errors = std::move(result);
    return model;
}

} // namespace perch::evaluate
