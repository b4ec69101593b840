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

void EventGroup::learn(const TextCells& entities, std::span<const Micros> dates) {
    std::vector<std::string_view> names;
    for (std::size_t row = 0; row < dates.size(); ++row) {
        const std::optional<std::string_view> entity = entities.at(static_cast<std::int64_t>(row));
        if (!entity || dates[row] == kNoDate)
            continue;
        names.push_back(trimmedCell(*entity));
        m_firstDate = std::min(m_firstDate, dates[row]);
        m_lastDate = std::max(m_lastDate, dates[row]);
    }
    m_entities.add(names);
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

Result<PickedEvents> EventGroup::pick(const arrow::RecordBatch& batch) const {
    const TextCells keys = TRY(cellsOf(batch, m_counts.key));
    const TextCells times = TRY(cellsOf(batch, m_counts.time));
    const Micros from = m_entities.size() == 0 ? 0 : earliest();
    PickedEvents picked, inTime;
    std::vector<std::string_view> names;
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
        const std::optional<std::string_view> key = keys.at(row);
        if (!key) {
            ++picked.withoutKey;
            continue;
        }
        const TypedCell time = readCell(ColumnType::Timestamp, times.at(row));
        if (time.fit != TypedCell::Fit::Value) {
            ++picked.withoutTime;
            if (time.fit == TypedCell::Fit::Bad)
                picked.badTimes.push_back(row);
            continue;
        }
        if (time.time < from || time.time >= m_lastDate) {
            ++picked.outside;
            continue;
        }
        names.push_back(trimmedCell(*key));
        inTime.rows.push_back(row);
        inTime.times.push_back(time.time);
    }
    const std::vector<std::uint32_t> entities = m_entities.find(names);
    for (std::size_t i = 0; i < entities.size(); ++i) {
        if (entities[i] == KeyIndex::kNone) {
            ++picked.strangers;
            continue;
        }
        picked.rows.push_back(inTime.rows[i]);
        picked.times.push_back(inTime.times[i]);
        picked.entities.push_back(entities[i]);
    }
    return picked;
}

/// Column after column: what each condition keeps, the numbers, the codes; then the events one after another.
Result<void> EventGroup::take(const arrow::RecordBatch& batch, const PickedEvents& events, BadCellLog& bad,
                              const std::function<std::string(std::int64_t)>& place) {
    const std::size_t count = events.rows.size();
    m_counts.withoutKey += events.withoutKey;
    m_counts.withoutTime += events.withoutTime;
    m_counts.strangers += events.strangers;
    m_counts.outside += events.outside;
    if (m_counts.events + count > EventSeries::kMostEvents)
        return fail(ErrorCode::InvalidInput, "{} has more than {} events, too many for one build.", m_counts.source,
                    EventSeries::kMostEvents);
    const auto noteBad = [&](const std::string& column, ColumnType type, const TextCells& cells, std::int64_t row) {
        return bad.add(m_counts.source, column, expectedOf(type), cells.at(row).value_or(""),
                       [&] { return place(row); });
    };
    for (const std::int64_t row : events.badTimes)
        TRY(noteBad(m_counts.time, ColumnType::Timestamp, TRY(cellsOf(batch, m_counts.time)), row));
    std::vector<bool> rejected(count);
    const auto forEachCell = [&](const std::string& column, ColumnType type, const auto& use) -> Result<void> {
        const TextCells cells = TRY(cellsOf(batch, column));
        for (std::size_t event = 0; event < count; ++event) {
            const std::optional<std::string_view> text = cells.at(events.rows[event]);
            const TypedCell cell = readCell(type, text);
            if (cell.fit == TypedCell::Fit::Value) {
                use(event, text, cell);
                continue;
            }
            use(event, std::nullopt, cell); // a bad cell is missing
            if (cell.fit == TypedCell::Fit::Missing)
                continue;
            TRY(noteBad(column, type, cells, events.rows[event]));
            rejected[event] = rejected[event] || bad.policy() == spec::BadCells::RejectRow;
        }
        return {};
    };
    using Text = std::optional<std::string_view>;
    const std::size_t filters = m_filters.size(), values = m_values.size(), texts = m_texts.size();
    std::vector<std::uint8_t> kept(count * filters); // event after event, as are the others
    std::vector<double> numbers(count * values, kNothing);
    std::vector<std::uint32_t> codes(count * texts, EventSeries::kNoCode);
    const auto takes = [&](const Taken& taken, std::size_t event) {
        return !taken.filter || kept[event * filters + *taken.filter] != 0;
    };
    for (std::size_t i = 0; i < filters; ++i) {
        const spec::EventFilter& filter = m_filters[i];
        const ColumnType type = declaredType(*m_build, m_counts.source, filter.column)
                                    .value_or(filter.ordered() ? ColumnType::Number : ColumnType::Category);
        TRY(forEachCell(filter.column, type, [&](std::size_t event, const Text& text, const TypedCell& cell) {
            const bool isNumber = text && type != ColumnType::Category;
            kept[event * filters + i] = filter.keeps(text, isNumber ? std::optional(cell.number) : std::nullopt);
        }));
    }
    for (std::size_t i = 0; i < values; ++i) {
        const ColumnType type =
            declaredType(*m_build, m_counts.source, m_values[i].column).value_or(ColumnType::Number);
        TRY(forEachCell(m_values[i].column, type, [&](std::size_t event, const Text& text, const TypedCell& cell) {
            if (text && takes(m_values[i], event))
                numbers[event * values + i] = cell.number;
        }));
    }
    for (std::size_t i = 0; i < texts; ++i) {
        TRY(forEachCell(m_texts[i].column, ColumnType::Category,
                        [&](std::size_t event, const Text& text, const TypedCell& /*cell*/) {
                            if (text && !rejected[event] && takes(m_texts[i], event))
                                codes[event * texts + i] = m_words[i].add(*text);
                        }));
    }
    for (std::size_t event = 0; event < count; ++event) {
        if (rejected[event]) {
            ++m_counts.rejected;
            continue;
        }
        ++m_counts.events;
        TRY(m_store->add(events.entities[event], events.times[event], std::span(kept).subspan(event * filters, filters),
                         std::span(numbers).subspan(event * values, values),
                         std::span(codes).subspan(event * texts, texts)));
    }
    return {};
}

