#pragma once

#include "core/data/build/bad_cells.h"
#include "core/data/build/event_store.h"
#include "core/data/build/key_index.h"
#include "core/spec/build_spec.h"
#include "core/spec/event_filter.h"

#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace arrow {
class RecordBatch;
}

namespace perch::data {

class TextCells;

/// The type that `types` of perch.yaml declares for a column: under `source.column`, else under `column`.
std::optional<spec::ColumnType> declaredType(const spec::BuildSpec& build, const std::string& source,
                                             const std::string& column);

/// What became of the events of one group.
struct EventCounts {
    std::string source, key, time;
    std::uint64_t events = 0;       ///< kept: they can matter to a row
    std::uint64_t withoutKey = 0;   ///< no key: left out
    std::uint64_t withoutTime = 0;  ///< no readable time: left out
    std::uint64_t strangers = 0;    ///< of no entity of the table
    std::uint64_t outside = 0;      ///< at or after the newest row's date, or before every window
    std::uint64_t rejected = 0;     ///< a bad cell, under BadCells::RejectRow
};

/// The events of a batch that are of an entity and at a time that a row can see, and what became of the others.
struct PickedEvents {
    std::vector<std::int64_t> rows; ///< in the batch
    std::vector<Micros> times;
    std::vector<std::uint32_t> entities;
    std::vector<std::int64_t> badTimes; ///< rows
    std::uint64_t withoutKey = 0, withoutTime = 0, strangers = 0, outside = 0;
};

/// The features that share source, key and time of their events, and these events. First it learns the entities and the
/// dates of the table's rows, then it takes the events in, then it computes. Events beyond a bound lie in a file, and then
/// every row must be asked about before any is computed, in the same order. One thread at a time.
class EventGroup {
public:
    /// `build` must outlive it.
    EventGroup(const spec::BuildSpec& build, const spec::FeatureSpec& first);
    EventGroup(EventGroup&& other) noexcept;
    EventGroup& operator=(EventGroup&& other) noexcept;
    ~EventGroup();

    /// Whether the feature belongs here.
    bool fits(const spec::FeatureSpec& feature) const;
    /// The feature's number within the group. Its `where` was checked when perch.yaml was read.
    Result<std::size_t> add(const spec::FeatureSpec& feature);

    const std::string& source() const { return m_counts.source; }
    const std::string& entityColumn() const { return m_entityColumn; }
    /// The columns of the source that are needed.
    std::vector<std::string> columns() const;

    /// Rows of the table: their entities and their dates.
    void learn(const TextCells& entities, std::span<const Micros> dates);
    /// Before the first event: at most so many bytes of them stay in memory, more go to a file in the folder.
    void limitMemory(std::filesystem::path folder, std::size_t bytes);
    /// The events of a batch that can matter to a row. Other threads may take in others meanwhile.
    Result<PickedEvents> pick(const arrow::RecordBatch& batch) const;
    /// Takes them in, batch after batch; `place` names a row of the batch.
    Result<void> take(const arrow::RecordBatch& batch, const PickedEvents& events, BadCellLog& bad,
                      const std::function<std::string(std::int64_t)>& place);
    Result<void> finish();

    /// Whether the events lie in a file; then `ask` for every row, `answer` once.
    bool inFile() const { return m_store->inFile(); }
    Result<void> ask(const TextCells& entities, std::span<const Micros> dates);
    Result<void> answer(const std::stop_token& stop);

    std::size_t features() const { return m_features.size(); }
    /// The features of rows, for each row all of the group; NaN is missing. Days since an event are fractions of 24
    /// hours; an entity without events has the count 0 and `any` false, the others are missing, as where no event has a
    /// value, and as all of a row without an entity or a date (kNoDate).
    Result<std::vector<double>> compute(const TextCells& entities, std::span<const Micros> dates);
    const EventCounts& counts() const { return m_counts; }

private:
    /// A column of the events, restricted to those that a filter keeps.
    struct Taken {
        std::string column;
        std::optional<std::size_t> filter;
        bool operator==(const Taken&) const = default;
    };
    struct Feature {
        spec::FeatureSpec::Aggregate aggregate;
        spec::WindowSpec window;
        std::optional<std::size_t> filter;
        std::size_t taken = 0; ///< into m_values, or m_texts for Distinct
    };
    struct Answers;
    Micros earliest() const;
    std::vector<std::uint32_t> entitiesOf(const TextCells& entities, std::span<const Micros> dates) const;
    double valueOf(const Feature& feature, const EventSeries& series, std::uint32_t entity, Micros asOf) const;

    const spec::BuildSpec* m_build;
    std::string m_entityColumn;
    std::filesystem::path m_folder; ///< for files
    EventCounts m_counts;
    std::vector<Feature> m_features;
    std::vector<spec::EventFilter> m_filters;
    std::vector<std::string> m_conditions; ///< the texts of m_filters
    std::vector<Taken> m_values, m_texts;
    KeyIndex m_entities;
    std::vector<KeyIndex> m_words; ///< per m_texts
    std::optional<EventStore> m_store;
    std::optional<PartitionFile> m_asked;
    std::unique_ptr<Answers> m_answers;
    Micros m_firstDate = std::numeric_limits<Micros>::max(), m_lastDate = std::numeric_limits<Micros>::min();
};

} // namespace perch::data
