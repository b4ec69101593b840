#include "core/serving/exposition.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace perch::serving {

const char* const kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

Exposition::Exposition()
    : m_registry(std::make_shared<prometheus::Registry>()) {}
Exposition::~Exposition() = default;

prometheus::Counter& Exposition::counter(const std::string& name, const std::string& help, const Labels& labels) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(*m_registry).Add(labels);
}

prometheus::Gauge& Exposition::gauge(const std::string& name, const std::string& help, const Labels& labels) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(*m_registry).Add(labels);
}

prometheus::Histogram& Exposition::histogram(
    const std::string& name, const std::string& help, const Labels& labels, const std::vector<double>& buckets) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(*m_registry).Add(labels, buckets);
}

OwnedSeries::~OwnedSeries() {
    const std::lock_guard lock(m_exposition.m_mutex);
    for (const void* series : m_series) {
        const auto owned = m_exposition.m_owned.find(series);
        if (--owned->second.owners > 0)
            continue;
        owned->second.remove();
        m_exposition.m_owned.erase(owned);
    }
}

template <typename Family, typename... Rest>
auto& OwnedSeries::own(Family& family, const Labels& labels, const Rest&... rest) {
    const std::lock_guard lock(m_exposition.m_mutex);
    auto& series = family.Add(labels, rest...);
    Exposition::Owned& owned = m_exposition.m_owned[&series];
    ++owned.owners;
    owned.remove = [&family, &series] { family.Remove(&series); };
    m_series.push_back(&series);
    return series;
}

prometheus::Counter& OwnedSeries::counter(
    const std::string& name, const std::string& help, const Labels& labels) {
    return own(prometheus::BuildCounter().Name(name).Help(help).Register(*m_exposition.m_registry), labels);
}

prometheus::Gauge& OwnedSeries::gauge(const std::string& name, const std::string& help, const Labels& labels) {
    return own(prometheus::BuildGauge().Name(name).Help(help).Register(*m_exposition.m_registry), labels);
}

prometheus::Histogram& OwnedSeries::histogram(
    const std::string& name, const std::string& help, const Labels& labels, const std::vector<double>& buckets) {
    return own(prometheus::BuildHistogram().Name(name).Help(help).Register(*m_exposition.m_registry), labels, buckets);
}

std::string Exposition::text() const {
    return prometheus::TextSerializer().Serialize(m_registry->Collect());
}

} // namespace perch::serving
