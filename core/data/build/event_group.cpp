#include "core/data/build/event_group.h"

#include "core/data/build/dataset_sink.h"
#include "core/data/build/look_back.h"
#include "core/data/build/text_cells.h"
#include "core/data/build/typed_cell.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace perch::data {

namespace {

using spec::ColumnType;
using Aggregate = spec::FeatureSpec::Aggregate;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

template <typename T>
std::size_t placeOf(std::vector<T>& values, const T& value) {
    const auto found = std::find(values.begin(), values.end(), value);
    if (found != values.end())
        return static_cast<std::size_t>(found - values.begin());
    values.push_back(value);
    return values.size() - 1;
}

Result<TextCells> cellsOf(const arrow::RecordBatch& batch, const std::string& column) {
    const int position = batch.schema()->GetFieldIndex(column);
    if (position < 0)
        return fail(ErrorCode::InvalidInput, "There is no column \"{}\".", column);
    return TextCells::of(batch, position);
}

} // namespace

std::optional<ColumnType> declaredType(const spec::BuildSpec& build, const std::string& source,
                                       const std::string& column) {
    for (const std::string& name : {source + "." + column, column}) {
        if (const auto found = build.types.find(name); found != build.types.end())
            return found->second;
    }
    return std::nullopt;
}

/// The columns of one batch, as texts.
struct EventGroup::Cells {
    struct Column {
        std::string name;
        ColumnType type;
        TextCells texts;
    };
    std::vector<Column> filters, values;
    std::vector<TextCells> texts;
    // Of the event at hand.
    std::vector<std::uint8_t> kept;
    std::vector<double> numbers;
    std::vector<std::uint32_t> codes;
};

/// The computed features of the rows that were asked about, by the partition of their entities.
struct EventGroup::Answers {
    explicit Answers(PartitionFile written) : file(std::move(written)) {}

    PartitionFile file;
    std::vector<PartitionFile::Reader> readers; ///< per partition
    std::vector<std::string_view> rest = std::vector<std::string_view>(PartitionFile::kPartitions);
};

EventGroup::EventGroup(const spec::BuildSpec& build, const spec::FeatureSpec& first)
    : m_build(&build), m_entityColumn(first.entity) {
    m_counts.source = first.from;
    m_counts.key = first.key;
    m_counts.time = first.time;
}

EventGroup::EventGroup(EventGroup&& other) noexcept = default;
EventGroup& EventGroup::operator=(EventGroup&& other) noexcept = default;
EventGroup::~EventGroup() = default;

bool EventGroup::fits(const spec::FeatureSpec& feature) const {
    return feature.from == m_counts.source && feature.key == m_counts.key && feature.time == m_counts.time &&
           feature.entity == m_entityColumn;
}

Result<std::size_t> EventGroup::add(const spec::FeatureSpec& feature) {
    Feature added{.aggregate = feature.aggregate, .window = feature.window};
    if (!feature.where.empty()) {
        added.filter = placeOf(m_conditions, feature.where);
        if (*added.filter == m_filters.size())
            m_filters.push_back(TRY(spec::EventFilter::parse(feature.where)));
    }
    if (!feature.value.empty())
        added.taken = placeOf(feature.aggregate == Aggregate::Distinct ? m_texts : m_values,
                              Taken{feature.value, added.filter});
    m_words.resize(m_texts.size());
    m_features.push_back(added);
    return m_features.size() - 1;
}

std::vector<std::string> EventGroup::columns() const {
    std::vector<std::string> names = {m_counts.key};
    placeOf(names, m_counts.time);
    for (const spec::EventFilter& filter : m_filters)
        placeOf(names, filter.column);
    for (const std::vector<Taken>* taken : {&m_values, &m_texts}) {
        for (const Taken& column : *taken)
            placeOf(names, column.column);
    }
    return names;
}

void EventGroup::learn(std::string_view entity, Micros asOf) {
    m_entities.add(trimmedCell(entity));
    m_firstDate = std::min(m_firstDate, asOf);
    m_lastDate = std::max(m_lastDate, asOf);
}

/// The earliest moment that a window of any row can see.
Micros EventGroup::earliest() const {
    // Months differ in length, so that a later date may have a window that begins up to three days earlier.
    constexpr Micros kSlack = 4 * kMicrosPerDay;
    Micros earliest = std::numeric_limits<Micros>::max();
    for (const Feature& feature : m_features)
        earliest = std::min(earliest, windowStart(m_firstDate, feature.window));
    return earliest < std::numeric_limits<Micros>::min() + kSlack ? earliest : earliest - kSlack;
}

void EventGroup::limitMemory(std::filesystem::path folder, std::size_t bytes) {
    m_folder = std::move(folder);
    m_store.emplace(EventStore::Shape{m_filters.size(), m_values.size(), m_texts.size()}, m_folder, bytes);
}

