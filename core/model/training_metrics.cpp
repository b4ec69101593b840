#include "core/model/training_metrics.h"

#include "core/stats/classification_metrics.h"
#include "core/stats/multiclass_metrics.h"
#include "core/stats/regression_metrics.h"

namespace perch::model {

namespace {

class Metrics {
public:
    void add(const char* name, std::optional<double> value) {
        if (value)
            m_values[name] = *value;
    }
    std::map<std::string, double> take() { return std::move(m_values); }

private:
    std::map<std::string, double> m_values;
};

void addBinary(std::span<const float> scores, std::span<const std::uint8_t> labels, double threshold,
               Metrics& metrics) {
    const stats::ConfusionMatrix matrix = stats::confusionAt(scores, labels, threshold);
    const stats::RankingMetrics ranking = stats::rankingMetrics(scores, labels);
    metrics.add("accuracy", stats::accuracy(matrix));
    metrics.add("precision", stats::precision(matrix));
    metrics.add("recall", stats::recall(matrix));
    metrics.add("f1", stats::f1(matrix));
    metrics.add("roc_auc", ranking.rocAuc);
    metrics.add("log_loss", ranking.logLoss);
}

void addRegression(std::span<const float> scores, const TrainingLabel& label, std::span<const std::uint32_t> rows,
                   Metrics& metrics) {
    std::vector<double> truth;
    for (const std::uint32_t row : rows)
        truth.push_back(label.numbers[row]);
    const stats::MetricList values = stats::regressionMetrics(scores, truth);
    metrics.add("mae", values[static_cast<std::size_t>(stats::RegressionMetric::Mae)]);
    metrics.add("rmse", values[static_cast<std::size_t>(stats::RegressionMetric::Rmse)]);
    metrics.add("r2", values[static_cast<std::size_t>(stats::RegressionMetric::R2)]);
}

} // namespace

std::map<std::string, double> metricsOf(const ScoredPart& scored, const TrainingLabel& label,
                                        std::span<const std::uint32_t> rows, double threshold) {
    Metrics metrics;
    if (label.task == Task::Regression) {
        addRegression(scored.scores, label, rows, metrics);
        return metrics.take();
    }
    std::vector<std::uint8_t> labels;
    for (const std::uint32_t row : rows)
        labels.push_back(label.classOf[row]);
    if (label.task == Task::Binary) {
        addBinary(scored.scores, labels, threshold, metrics);
    } else {
        const stats::MetricList values = stats::multiclassMetrics(scored.scores, scored.outputs, labels);
        metrics.add("accuracy", values[static_cast<std::size_t>(stats::MulticlassMetric::Accuracy)]);
        metrics.add("macro_f1", values[static_cast<std::size_t>(stats::MulticlassMetric::MacroF1)]);
        metrics.add("log_loss", values[static_cast<std::size_t>(stats::MulticlassMetric::LogLoss)]);
    }
    return metrics.take();
}

} // namespace perch::model
