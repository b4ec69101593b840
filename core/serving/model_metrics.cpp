#include "core/serving/model_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

namespace perch::serving {

namespace {

constexpr std::array<const char*, 4> kOutcomes = {"ok", "invalid", "overloaded", "error"};
constexpr std::array<const char*, 3> kLookupResults = {"found", "unknown", "stale"};
const std::vector<double> kLatencyBuckets = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1};

Labels with(Labels labels, std::initializer_list<std::pair<const std::string, std::string>> further) {
    labels.insert(further);
    return labels;
}

/// The reference that the counted bins are compared with, exported beside them so that a rule can do it.
void exportReference(OwnedSeries& series, const data::ReferenceProfile& profile, const Labels& version) {
    series.gauge("ml_feature_reference_rows", "Training rows behind the reference profile.", version)
        .Set(static_cast<double>(profile.rows));
    for (const data::FeatureBins& bins : profile.features) {
        const Labels feature = with(version, {{"feature", bins.feature}});
        series
            .gauge("ml_feature_importance_ratio", "Share of the model's gain, over the exported features.", feature)
            .Set(bins.importance);
        double total = 0;
        for (const std::uint64_t count : bins.counts)
            total += static_cast<double>(count);
        for (std::size_t i = 0; i < bins.labels.size(); ++i) {
            series
                .gauge("ml_feature_reference_ratio", "Share of the training rows in a bin.",
                    with(feature, {{"bin", bins.labels[i]}}))
                .Set(total > 0 ? static_cast<double>(bins.counts[i]) / total : 0);
        }
    }
}

} // namespace

ModelMetrics::ModelMetrics(Exposition& exposition, const model::Predictor& predictor, Version version,
                           const std::vector<std::string>& roles, const std::vector<std::string>& endpoints,
                           Lookups lookups)
    : m_series(exposition), m_endpoints(endpoints.size()) {
    const model::Package& package = predictor.package();
    const Labels labels = {{"model", package.card.model.text()}, {"model_version", version.text()}};
    m_series
        .gauge("ml_engine_info", "What evaluates the trees, and why it is XGBoost where it is.",
            with(labels, {{"engine", std::string(toString(predictor.engine()))}, {"reason", std::string(predictor.engineReason())}}))
        .Set(1);
    for (const std::string& role : roles) {
        const Labels ofRole = with(labels, {{"role", role}});
        auto& requests = m_requests.emplace_back();
        for (std::size_t i = 0; i < kOutcomes.size(); ++i)
            requests[i] = &m_series.counter(
                "ml_requests_total", "Prediction requests by how they ended.", with(ofRole, {{"outcome", kOutcomes[i]}}));
        if (lookups == Lookups::Yes) {
            auto& results = m_lookups.emplace_back();
            for (std::size_t i = 0; i < kLookupResults.size(); ++i)
                results[i] = &m_series.counter("ml_lookup_rows_total",
                                               "Rows whose features were looked up by what the table had for them.",
                                               with(ofRole, {{"result", kLookupResults[i]}}));
        }
        for (const std::string& endpoint : endpoints)
            m_latency.push_back(&m_series.histogram("model_prediction_latency_seconds",
                "Time the model server took for an answer.", with(ofRole, {{"endpoint", endpoint}}), kLatencyBuckets));
    }
    for (const data::FeatureBins& bins : package.reference.features) {
        auto& counters = m_bins.emplace_back();
        for (const std::string& bin : bins.labels)
            counters.push_back(&m_series.counter("ml_feature_bin_total", "Rows by the bin of a feature.",
                with(labels, {{"feature", bins.feature}, {"bin", bin}})));
    }
    exportReference(m_series, package.reference, labels);
}

void ModelMetrics::countRequest(std::size_t role, Outcome outcome) {
    m_requests[role][static_cast<std::size_t>(outcome)]->Increment();
}

void ModelMetrics::observeLatency(std::size_t role, std::size_t endpoint, Seconds duration) {
    m_latency[role * m_endpoints + endpoint]->Observe(duration.count());
}

void ModelMetrics::countRows(std::size_t role, const EncodedRows& rows) {
    for (std::size_t i = 0; !m_lookups.empty() && i < rows.lookups.size(); ++i) {
        if (rows.lookups[i] > 0)
            m_lookups[role][i]->Increment(static_cast<double>(rows.lookups[i]));
    }
    for (std::size_t i = 0; i < rows.bins.size(); ++i)
        m_bins[i % m_bins.size()][rows.bins[i]]->Increment();
}

} // namespace perch::serving