Result<void> EventGroup::readEvent(Cells& cells, std::int64_t row, std::uint32_t entity, Micros time, BadCellLog& bad,
                                   const std::function<std::string(std::int64_t)>& place) {
    bool rejected = false;
    /// The cell as a number; nothing if it is missing or bad.
    const auto numberOf = [&](const Cells::Column& column) -> Result<std::optional<double>> {
        const std::optional<std::string_view> text = column.texts.at(row);
        const TypedCell cell = readCell(column.type, text);
        if (cell.fit == TypedCell::Fit::Bad) {
            TRY(bad.add(m_counts.source, column.name, expectedOf(column.type), *text, [&] { return place(row); }));
            rejected = rejected || bad.policy() == spec::BadCells::RejectRow;
        }
        return cell.fit == TypedCell::Fit::Value ? std::optional(cell.number) : std::nullopt;
    };
    for (std::size_t i = 0; i < m_filters.size(); ++i) {
        const Cells::Column& column = cells.filters[i];
        std::optional<double> number;
        if (column.type != ColumnType::Category)
            number = TRY(numberOf(column));
        std::optional<std::string_view> text = column.texts.at(row);
        if (column.type != ColumnType::Category && !number)
            text.reset(); // a bad cell is missing
        cells.kept[i] = m_filters[i].keeps(text, number);
    }
    const auto takes = [&](const Taken& taken) { return !taken.filter || cells.kept[*taken.filter] != 0; };
    for (std::size_t i = 0; i < m_values.size(); ++i)
        cells.numbers[i] = TRY(numberOf(cells.values[i])).value_or(kNothing);
    for (std::size_t i = 0; i < m_values.size(); ++i)
        cells.numbers[i] = takes(m_values[i]) ? cells.numbers[i] : kNothing;
    if (rejected) {
        ++m_counts.rejected;
        return {};
    }
    for (std::size_t i = 0; i < m_texts.size(); ++i) {
        const std::optional<std::string_view> text = cells.texts[i].at(row);
        cells.codes[i] = text && takes(m_texts[i]) ? m_words[i].add(*text) : EventSeries::kNoCode;
    }
    ++m_counts.events;
    return m_store->add(entity, time, cells.kept, cells.numbers, cells.codes);
}

Result<void> EventGroup::read(const arrow::RecordBatch& batch, BadCellLog& bad,
                              const std::function<std::string(std::int64_t)>& place) {
    const TextCells keys = TRY(cellsOf(batch, m_counts.key));
    const TextCells times = TRY(cellsOf(batch, m_counts.time));
    Cells cells;
    for (const spec::EventFilter& filter : m_filters) {
        const ColumnType fallback = filter.ordered() ? ColumnType::Number : ColumnType::Category;
        cells.filters.push_back({filter.column,
                                 declaredType(*m_build, m_counts.source, filter.column).value_or(fallback),
                                 TRY(cellsOf(batch, filter.column))});
    }
    for (const Taken& value : m_values) {
        const auto declared = declaredType(*m_build, m_counts.source, value.column);
        cells.values.push_back({value.column, declared.value_or(ColumnType::Number), TRY(cellsOf(batch, value.column))});
    }
    for (const Taken& text : m_texts)
        cells.texts.push_back(TRY(cellsOf(batch, text.column)));
    cells.kept.resize(m_filters.size());
    cells.numbers.resize(m_values.size());
    cells.codes.resize(m_texts.size());
    const Micros from = m_entities.size() == 0 ? 0 : earliest();
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
        const std::optional<std::string_view> key = keys.at(row);
        if (!key) {
            ++m_counts.withoutKey;
            continue;
        }
        const std::optional<std::string_view> text = times.at(row);
        const TypedCell time = readCell(ColumnType::Timestamp, text);
        if (time.fit == TypedCell::Fit::Bad)
            TRY(bad.add(m_counts.source, m_counts.time, expectedOf(ColumnType::Timestamp), *text,
                        [&] { return place(row); }));
        if (time.fit != TypedCell::Fit::Value) {
            ++m_counts.withoutTime;
            continue;
        }
        if (time.time < from || time.time >= m_lastDate) {
            ++m_counts.outside;
            continue;
        }
        const std::optional<std::uint32_t> entity = m_entities.find(trimmedCell(*key));
        if (!entity) {
            ++m_counts.strangers;
            continue;
        }
        if (m_counts.events >= EventSeries::kMostEvents)
            return fail(ErrorCode::InvalidInput, "{} has more than {} events, too many for one build.",
                        m_counts.source, EventSeries::kMostEvents);
        TRY(readEvent(cells, row, *entity, time.time, bad, place));
    }
    return {};
}

