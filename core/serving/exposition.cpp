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

std::string Exposition::text() const {
    return prometheus::TextSerializer().Serialize(m_registry->Collect());
}

} // namespace perch::serving
