#include "core/data/build/build_dataset.h"

#include "core/data/build/deduplicator.h"
#include "core/data/build/row_shaper.h"
#include "core/data/build/select_rows.h"
#include "core/data/build/staged_rows.h"
#include "core/data/build/text_cells.h"
#include "core/data/source/read_ahead.h"
#include "core/data/table.h"

#include <arrow/array/array_primitive.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <set>

namespace perch::data {

namespace {

using Aggregate = spec::FeatureSpec::Aggregate;
using Kind = ShapedColumn::Kind;

/// One build, step after step.
class Build {
public:
    Build(const spec::ModelSpec& spec, SourceContext context, DatasetSink& sink,
          const std::function<void(const BuildProgress&)>& progress, std::stop_token stop, const BuildOptions& options)
        : m_spec(spec), m_context(std::move(context)), m_sink(sink), m_progress(progress), m_stop(std::move(stop)),
          m_options(options), m_bad(spec.build.badCells), m_deduplicator(spec.build.deduplicate, sink.scratch(), options.inMemory),
          m_staged(sink.scratch() / "staged.arrow") {}

    Result<BuildReport> run();

private:
    struct Placed {
        std::size_t group;
        std::size_t feature; ///< within the group
    };

    Result<spec::SourceSpec> tableSource() const;
    Result<const spec::SourceSpec*> sourceNamed(const std::string& name) const;
    Result<void> placeFeatures();
    Result<void> checkColumns(const BatchSource& source) const;
    Result<std::unique_ptr<BatchSource>> open(const spec::SourceSpec& source, std::vector<std::string> columns);
    void finishSource(const spec::SourceSpec& spec, const BatchSource& source);
    Result<void> stageTable();
    Result<void> learn(const arrow::RecordBatch& batch);
    Result<void> readEvents();
    Result<void> takeEvents(const std::string& name, BatchSource& source, const std::vector<EventGroup*>& groups);
    Result<void> answerFromFiles();
    Result<void> writeBatch(const std::shared_ptr<arrow::RecordBatch>& staged);
    Result<std::vector<Micros>> datesOf(const arrow::RecordBatch& batch) const;
    Result<std::shared_ptr<arrow::RecordBatch>> withFeatures(const arrow::RecordBatch& staged,
                                                             const std::vector<Micros>& dates);
    Result<std::shared_ptr<arrow::RecordBatch>> keptRows(const std::shared_ptr<arrow::RecordBatch>& staged,
                                                         std::uint64_t firstRow) const;
    static Result<TextCells> entitiesOf(const arrow::RecordBatch& batch, const EventGroup& group);
    void describeColumns();
    void say(std::string what, std::uint64_t rows, double share) const {
        if (m_progress)
            m_progress({std::move(what), rows, share});
    }

    const spec::ModelSpec& m_spec;
    SourceContext m_context;
    DatasetSink& m_sink;
    const std::function<void(const BuildProgress&)>& m_progress;
    std::stop_token m_stop;
    const BuildOptions& m_options;