Result<void> EventGroup::finish() {
    m_words.clear();
    return m_store->finish(m_entities.size());
}

/// Of a row; nothing without an entity or a date.
std::optional<std::uint32_t> EventGroup::entityOf(const TextCells& entities, std::size_t row, Micros date) const {
    const std::optional<std::string_view> text = entities.at(static_cast<std::int64_t>(row));
    return text && date != kNoDate ? m_entities.find(trimmedCell(*text)) : std::nullopt;
}

Result<void> EventGroup::ask(const TextCells& entities, std::span<const Micros> dates) {
    if (!m_asked)
        m_asked = TRY(PartitionFile::create(m_folder));
    std::string record;
    for (std::size_t row = 0; row < dates.size(); ++row) {
        const std::optional<std::uint32_t> entity = entityOf(entities, row, dates[row]);
        if (!entity)
            continue;
        record.clear();
        putValue(record, EventStore::numberWithin(*entity));
        putValue(record, dates[row]);
        TRY(m_asked->append(EventStore::partitionOf(*entity), record));
    }
    return {};
}

Result<void> EventGroup::answer(const std::stop_token& stop) {
    if (!m_asked)
        m_asked = TRY(PartitionFile::create(m_folder));
    TRY(m_asked->finish());
    m_answers = std::make_unique<Answers>(TRY(PartitionFile::create(m_folder)));
    std::string record;
    for (std::size_t partition = 0; partition < PartitionFile::kPartitions; ++partition) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "The build was cancelled.");
        const EventSeries series = TRY(m_store->load(partition));
        PartitionFile::Reader asked(*m_asked, partition);
        for (;;) {
            std::string_view rows = TRY(asked.next());
            if (rows.empty())
                break;
            while (!rows.empty()) {
                const auto entity = takeValue<std::uint32_t>(rows);
                const auto date = takeValue<Micros>(rows);
                record.clear();
                for (const Feature& feature : m_features)
                    putValue(record, valueOf(feature, series, entity, date));
                TRY(m_answers->file.append(partition, record));
            }
        }
    }
    m_asked.reset();
    TRY(m_answers->file.finish());
    for (std::size_t partition = 0; partition < PartitionFile::kPartitions; ++partition)
        m_answers->readers.emplace_back(m_answers->file, partition);
    return {};
}

Result<std::vector<double>> EventGroup::compute(const TextCells& entities, std::span<const Micros> dates) {
    std::vector<double> values(dates.size() * m_features.size(), kNothing);
    for (std::size_t row = 0; row < dates.size(); ++row) {
        const std::optional<std::uint32_t> entity = entityOf(entities, row, dates[row]);
        if (!entity)
            continue;
        double* value = values.data() + row * m_features.size();
        if (!m_answers) {
            for (const Feature& feature : m_features)
                *value++ = valueOf(feature, *m_store->series(), *entity, dates[row]);
            continue;
        }
        const std::size_t partition = EventStore::partitionOf(*entity);
        std::string_view& rest = m_answers->rest[partition];
        if (rest.empty())
            rest = TRY(m_answers->readers[partition].next());
        if (rest.empty())
            return fail(ErrorCode::Internal, "A row of {} was not asked about.", m_entityColumn);
        for (std::size_t i = 0; i < m_features.size(); ++i)
            *value++ = takeValue<double>(rest);
    }
    return values;
}

/// NaN is missing.
double EventGroup::valueOf(const Feature& feature, const EventSeries& series, std::uint32_t entity,
                           Micros asOf) const {
    const EventSeries::Span span = series.span(entity, windowStart(asOf, feature.window), asOf);
    const auto daysSince = [&](std::optional<Micros> time) {
        return time ? static_cast<double>(asOf - *time) / static_cast<double>(kMicrosPerDay) : kNothing;
    };
    switch (feature.aggregate) {
    case Aggregate::Count: return static_cast<double>(series.count(span, feature.filter));
    case Aggregate::Any: return series.count(span, feature.filter) > 0 ? 1 : 0;
    case Aggregate::DaysSinceFirst: return daysSince(series.firstTime(span, feature.filter));
    case Aggregate::DaysSinceLast: return daysSince(series.lastTime(span, feature.filter));
    case Aggregate::Distinct: {
        const std::uint64_t distinct = series.distinct(span, feature.taken);
        return distinct > 0 ? static_cast<double>(distinct) : kNothing;
    }
    default: break;
    }
    const EventSeries::Moments moments = series.moments(span, feature.taken);
    if (moments.count == 0)
        return kNothing;
    switch (feature.aggregate) {
    case Aggregate::Sum: return moments.sum;
    case Aggregate::Mean: return moments.sum / static_cast<double>(moments.count);
    case Aggregate::Minimum: return moments.minimum;
    default: return moments.maximum;
    }
}

} // namespace perch::data