Result<void> EventGroup::finish() {
    m_words.clear();
    return m_store->finish(m_entities.size());
}

/// Of each row; KeyIndex::kNone without an entity or a date.
std::vector<std::uint32_t> EventGroup::entitiesOf(const TextCells& entities, std::span<const Micros> dates) const {
    std::vector<std::string_view> names(dates.size());
    for (std::size_t row = 0; row < dates.size(); ++row)
        names[row] = trimmedCell(entities.at(static_cast<std::int64_t>(row)).value_or(""));
    std::vector<std::uint32_t> numbers = m_entities.find(names);
    for (std::size_t row = 0; row < dates.size(); ++row) {
        if (dates[row] == kNoDate || !entities.at(static_cast<std::int64_t>(row)))
            numbers[row] = KeyIndex::kNone;
    }
    return numbers;
}

Result<void> EventGroup::ask(const TextCells& entities, std::span<const Micros> dates) {
    if (!m_asked)
        m_asked.emplace(m_folder, 0);
    std::string record;
    const std::vector<std::uint32_t> numbers = entitiesOf(entities, dates);
    for (std::size_t row = 0; row < dates.size(); ++row) {
        if (numbers[row] == KeyIndex::kNone)
            continue;
        record.clear();
        putValue(record, EventStore::numberWithin(numbers[row]));
        putValue(record, dates[row]);
        TRY(m_asked->append(EventStore::partitionOf(numbers[row]), record));
    }
    return {};
}

Result<void> EventGroup::answer(const std::stop_token& stop) {
    if (!m_asked)
        m_asked.emplace(m_folder, 0);
    TRY(m_asked->finish());
    m_answers = std::make_unique<Answers>(PartitionFile(m_folder, 0));
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
    const std::vector<std::uint32_t> numbers = entitiesOf(entities, dates);
    for (std::size_t row = 0; row < dates.size(); ++row) {
        if (numbers[row] == KeyIndex::kNone)
            continue;
        double* value = values.data() + row * m_features.size();
        if (!m_answers) {
            const EventSeries& series = m_store->seriesOf(numbers[row]);
            for (const Feature& feature : m_features)
                *value++ = valueOf(feature, series, EventStore::numberWithin(numbers[row]), dates[row]);
            continue;
        }
        const std::size_t partition = EventStore::partitionOf(numbers[row]);
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
