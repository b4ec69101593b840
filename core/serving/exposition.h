#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
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
/// labels give the same series. Series live as long as this object, or as the last OwnedSeries that asked for them, and
/// may be incremented from any thread: the hot path keeps the references.
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
    friend class OwnedSeries;
    struct Owned {
        std::size_t owners = 0;
        std::function<void()> remove;
    };
    std::shared_ptr<prometheus::Registry> m_registry;
    std::mutex m_mutex; ///< guards what follows, and that nobody asks for a series while it goes
    std::map<const void*, Owned> m_owned;
};

/// Series that go when their last owner goes: those of a model that is unloaded. Belongs to one thread.
class OwnedSeries {
public:
    explicit OwnedSeries(Exposition& exposition) : m_exposition(exposition) {}
    OwnedSeries(const OwnedSeries&) = delete;
    OwnedSeries& operator=(const OwnedSeries&) = delete;
    ~OwnedSeries();

    prometheus::Counter& counter(const std::string& name, const std::string& help, const Labels& labels);
    prometheus::Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels);
    prometheus::Histogram& histogram(
        const std::string& name, const std::string& help, const Labels& labels, const std::vector<double>& buckets);

private:
    template <typename Family, typename... Rest>
    auto& own(Family& family, const Labels& labels, const Rest&... rest);

    Exposition& m_exposition;
    std::vector<const void*> m_series;
};

/// `text/plain; version=0.0.4`
extern const char* const kExpositionType;

} // namespace perch::serving
