#pragma once

#include "core/stats/score_axis.h"

#include <cstdint>
#include <optional>
#include <span>

/// Metrics of binary classifiers from scores (probability of the positive class) and labels (0 or 1). Pure and exact.
/// A metric is empty where it is undefined, never silently 0: precision without predicted positives, recall without
/// positives, areas with one class, anything without rows. Spans must have the same length and finite scores.
namespace perch::stats {

/// Decisions against truth at one threshold.
struct ConfusionMatrix {
    std::uint64_t truePositives = 0;
    std::uint64_t falsePositives = 0;
    std::uint64_t trueNegatives = 0;
    std::uint64_t falseNegatives = 0;

    std::uint64_t positives() const { return truePositives + falseNegatives; }
    std::uint64_t negatives() const { return trueNegatives + falsePositives; }
    std::uint64_t predictedPositives() const { return truePositives + falsePositives; }
    std::uint64_t rows() const { return positives() + negatives(); }
    bool operator==(const ConfusionMatrix&) const = default;
};

/// A row is predicted positive when its score is >= threshold.
ConfusionMatrix confusionAt(std::span<const float> scores, std::span<const std::uint8_t> labels, double threshold);

std::optional<double> accuracy(const ConfusionMatrix& matrix);
std::optional<double> precision(const ConfusionMatrix& matrix);
std::optional<double> recall(const ConfusionMatrix& matrix);
/// 2 TP / (2 TP + FP + FN); empty only if that sum is 0.
std::optional<double> f1(const ConfusionMatrix& matrix);

/// All threshold-free metrics after one sort.
RankingMetrics rankingMetrics(std::span<const float> scores, std::span<const std::uint8_t> labels);
std::optional<double> rocAuc(std::span<const float> scores, std::span<const std::uint8_t> labels);
std::optional<double> averagePrecision(std::span<const float> scores, std::span<const std::uint8_t> labels);
std::optional<double> logLoss(std::span<const float> scores, std::span<const std::uint8_t> labels);
std::optional<double> brier(std::span<const float> scores, std::span<const std::uint8_t> labels);
std::optional<double> calibrationError(std::span<const float> scores, std::span<const std::uint8_t> labels);

} // namespace perch::stats
