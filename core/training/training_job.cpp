#include "core/training/training_job.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/model/training_spec_json.h"

#include <nlohmann/json.hpp>

namespace perch::training {

namespace {

/// A glob or an S3 address is no path of this machine, but a relative glob is below the folder too.
std::string resolved(const std::string& path, const std::filesystem::path& folder) {
    const bool local = path.find("://") == std::string::npos && std::filesystem::path(path).is_relative();
    return local ? (folder / path).string() : path;
}

TrainingJob jobFrom(const nlohmann::json& document) {
    TrainingJob job;
    job.config = document.at("config").get<std::string>();
    job.configFolder = document.at("config_folder").get<std::string>();
    job.holdout = document.at("holdout").get<std::string>();
    job.out = document.at("out").get<std::string>();
    job.ignored = document.at("ignored").get<std::vector<std::string>>();
    job.threads = document.at("threads").get<std::uint32_t>();
    job.by = document.at("by").get<std::string>();
    job.codeVersion = document.at("code_version").get<std::string>();
    return job;
}

} // namespace

void resolvePaths(spec::ModelSpec& spec, const std::filesystem::path& folder) {
    if (!spec.data.empty())
        spec.data = resolved(spec.data.string(), folder);
    for (spec::SourceSpec& source : spec.sources) {
        if (auto* file = std::get_if<spec::FileSource>(&source.from))
            file->path = resolved(file->path, folder);
    }
    if (spec.serving.lookup && !spec.serving.lookup->file.empty())
        spec.serving.lookup->file = resolved(spec.serving.lookup->file, folder);
}

TrainingJob jobOf(const model::Capsule& capsule, const std::filesystem::path& data) {
    TrainingJob job;
    job.spec.name = capsule.model;
    job.spec.data = data.empty() ? std::filesystem::path(capsule.source) : data;
    job.spec.label = capsule.label;
    job.spec.positive = capsule.positive;
    job.spec.training = capsule.training;
    job.spec.threshold = capsule.threshold;
    job.ignored = capsule.ignored;
    job.threads = capsule.threads;
    job.capsule = capsule;
    return job;
}

Result<TrainingJob> keptJob(const std::filesystem::path& modelFolder) {
    TrainingJob job;
    job.config = TRY(readFile(modelFolder / "perch.yaml"));
    job.spec = TRY(spec::parseModelSpec(job.config, (modelFolder / "perch.yaml").string()));
    const Result<std::string> folder = readFile(modelFolder / "perch.yaml.folder");
    job.configFolder = folder ? std::filesystem::path(*folder) : modelFolder;
    resolvePaths(job.spec, job.configFolder);
    return job;
}

Result<void> keepConfig(const std::filesystem::path& modelFolder, const TrainingJob& job) {
    TRY(makePrivateFolder(modelFolder));
    TRY(writeFileAtomically(modelFolder / "perch.yaml.folder", job.configFolder.string()));
    return writeFileAtomically(modelFolder / "perch.yaml", job.config);
}

Result<void> writeJob(const std::filesystem::path& folder, const TrainingJob& job) {
    const nlohmann::json document = {{"schema", 1},
                                     {"model", job.spec.name.text()},
                                     {"data", job.spec.data.string()},
                                     {"label", job.spec.label},
                                     {"positive", job.spec.positive},
                                     {"training", model::trainingToJson(job.spec.training)},
                                     {"threshold", model::thresholdToJson(job.spec.threshold)},
                                     {"config", job.config},
                                     {"config_folder", job.configFolder.string()},
                                     {"holdout", job.holdout.string()},
                                     {"out", job.out.string()},
                                     {"ignored", job.ignored},
                                     {"threads", job.threads},
                                     {"by", job.by},
                                     {"code_version", job.codeVersion}};
    return writeFileAtomically(folder / "request.json",
                               document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Result<TrainingJob> readJob(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / "request.json";
    const std::string bytes = TRY(readFile(file));
    const nlohmann::json document = TRY(parseJson(bytes, file.string()));
    try {
        TrainingJob job = jobFrom(document);
        if (!job.config.empty())
            job.spec = TRY(spec::parseModelSpec(job.config, "perch.yaml"));
        resolvePaths(job.spec, job.configFolder);
        job.spec.name = TRY(ModelName::parse(document.at("model").get<std::string>()));
        job.spec.data = document.at("data").get<std::string>();
        job.spec.label = document.at("label").get<std::string>();
        job.spec.positive = document.at("positive").get<std::string>();
        job.spec.training = model::trainingFromJson(document.at("training"));
        job.spec.threshold = model::thresholdFromJson(document.at("threshold"));
        return job;
    } catch (const nlohmann::json::exception& problem) {
        return fail(ErrorCode::Corrupt, "{} is not readable: {}.", file.string(), problem.what());
    }
}

} // namespace perch::training