    BuildReport m_report;
    BadCellLog m_bad;
    Deduplicator m_deduplicator;
    StagedRows m_staged;
    std::optional<RowShaper> m_shaper;
    std::vector<EventGroup> m_groups;
    std::vector<Placed> m_places; ///< per feature
    std::optional<Micros> m_fixedDate;
    std::string m_dateColumn;
    std::uint64_t m_stagedRows = 0, m_readBack = 0;
};

Result<const spec::SourceSpec*> Build::sourceNamed(const std::string& name) const {
    for (const spec::SourceSpec& source : m_spec.sources) {
        if (source.name == name)
            return &source;
    }
    return fail(ErrorCode::InvalidInput, "perch.yaml has no source \"{}\".", name);
}

Result<spec::SourceSpec> Build::tableSource() const {
    if (m_spec.sources.empty()) {
        if (m_spec.data.empty())
            return fail(ErrorCode::InvalidInput, "perch.yaml names no data: the key 'sources' or 'data' is needed.");
        spec::SourceSpec source = sourceOfPath(m_spec.data.string());
        source.name = m_spec.data.filename().string();
        return source;
    }
    if (m_spec.build.table.empty() && m_spec.sources.size() > 1)
        return fail(ErrorCode::InvalidInput, "perch.yaml has several sources, and 'table' names none of them.");
    return m_spec.build.table.empty() ? m_spec.sources.front() : *TRY(sourceNamed(m_spec.build.table));
}

Result<void> Build::placeFeatures() {
    if (m_spec.build.features.empty())
        return {};
    m_fixedDate = m_options.asOf ? m_options.asOf : parseTimestamp(m_spec.build.asOf);
    if (!m_fixedDate)
        m_dateColumn = m_spec.build.asOf;
    m_report.asOf = m_fixedDate ? toIso(*m_fixedDate) : m_dateColumn;
    for (const spec::FeatureSpec& feature : m_spec.build.features) {
        TRY(sourceNamed(feature.from));
        auto group =
            std::find_if(m_groups.begin(), m_groups.end(), [&](const EventGroup& g) { return g.fits(feature); });
        if (group == m_groups.end())
            group = m_groups.emplace(m_groups.end(), m_spec.build, feature);
        m_places.push_back({static_cast<std::size_t>(group - m_groups.begin()), TRY(group->add(feature))});
    }
    return {};
}

/// Every column that perch.yaml names must be there, and no feature may hide one.
Result<void> Build::checkColumns(const BatchSource& source) const {
    const std::vector<std::string>& columns = source.columns();
    const auto isThere = [&](const std::string& name) {
        return std::find(columns.begin(), columns.end(), name) != columns.end();
    };
    const auto check = [&](const std::string& name, std::string_view key) -> Result<void> {
        if (name.empty() || isThere(name))
            return {};
        Error error = fail(ErrorCode::InvalidInput, "{} has no column \"{}\", which {} of perch.yaml names; the nearest is \"{}\".",
                           source.name(), name, key, columns.empty() ? "" : nearNames(name, columns).front());
        error.where = name;
        return error;
    };
    TRY(check(m_dateColumn, "features.as_of"));
    for (const std::string& name : m_spec.build.deduplicate.by)
        TRY(check(name, "deduplicate.by"));
    TRY(check(m_spec.build.deduplicate.newest, "deduplicate.newest"));
    for (const spec::FeatureSpec& feature : m_spec.build.features) {
        TRY(check(feature.entity, "feature " + feature.name));
        if (isThere(feature.name))
            return fail(ErrorCode::InvalidInput, "{} has a column \"{}\" already; the feature needs another name.",
                        source.name(), feature.name);
    }
    if (!m_groups.empty() || !m_options.columns.empty())
        return {};
    for (const auto& [name, type] : m_spec.build.types) // of other sources too, where there are some
        TRY(check(name.substr(name.find('.') + 1), "types"));
    return {};
}

Result<std::unique_ptr<BatchSource>> Build::open(const spec::SourceSpec& source, std::vector<std::string> columns) {
    SourceContext context = m_context;
    context.badRows = m_spec.build.badCells == spec::BadCells::Stop ? BadRows::Stop : BadRows::Skip;
    context.columns = std::move(columns);
    return m_options.open ? m_options.open(source, context, m_stop) : openSource(source, context, m_stop);
}

void Build::finishSource(const spec::SourceSpec& spec, const BatchSource& source) {
    m_report.sources.push_back({spec.name, source.name(), source.content(), source.counts()});
}

/// What the second pass must know of every row: its key, its entity and its date.
Result<void> Build::learn(const arrow::RecordBatch& batch) {
    const std::vector<Micros> dates = TRY(datesOf(batch));
    for (EventGroup& group : m_groups)
        group.learn(TRY(entitiesOf(batch, group)), dates);
    if (!m_deduplicator.active())
        return {};
    const spec::DeduplicateSpec& spec = m_spec.build.deduplicate;
    std::vector<TextCells> keys;
    for (const std::string& name : spec.by)
        keys.push_back(TRY(TextCells::of(batch, batch.schema()->GetFieldIndex(name))));
    const auto times = std::dynamic_pointer_cast<arrow::TimestampArray>(batch.GetColumnByName(spec.newest));
    std::vector<std::optional<std::string_view>> key(keys.size());
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
        for (std::size_t i = 0; i < keys.size(); ++i)
            key[i] = keys[i].at(row);
        const bool hasTime = times != nullptr && times->IsValid(row);
        TRY(m_deduplicator.learn(key, hasTime ? std::optional(times->Value(row)) : std::nullopt));
    }
    return {};
}

Result<void> Build::stageTable() {
    const spec::SourceSpec spec = TRY(tableSource());
    const std::unique_ptr<BatchSource> source = TRY(open(spec, m_options.columns));
    TRY(checkColumns(*source));
    std::set<std::string> texts(m_spec.build.deduplicate.by.begin(), m_spec.build.deduplicate.by.end()), times;
    for (const EventGroup& group : m_groups)
        texts.insert(group.entityColumn());
    if (!m_dateColumn.empty())
        times.insert(m_dateColumn);
    if (!m_spec.build.deduplicate.newest.empty())
        times.insert(m_spec.build.deduplicate.newest);
    m_shaper.emplace(m_spec.build, spec.name, std::move(texts), std::move(times), m_spec.label);
    ReadAhead rows(*source, m_stop);
    while (const std::optional<SourceBatch> batch = TRY(rows.next())) {
        const auto place = [&](std::int64_t row) { return rows.place(batch->firstRow + static_cast<std::uint64_t>(row)); };
        const std::shared_ptr<arrow::RecordBatch> shaped = TRY(m_shaper->shape(*batch->rows, m_bad, place));
        TRY(learn(*shaped));
        TRY(m_staged.write(*shaped));
        m_stagedRows += static_cast<std::uint64_t>(shaped->num_rows());
        m_report.rowsRead += static_cast<std::uint64_t>(batch->rows->num_rows());
        say("Reading " + spec.name, m_report.rowsRead, rows.share());
    }
    TRY(m_staged.finish());
    TRY(m_deduplicator.finish());
    finishSource(spec, *source);
    m_report.rowsRejected = m_shaper->rejected();
    if (m_stagedRows == 0)
        return fail(ErrorCode::InvalidInput, "{} has no rows{}.", source->name(),
                    m_report.rowsRejected > 0 ? " that are not rejected" : "");
    return {};
}

/// While the events of one batch are taken in, those of the next are picked, and the one behind it is read.
Result<void> Build::takeEvents(const std::string& name, BatchSource& source, const std::vector<EventGroup*>& groups) {
    struct Picked {
        SourceBatch batch;
        std::vector<PickedEvents> events; ///< per group
    };
    const auto pick = [&groups](SourceBatch batch) -> Result<Picked> {
        Picked picked{.batch = std::move(batch), .events = {}};
        for (const EventGroup* group : groups)
            picked.events.push_back(TRY(group->pick(*picked.batch.rows)));
        return picked;
    };
    ReadAhead rows(source, m_stop);
    std::future<Result<Picked>> picking;
    for (bool more = true; more;) {
        std::optional<SourceBatch> read = TRY(rows.next());
        more = read.has_value();
        std::future<Result<Picked>> before = std::move(picking);
        if (read)
            picking = std::async(std::launch::async, pick, *std::move(read));
        if (!before.valid())
            continue;
        const Picked picked = TRY(before.get());
        const auto place = [&](std::int64_t row) {
            return rows.place(picked.batch.firstRow + static_cast<std::uint64_t>(row));
        };
        for (std::size_t i = 0; i < groups.size(); ++i)
            TRY(groups[i]->take(*picked.batch.rows, picked.events[i], m_bad, place));
        say("Reading " + name, picked.batch.firstRow + static_cast<std::uint64_t>(picked.batch.rows->num_rows()) - 1,
            rows.share());
    }
    return {};
}

/// Each source of events is read once, whatever number of features look at it.
Result<void> Build::readEvents() {
    std::set<std::string> done;
    for (EventGroup& group : m_groups)
        group.limitMemory(m_sink.scratch(), m_options.inMemory / m_groups.size());
    for (const EventGroup& first : m_groups) {
        if (!done.insert(first.source()).second)
            continue;
        std::vector<EventGroup*> groups;
        std::set<std::string> columns;
        for (EventGroup& group : m_groups) {
            if (group.source() != first.source())
                continue;
            groups.push_back(&group);
            for (const std::string& column : group.columns())
                columns.insert(column);
        }
        const spec::SourceSpec& spec = *TRY(sourceNamed(first.source()));
        const std::unique_ptr<BatchSource> source = TRY(open(spec, {columns.begin(), columns.end()}));
        TRY(takeEvents(spec.name, *source, groups));
        finishSource(spec, *source);
    }
    arrow::default_memory_pool()->ReleaseUnused();
    for (EventGroup& group : m_groups) {
        say("Sorting the events of " + group.source(), group.counts().events, 0);
        TRY(group.finish());
        m_report.events.push_back(group.counts());
    }
    return {};
}

Result<std::vector<Micros>> Build::datesOf(const arrow::RecordBatch& batch) const {
    const auto rows = static_cast<std::size_t>(batch.num_rows());
    if (m_groups.empty())
        return std::vector<Micros>{};
    if (m_fixedDate)
        return std::vector<Micros>(rows, *m_fixedDate);
    const auto times = std::dynamic_pointer_cast<arrow::TimestampArray>(batch.GetColumnByName(m_dateColumn));
    if (times == nullptr)
        return fail(ErrorCode::Internal, "The column \"{}\" was not read as a time.", m_dateColumn);
    std::vector<Micros> dates(rows, kNoDate);
    for (std::size_t row = 0; row < rows; ++row) {
        if (times->IsValid(static_cast<std::int64_t>(row)))
            dates[row] = times->Value(static_cast<std::int64_t>(row));
    }
    return dates;
}

Result<TextCells> Build::entitiesOf(const arrow::RecordBatch& batch, const EventGroup& group) {
    return TextCells::of(batch, batch.schema()->GetFieldIndex(group.entityColumn()));
}

/// Where events lie in a file, each of its partitions is looked at once, for the rows that ask for it.
Result<void> Build::answerFromFiles() {
    if (std::ranges::none_of(m_groups, &EventGroup::inFile))
        return {};
    std::uint64_t row = 0;
    TRY(m_staged.read([&](const std::shared_ptr<arrow::RecordBatch>& staged) -> Result<void> {
        if (m_stop.stop_requested())
            return fail(ErrorCode::Cancelled, "The build was cancelled.");
        const std::shared_ptr<arrow::RecordBatch> rows = TRY(keptRows(staged, row));
        row += static_cast<std::uint64_t>(staged->num_rows());
        const std::vector<Micros> dates = TRY(datesOf(*rows));
        for (EventGroup& group : m_groups) {
            if (group.inFile())
                TRY(group.ask(TRY(entitiesOf(*rows, group)), dates));
        }
        return {};
    }));
    for (EventGroup& group : m_groups) {
        if (!group.inFile())
            continue;
        say("Computing from the events of " + group.source(), group.counts().events, 0);
        TRY(group.answer(m_stop));
    }
    return {};
}

/// The features of a row without a date or without an entity are missing: nobody knows what to count.
Result<std::shared_ptr<arrow::RecordBatch>> Build::withFeatures(const arrow::RecordBatch& staged,
                                                                const std::vector<Micros>& dates) {
    std::shared_ptr<arrow::RecordBatch> batch = TRY(toFinalKinds(staged, m_shaper->columns()));
    std::vector<std::vector<double>> values; // by group, then row, then feature
    for (EventGroup& group : m_groups)
        values.push_back(TRY(group.compute(TRY(entitiesOf(staged, group)), dates)));
    for (std::size_t i = 0; i < m_places.size(); ++i) {
        const spec::FeatureSpec& feature = m_spec.build.features[i];
        const Placed& place = m_places[i];
        const std::size_t width = m_groups[place.group].features();
        const bool isFlag = feature.aggregate == Aggregate::Any;
        arrow::DoubleBuilder numbers;
        arrow::BooleanBuilder flags;
        arrow::Status status = isFlag ? flags.Reserve(staged.num_rows()) : numbers.Reserve(staged.num_rows());
        for (std::size_t row = 0; row < dates.size() && status.ok(); ++row) {
            const double value = values[place.group][row * width + place.feature];
            if (std::isnan(value))
                status = isFlag ? flags.AppendNull() : numbers.AppendNull();
            else
                status = isFlag ? flags.Append(value != 0) : numbers.Append(value);
        }
        std::shared_ptr<arrow::Array> array;
        if (status.ok())
            status = isFlag ? flags.Finish(&array) : numbers.Finish(&array);
        auto added = status.ok() ? batch->AddColumn(batch->num_columns(), feature.name, array)
                                 : arrow::Result<std::shared_ptr<arrow::RecordBatch>>(status);
        if (!added.ok())
            return fail(ErrorCode::Unavailable, "The feature {} does not fit into memory: {}.", feature.name,
                        added.status().message());
        batch = *added;
    }
    return batch;
}

/// The rows of a staged batch that are nobody's duplicate.
Result<std::shared_ptr<arrow::RecordBatch>> Build::keptRows(const std::shared_ptr<arrow::RecordBatch>& staged,
                                                            std::uint64_t firstRow) const {
    if (!m_deduplicator.active())
        return staged;
    std::vector<bool> kept(static_cast<std::size_t>(staged->num_rows()));
    for (std::size_t row = 0; row < kept.size(); ++row)
        kept[row] = m_deduplicator.stays(firstRow + row);
    return std::find(kept.begin(), kept.end(), false) == kept.end() ? staged : TRY(keepRows(staged, kept));
}

Result<void> Build::writeBatch(const std::shared_ptr<arrow::RecordBatch>& staged) {
    if (m_stop.stop_requested())
        return fail(ErrorCode::Cancelled, "The build was cancelled.");
    const std::shared_ptr<arrow::RecordBatch> rows = TRY(keptRows(staged, m_readBack));
    m_readBack += static_cast<std::uint64_t>(staged->num_rows());
    const std::vector<Micros> dates = TRY(datesOf(*rows));
    m_report.rowsDuplicate += static_cast<std::uint64_t>(staged->num_rows() - rows->num_rows());
    m_report.rowsWithoutDate += static_cast<std::uint64_t>(std::count(dates.begin(), dates.end(), kNoDate));
    m_report.rowsWritten += static_cast<std::uint64_t>(rows->num_rows());
    TRY(m_sink.write(TRY(withFeatures(*rows, dates)), dates));
    say("Writing rows", m_readBack, static_cast<double>(m_readBack) / static_cast<double>(m_stagedRows));
    return {};
}

void Build::describeColumns() {
    const spec::DeduplicateSpec& deduplicate = m_spec.build.deduplicate;
    std::set<std::string> keys(deduplicate.by.begin(), deduplicate.by.end());
    for (const EventGroup& group : m_groups)
        keys.insert(group.entityColumn());
    for (const ShapedColumn& column : m_shaper->columns()) {
        const Kind kind = column.finalKind();
        const char* role = column.name == m_spec.label ? "label" : keys.contains(column.name) ? "key" : "";
        if (kind == Kind::Timestamp)
            role = "time";
        m_report.columns.push_back({column.name, std::string(toString(kind)), role});
    }
    for (const spec::FeatureSpec& feature : m_spec.build.features)
        m_report.columns.push_back(
            {feature.name, feature.aggregate == Aggregate::Any ? "boolean" : "number", "feature"});
}

Result<BuildReport> Build::run() {
    const SteadyTime start = m_context.clock->steadyNow();
    TRY(prepareArrow());
    m_report.model = m_spec.name.text();
    m_report.spec = buildDigest(m_spec);
    m_report.builtAt = m_context.clock->now();
    TRY(placeFeatures());
    TRY(stageTable());
    TRY(readEvents());
    TRY(answerFromFiles());
    describeColumns();
    TRY(m_staged.read([this](const std::shared_ptr<arrow::RecordBatch>& batch) { return writeBatch(batch); }));
    TRY(m_staged.remove());
    m_report.badColumns = m_bad.columns();
    m_report.took = m_context.clock->steadyNow() - start;
    TRY(m_sink.commit(m_report));
    return std::move(m_report);
}

} // namespace

Result<BuildReport> buildDataset(const spec::ModelSpec& spec, const SourceContext& context, DatasetSink& sink,
                                 const std::function<void(const BuildProgress&)>& progress, std::stop_token stop,
                                 const BuildOptions& options) {
    try {
        Result<BuildReport> report = Build(spec, context, sink, progress, std::move(stop), options).run();
        arrow::default_memory_pool()->ReleaseUnused();
        return report;
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::Unavailable, "The events of {} do not fit into memory.", spec.name.text());
    } catch (const std::exception& error) {
        return fail(ErrorCode::Internal, "Building {} failed: {}.", spec.name.text(), error.what());
    }
}

} // namespace perch::data
