#pragma once

#include "core/data/build/bad_cells.h"
#include "core/data/build/event_series.h"
#include "core/data/build/key_index.h"
#include "core/spec/build_spec.h"
#include "core/spec/event_filter.h"

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace arrow {
class RecordBatch;
}

namespace perch::data {

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

/// The features that share source, key and time of their events, and these events. First it learns the entities and the
/// dates of the table's rows, then it takes the events in, then it computes. One thread at a time until it is sorted.
class EventGroup {
public:
    /// `build` must outlive it.
    EventGroup(const spec::BuildSpec& build, const spec::FeatureSpec& first);

    /// Whether the feature belongs here.
    bool fits(const spec::FeatureSpec& feature) const;
    /// The feature's number within the group. Its `where` was checked when perch.yaml was read.
    Result<std::size_t> add(const spec::FeatureSpec& feature);

    const std::string& source() const { return m_counts.source; }
    const std::string& entityColumn() const { return m_entityColumn; }
    /// The columns of the source that are needed.
    std::vector<std::string> columns() const;

    /// A row of the table: its entity and its date.
    void learn(std::string_view entity, Micros asOf);
    /// Takes a batch of events in; `place` names a row of the batch.
    Result<void> read(const arrow::RecordBatch& batch, BadCellLog& bad,
                      const std::function<std::string(std::int64_t)>& place);
    void sort();

    /// The feature of a row; nothing is missing. Days since an event are fractions of 24 hours; an entity without
    /// events has the count 0 and `any` false, the others are missing, as where no event has a value.
    std::optional<double> compute(std::size_t feature, std::string_view entity, Micros asOf) const;
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
    struct Cells;
    Micros earliest() const;
    Result<void> readEvent(Cells& cells, std::int64_t row, std::uint32_t entity, Micros time, BadCellLog& bad,
                           const std::function<std::string(std::int64_t)>& place);

    const spec::BuildSpec* m_build;
    std::string m_entityColumn;
    EventCounts m_counts;
    std::vector<Feature> m_features;
    std::vector<spec::EventFilter> m_filters;
    std::vector<std::string> m_conditions; ///< the texts of m_filters
    std::vector<Taken> m_values, m_texts;
    KeyIndex m_entities;
    std::vector<KeyIndex> m_words; ///< per m_texts
    std::optional<EventSeries> m_series;
    Micros m_firstDate = std::numeric_limits<Micros>::max(), m_lastDate = std::numeric_limits<Micros>::min();
};

} // namespace perch::data
