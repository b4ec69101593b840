#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
} // namespace prometheus

namespace perch::serving {

using Labels = std::map<std::string, std::string>;

/// The metrics of one process in Prometheus' text format. Asking for a series creates it at zero; the same name and
/// labels give the same series. Series live as long as this object and may be incremented from any thread: the hot
/// path keeps the references.
class Exposition {
public:
    Exposition();
    ~Exposition();

    prometheus::Counter& counter(const std::string& name, const std::string& help, const Labels& labels);
    prometheus::Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels);
    prometheus::Histogram& histogram(
        const std::string& name, const std::string& help, const Labels& labels, const std::vector<double>& buckets);

    /// What a scrape answers.
    std::string text() const;

private:
    std::shared_ptr<prometheus::Registry> m_registry;
};

/// `text/plain; version=0.0.4`
extern const char* const kExpositionType;

} // namespace perch::serving
