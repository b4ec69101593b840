#include "core/stats/multiclass_metrics.h"

#include "core/stats/score_axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace perch::stats {

namespace {

constexpr std::size_t kSampledRows = 20'000;
constexpr std::size_t kSampledCells = 200'000;
constexpr std::size_t kFewestRows = 2'000;

struct ClassSums {
    double there = 0, answered = 0, right = 0;
};

struct Areas {
    double roc = 0, precisionRecall = 0;
};

/// The rows of one class in descending order of its probability.
struct RankedRows {
    std::vector<std::uint32_t> rows;
    std::vector<std::uint8_t> endsTie; ///< whether the next row has another probability
};

RankedRows rank(std::span<const float> probabilities, std::size_t classes, std::size_t c, std::size_t rows) {
    std::vector<std::pair<float, std::uint32_t>> order;
    order.reserve(rows);
    for (std::size_t i = 0; i < rows; ++i)
        order.emplace_back(-probabilities[i * classes + c], static_cast<std::uint32_t>(i));
    std::ranges::sort(order);
    RankedRows ranked;
    for (std::size_t i = 0; i < rows; ++i) {
        ranked.rows.push_back(order[i].second);
        ranked.endsTie.push_back(i + 1 == rows || order[i + 1].first != order[i].first);
    }
    return ranked;
}

class MulticlassRows final : public RowMetrics {
public:
    MulticlassRows(std::span<const float> probabilities, std::size_t classes, std::span<const std::uint8_t> labels)
        : m_classes(classes), m_labels(labels.begin(), labels.end()) {
        for (std::size_t i = 0; i < labels.size(); ++i)
            addRow(probabilities.subspan(i * classes, classes), labels[i]);
        for (std::size_t c = 0; c < classes; ++c)
            m_ranked.push_back(rank(probabilities, classes, c, labels.size()));
    }

    std::size_t rows() const override { return m_labels.size(); }

    MetricList at(std::span<const std::uint32_t> weights) const override {
        MetricList values(kMulticlassMetrics);
        const auto set = [&](MulticlassMetric metric, std::optional<double> value) {
            values[static_cast<std::size_t>(metric)] = value;
        };
        std::vector<ClassSums> sums(m_classes);
        std::array<ClassSums, kCalibrationBins> bins{}; // there: rows, answered: confidence, right: right answers
        double all = 0, loss = 0, brier = 0;
        for (std::size_t i = 0; i < m_labels.size(); ++i) {
            const double w = weights[i];
            const bool right = m_labels[i] == m_answers[i];
            all += w;
            loss += w * m_losses[i];
            brier += w * m_briers[i];
            sums[m_labels[i]].there += w;
            sums[m_answers[i]].answered += w;
            sums[m_answers[i]].right += right ? w : 0;
            ClassSums& bin = bins[calibrationBin(m_confidences[i])];
            bin.answered += w * m_confidences[i];
            bin.right += right ? w : 0;
        }
        if (all <= 0)
            return values;
        setRates(sums, all, values);
        set(MulticlassMetric::LogLoss, loss / all);
        set(MulticlassMetric::Brier, brier / all);
        double error = 0;
        for (const ClassSums& bin : bins)
            error += std::abs(bin.answered - bin.right) / all;
        set(MulticlassMetric::CalibrationError, error);
        Areas areas;
        double there = 0;
        for (std::size_t c = 0; c < m_classes; ++c) {
            if (sums[c].there <= 0 || sums[c].there >= all)
                continue;
            const Areas one = areasOf(c, sums[c].there, all - sums[c].there, weights);
            areas.roc += one.roc;
            areas.precisionRecall += one.precisionRecall;
            ++there;
        }
        if (there > 0) {
            set(MulticlassMetric::RocAuc, areas.roc / there);
            set(MulticlassMetric::PrAuc, areas.precisionRecall / there);
        }
        return values;
    }

private:
    void addRow(std::span<const float> row, std::uint8_t label) {
        const std::size_t answer = mostProbable(row);
        m_answers.push_back(static_cast<std::uint8_t>(answer));
        m_confidences.push_back(row[answer]);
        m_losses.push_back(-std::log(std::clamp(static_cast<double>(row[label]), 0x1.0p-52, 1.0)));
        double brier = 0;
        for (std::size_t c = 0; c < row.size(); ++c) {
            const double miss = static_cast<double>(row[c]) - (c == label ? 1 : 0);
            brier += miss * miss;
        }
        m_briers.push_back(brier);
    }

