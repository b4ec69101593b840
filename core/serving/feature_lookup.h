#pragma once

#include "core/serving/exposition.h"
#include "core/serving/lookup_file.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace perch::serving {

/// What a lookup gave: the label `result` of ml_lookup_rows_total.
enum class LookupResult { Found, Unknown, Stale };

/// Built features for requests that name their entity instead, from the newest lookup table of a model. The file is
/// looked at once in `interval` and, where it was replaced, opened anew beside the old one, so that no request waits or
/// fails; one that is broken or does not fit is counted and logged, and the old one stays, as it does where none is.
/// The file must be replaced by another of its name, as `perch data publish` does, and never be written over.
/// Safe from any thread.
class FeatureLookup {
public:
    struct Options {
        std::filesystem::path file = {};
        std::optional<Seconds> maxAge = {}; ///< rows of an older table are stale; without, none are
        unsigned connections = 4;           ///< lookups at a time
        std::chrono::milliseconds interval{1'000};
    };

    /// Errors are those of LookupFile::open. `package` and `clock` must outlive it.
    static Result<std::unique_ptr<FeatureLookup>> open(Options options, const model::Package& package, Version version,
                                                       const Clock& clock, Exposition& exposition);
    ~FeatureLookup();

    /// The field by which a request names its entity.
    const std::string& key() const { return m_key; }
    /// Whether the table has a field of the model, by its position in the transform.
    bool has(std::size_t field) const { return std::ranges::binary_search(m_fields, field); }

    /// Puts what the table has of an entity into those cells of a row that the request did not give. The key is
    /// compared without the spaces around it, as it is published. One that the table does not have leaves the cells
    /// missing: the table holds every entity that was known when it was published, also those without an event (their
    /// counts are 0), so nothing is known of any other.
    Result<LookupResult> fill(std::string_view entity, const std::vector<bool>& given,
                              std::span<data::Cell> cells) const;

private:
    FeatureLookup(Options options, const model::Package& package, const Clock& clock, Exposition& exposition);
    void watch(const std::stop_token& stop);
    void look();
    Result<std::shared_ptr<const LookupFile>> load() const;
    std::shared_ptr<const LookupFile> current() const;
    Seconds ageOf(const LookupFile& file) const;

    const Options m_options;
    const model::Package& m_package;
    const Clock& m_clock;
    std::string m_key;
    std::vector<std::size_t> m_fields;
    FileIdentity m_seen; ///< of the file when it was last looked at; of the watching thread
    OwnedSeries m_series;
    prometheus::Gauge* m_age = nullptr;
    prometheus::Counter* m_loaded = nullptr;
    prometheus::Counter* m_failed = nullptr;
    mutable std::mutex m_mutex; ///< guards what follows
    std::shared_ptr<const LookupFile> m_file;
    std::jthread m_thread;
};

} // namespace perch::serving
