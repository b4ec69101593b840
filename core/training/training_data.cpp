#include "core/training/training_data.h"

#include "core/data/build/build_dataset.h"
#include "core/data/build/parquet_dataset.h"
#include "core/data/read_table.h"

#include <algorithm>
#include <set>

namespace perch::training {

namespace {

bool needsBuild(const spec::ModelSpec& spec) {
    const spec::BuildSpec& build = spec.build;
    return spec.sources.size() > 1 || !build.features.empty() || !build.types.empty() || !build.deduplicate.by.empty() ||
           build.badCells != spec::BadCells::Stop;
}

/// The place of the built table; its keys and times are added to `ignored`.
Result<std::string> build(const TrainingJob& job, const Workspace& workspace, const data::SourceContext& context,
                          const std::function<void(const std::string&)>& activity, const std::stop_token& stop,
                          std::vector<std::string>& ignored) {
    const auto dataset = TRY(data::ParquetDataset::create(workspace.root() / "datasets" / job.spec.name.text()));
    const auto progress = [&](const data::BuildProgress& done) {
        if (activity)
            activity(done.what);
    };
    const data::BuildReport report = TRY(data::buildDataset(job.spec, context, *dataset, progress, stop));
    const std::set<std::string> kept = {job.spec.label, job.spec.training.split.column, job.spec.training.weightColumn};
    for (const data::BuiltColumn& column : report.columns) {
        if ((column.role == "key" || column.role == "time") && !kept.contains(column.name))
            ignored.push_back(column.name);
    }
    // The dataset is partitioned by the rows' dates, and readers see the partition as a column.
    const bool dated = std::ranges::any_of(
        report.parts, [](const data::BuiltPart& part) { return part.path.starts_with("date="); });
    if (dated && std::ranges::find(report.columns, "date", &data::BuiltColumn::name) == report.columns.end())
        ignored.push_back("date");
    return report.place;
}

} // namespace

Result<TrainingData> readTrainingData(const TrainingJob& job, const Workspace& workspace, const Clock& clock,
                                      const std::function<void(const std::string&)>& activity, std::stop_token stop) {
    const data::SourceContext context{.clock = &clock};
    std::vector<std::string> ignored = job.ignored;
    spec::SourceSpec source = job.spec.sources.size() == 1 ? job.spec.sources[0]
                                                           : data::sourceOfPath(job.spec.data.string());
    if (needsBuild(job.spec))
        source = data::sourceOfPath(TRY(build(job, workspace, context, activity, stop, ignored)));
    const data::ReadOptions options{.declared = {{job.spec.label, model::labelType(job.spec.training.task)}},
                                    .ignored = ignored,
                                    .folder = workspace.root()};
    return TrainingData{TRY(data::readTable(source, context, options, std::move(stop))), std::move(ignored)};
}

Result<data::Table> readHoldout(const std::filesystem::path& file, const model::PackageParts& parts,
                                const Clock& clock, std::stop_token stop) {
    data::ReadOptions options;
    const bool numbers = parts.card.task == model::Task::Regression;
    options.declared[parts.card.label] = numbers ? data::FieldType::Number : data::FieldType::Category;
    for (const data::Field& field : parts.transform.fields())
        options.declared[field.name] = field.type;
    return data::readTable(data::sourceOfPath(file.string()), {.clock = &clock}, options, std::move(stop));
}

} // namespace perch::training