    static void setRates(const std::vector<ClassSums>& sums, double all, MetricList& values) {
        double right = 0, precision = 0, recall = 0, f1 = 0, weightedF1 = 0, classes = 0;
        for (const ClassSums& sum : sums) {
            if (sum.there + sum.answered <= 0)
                continue;
            ++classes;
            right += sum.right;
            precision += sum.answered > 0 ? sum.right / sum.answered : 0;
            recall += sum.there > 0 ? sum.right / sum.there : 0;
            const double one = 2 * sum.right / (sum.there + sum.answered);
            f1 += one;
            weightedF1 += one * sum.there;
        }
        const std::array rates{right / all, precision / classes, recall / classes, f1 / classes, weightedF1 / all};
        std::ranges::copy(rates, values.begin());
    }

    /// One class against the rest: midranks for the first area, steps for the second.
    Areas areasOf(std::size_t c, double positives, double negatives, std::span<const std::uint32_t> weights) const {
        const RankedRows& ranked = m_ranked[c];
        double area = 0, average = 0, positivesAbove = 0, negativesAbove = 0, p = 0, n = 0;
        for (std::size_t i = 0; i < ranked.rows.size(); ++i) {
            const std::uint32_t row = ranked.rows[i];
            (m_labels[row] == c ? p : n) += weights[row];
            if (ranked.endsTie[i] == 0)
                continue;
            area += n * (positivesAbove + p / 2);
            positivesAbove += p;
            negativesAbove += n;
            if (p > 0)
                average += p * positivesAbove / (positivesAbove + negativesAbove);
            p = n = 0;
        }
        return {area / (positives * negatives), average / positives};
    }

    std::size_t m_classes;
    std::vector<std::uint8_t> m_labels, m_answers;
    std::vector<double> m_confidences, m_losses, m_briers;
    std::vector<RankedRows> m_ranked; ///< per class
};

} // namespace

std::size_t mostProbable(std::span<const float> row) {
    return static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
}

std::vector<std::uint64_t> confusionCounts(std::span<const float> probabilities, std::size_t classes,
                                           std::span<const std::uint8_t> labels) {
    std::vector<std::uint64_t> counts(classes * classes);
    for (std::size_t i = 0; i < labels.size(); ++i)
        ++counts[labels[i] * classes + mostProbable(probabilities.subspan(i * classes, classes))];
    return counts;
}

MetricList multiclassMetrics(std::span<const float> probabilities, std::size_t classes,
                             std::span<const std::uint8_t> labels) {
    return MulticlassRows(probabilities, classes, labels).at(std::vector<std::uint32_t>(labels.size(), 1));
}

SampledMetrics sampledMulticlassMetrics(std::span<const float> probabilities, std::size_t classes,
                                        std::span<const std::uint8_t> labels, std::uint64_t seed) {
    const std::size_t limit = std::clamp(kSampledCells / std::max<std::size_t>(1, classes), kFewestRows, kSampledRows);
    std::vector<float> drawn;
    std::vector<std::uint8_t> drawnLabels;
    for (const std::uint32_t row : drawnRows(labels.size(), limit, seed)) {
        const auto scores = probabilities.subspan(row * classes, classes);
        drawn.insert(drawn.end(), scores.begin(), scores.end());
        drawnLabels.push_back(labels[row]);
    }
    return {.values = multiclassMetrics(probabilities, classes, labels),
            .sample = std::make_unique<MulticlassRows>(drawn, classes, drawnLabels),
            .rows = labels.size(),
            .centered = {static_cast<std::size_t>(MulticlassMetric::CalibrationError)}};
}

} // namespace perch::stats
