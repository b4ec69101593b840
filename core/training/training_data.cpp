#include "core/training/training_data.h"

#include "core/data/build/build_dataset.h"
#include "core/data/build/model_inputs.h"
#include "core/data/build/parquet_dataset.h"
#include "core/data/read_table.h"

#include <algorithm>
#include <set>
#include <variant>

namespace perch::training {

namespace {

/// Of the table: the quantized rows lie in memory beside it.
constexpr std::size_t kInMemory = data::kTableInMemory / 2;

bool needsBuild(const spec::ModelSpec& spec) {
    const spec::BuildSpec& build = spec.build;
    return spec.sources.size() > 1 || !build.features.empty() || !build.types.empty() || !build.deduplicate.by.empty() ||
           build.badCells != spec::BadCells::Stop;
}

/// Columns that a training reads whatever their role.
std::set<std::string> keptColumns(const spec::ModelSpec& spec) {
    return {spec.label, spec.training.split.column, spec.training.weightColumn};
}

/// Adds the columns that a published dataset says are no inputs.
Result<void> ignoreByManifest(const spec::ModelSpec& spec, const spec::SourceSpec& source,
                              std::vector<std::string>& ignored) {
    const auto* files = std::get_if<spec::FileSource>(&source.from);
    if (files == nullptr)
        return {};
    const std::vector<std::string> others = TRY(data::columnsWithoutInputs(files->path, keptColumns(spec)));
    ignored.insert(ignored.end(), others.begin(), others.end());
    return {};
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
    const std::vector<std::string> others = data::columnsWithoutInputs(report.columns, report.parts, keptColumns(job.spec));
    ignored.insert(ignored.end(), others.begin(), others.end());
    return report.place;
}

} // namespace

Result<TrainingData> readTrainingData(const TrainingJob& job, const Workspace& workspace, const Clock& clock,
                                      const std::function<void(const std::string&)>& activity, std::stop_token stop) {
    const data::SourceContext context{.clock = &clock};
    std::vector<std::string> ignored = job.ignored;
    ignored.insert(ignored.end(), job.spec.ignored.begin(), job.spec.ignored.end());
    spec::SourceSpec source = job.spec.sources.size() == 1 ? job.spec.sources[0]
                                                           : data::sourceOfPath(job.spec.data.string());
    if (!needsBuild(job.spec))
        TRY(ignoreByManifest(job.spec, source, ignored));
    else
        source = data::sourceOfPath(TRY(build(job, workspace, context, activity, stop, ignored)));
    // A column may be named on the command line, in perch.yaml and by its role: once is enough for the capsule.
    std::ranges::sort(ignored);
    ignored.erase(std::ranges::unique(ignored).begin(), ignored.end());
    const data::ReadOptions options{.declared = {{job.spec.label, model::labelType(job.spec.training.task)}},
                                    .ignored = ignored,
                                    .inMemory = kInMemory,
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
