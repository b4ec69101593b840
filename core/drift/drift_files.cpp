#include "core/drift/drift_files.h"

#include "core/base/utf8.h"

#include <arrow/record_batch.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <thread>

namespace perch::drift {

namespace {

constexpr std::size_t kNamedColumns = 10;
constexpr std::size_t kMostColumnsAtOnce = 20'000; // more than a source may have
constexpr double kBytesPerCell = 8;
constexpr double kSortingBytesPerCell = 24; // a finite copy, its keys and their target, while a column is measured

/// What is known of a source before it is read.
struct Outline {
    std::string name;
    std::vector<std::string> columns;
    double rows = 0; ///< estimated; 0: unknown
};

Result<Outline> outlineOf(const spec::SourceSpec& spec, const DriftReading& reading, const std::stop_token& stop) {
    const data::SourceContext context{.clock = reading.clock, .digest = data::ContentDigest::Skip};
    const auto source = TRY(data::openSource(spec, context, stop));
    Outline outline{.name = source->name(), .columns = source->columns()};
    const std::optional<data::SourceBatch> first = TRY(source->next(stop));
    if (!first)
        return fail(ErrorCode::InvalidInput, "{} has {}no rows.", outline.name,
                    source->hasHeader() ? "a header but " : "");
    if (const double share = source->share(); share > 0)
        outline.rows = static_cast<double>(first->rows->num_rows()) / share;
    return outline;
}

/// Of both sources, at the same time.
Result<std::pair<Outline, Outline>> outlinesOf(const spec::SourceSpec& reference, const spec::SourceSpec& current,
                                               const DriftReading& reading, const std::stop_token& stop) {
    Result<Outline> before = fail(ErrorCode::Internal, "not read"), after = before;
    {
        const std::jthread helper([&] { after = outlineOf(current, reading, stop); });
        before = outlineOf(reference, reading, stop);
    }
    return std::pair(TRY(std::move(before)), TRY(std::move(after)));
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

Result<void> requireColumn(const Outline& outline, const std::string& name) {
    if (holds(outline.columns, name))
        return {};
    Error error = fail(ErrorCode::InvalidInput, "{} has no column \"{}\"; the nearest are {}.", outline.name,
                       shownText(name), fmt::join(data::nearNames(name, outline.columns), ", "));
    error.where = name;
    return error;
}

/// The columns of the reference that are compared, in its order.
Result<std::vector<std::string>> chooseColumns(const Outline& reference, const Outline& current,
                                               const DriftOptions& options) {
    std::vector<std::string> named = options.columns;
    for (const std::string* extra : {&options.label, &options.prediction}) {
        if (!extra->empty())
            named.push_back(*extra);
    }
    for (const std::string& name : named)
        TRY(requireColumn(reference, name));
    std::vector<std::string> chosen;
    for (const std::string& name : reference.columns) {
        if (options.columns.empty() || holds(named, name)) {
            TRY(requireColumn(current, name));
            chosen.push_back(name);
        }
    }
    return chosen;
}

data::ReadOptions readingOptions(const std::vector<std::string>& columns, const DriftReading& reading) {
    data::ReadOptions options{
        .columns = columns, .maximumCategories = data::kMostTexts, .range = data::NumberRange::Any};
    for (const auto& [name, type] : reading.declared) {
        if (columns.empty() || holds(columns, name))
            options.declared.emplace(name, type);
    }
    return options;
}

Result<data::Table> read(const spec::SourceSpec& spec, const data::ReadOptions& options, const DriftReading& reading,
                         const std::stop_token& stop) {
    const data::SourceContext context{
        .clock = reading.clock, .columns = options.columns, .digest = data::ContentDigest::Skip};
    return data::readTable(spec, context, options, stop);
}

/// Columns of the current side whose inferred type is another one, read once more with the reference's.
Result<void> adoptTypes(const spec::SourceSpec& spec, TablePair& pair, const DriftReading& reading,
                        const std::stop_token& stop) {
    DriftReading again = reading;
    std::vector<std::string> differing;
    for (const data::Column& column : pair.reference.columns) {
        const data::Column& other = *TRY(pair.current.column(column.name));
        if (other.type == column.type || column.missing == column.size() || other.missing == other.size())
            continue;
        differing.push_back(column.name);
        again.declared[column.name] = column.type;
    }
    if (differing.empty())
        return {};
    data::Table table = TRY(read(spec, readingOptions(differing, again), reading, stop));
    if (table.rows != pair.current.rows)
        return fail(ErrorCode::Conflict, "{} changed while it was read.", spec.name);
    for (data::Column& column : table.columns)
        pair.current.columns[*pair.current.find(column.name)] = std::move(column);
    return {};
}

/// How many columns fit into the memory at once.
std::size_t columnsAtOnce(double rows, const DriftReading& reading) {
    if (rows <= 0)
        return kMostColumnsAtOnce;
    const double threads = std::max(1u, std::thread::hardware_concurrency());
    const double left = static_cast<double>(reading.memoryBytes) - threads * kSortingBytesPerCell * rows;
    return static_cast<std::size_t>(
        std::clamp(left / (kBytesPerCell * rows), 1.0, static_cast<double>(kMostColumnsAtOnce)));
}

std::vector<std::string> notesOf(const Outline& reference, const Outline& current) {
    std::vector<std::string> fresh;
    for (const std::string& name : current.columns) {
        if (!holds(reference.columns, name))
            fresh.push_back(shownText(name));
    }
    if (fresh.empty())
        return {};
    const std::size_t count = fresh.size();
    fresh.resize(std::min(count, kNamedColumns));
    return {fmt::format("{} {} of {} {} not in the reference and left out: {}{}.", count,
                        count == 1 ? "column" : "columns", current.name, count == 1 ? "is" : "are", fmt::join(fresh, ", "),
                        count > kNamedColumns ? ", ..." : "")};
}

} // namespace

Result<TablePair> readPair(const spec::SourceSpec& reference, const spec::SourceSpec& current,
                           const std::vector<std::string>& columns, const DriftReading& reading, std::stop_token stop) {
    TablePair pair;
    const data::ReadOptions options = readingOptions(columns, reading);
    Result<data::Table> after = fail(ErrorCode::Internal, "not read");
    Result<data::Table> before = fail(ErrorCode::Internal, "not read");
    {
        const std::jthread helper([&] { after = read(current, options, reading, stop); });
        before = read(reference, options, reading, stop);
    }
    pair.reference = TRY(std::move(before));
    pair.current = TRY(std::move(after));
    TRY(adoptTypes(current, pair, reading, stop));
    return pair;
}

Result<DriftReport> measureDriftOfFiles(const spec::SourceSpec& reference, const spec::SourceSpec& current,
                                        const DriftOptions& options, const DriftReading& reading,
                                        std::stop_token stop) {
    const auto [before, after] = TRY(outlinesOf(reference, current, reading, stop));
    const std::vector<std::string> names = TRY(chooseColumns(before, after, options));
    const std::size_t step = columnsAtOnce(before.rows + after.rows, reading);
    std::vector<DriftedColumn> columns;
    std::uint64_t referenceRows = 0, currentRows = 0;
    for (std::size_t begin = 0; begin < names.size(); begin += step) {
        const std::vector<std::string> part(names.begin() + static_cast<std::ptrdiff_t>(begin),
                                            names.begin() +
                                                static_cast<std::ptrdiff_t>(std::min(begin + step, names.size())));
        const TablePair pair = TRY(readPair(reference, current, part, reading, stop));
        if (begin > 0 && (pair.reference.rows != referenceRows || pair.current.rows != currentRows))
            return fail(ErrorCode::Conflict, "{} changed while it was read.",
                        pair.reference.rows != referenceRows ? before.name : after.name);
        referenceRows = pair.reference.rows;
        currentRows = pair.current.rows;
        DriftOptions partOptions = options;
        partOptions.columns = part;
        std::ranges::move(TRY(measureColumns(pair.reference, pair.current, partOptions)), std::back_inserter(columns));
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "The comparison was stopped.");
        reading.progress(static_cast<double>(begin + part.size()) / static_cast<double>(names.size()));
    }
    DriftReport report = concludeDrift(std::move(columns), referenceRows, currentRows, options);
    report.notes = notesOf(before, after);
    return report;
}

} // namespace perch::drift
