#include "app/server/model_options.h"

#include "core/spec/model_spec.h"

#include <algorithm>

namespace perch::app {

namespace {

Result<void> checkCount(const char* option, const std::vector<std::string>& values, std::size_t packages) {
    if (values.empty() || values.size() == packages)
        return {};
    return fail(ErrorCode::InvalidInput, "There are {} of --package and {} of {}; they belong together one by one.",
                packages, values.size(), option);
}

Result<serving::ModelSource> sourceAt(const ModelArguments& arguments, std::size_t i) {
    serving::ModelSource source{.package = arguments.packages[i]};
    source.version = TRY(Version::parse(arguments.versions[i]));
    if (!arguments.digests.empty())
        source.digest = TRY(Digest::parse(arguments.digests[i]));
    if (!arguments.models.empty())
        source.name = TRY(ModelName::parse(arguments.models[i]));
    if (!arguments.paths.empty())
        source.aliasPath = arguments.paths[i];
    if (!source.aliasPath.empty() && !source.aliasPath.starts_with('/'))
        return fail(ErrorCode::InvalidInput, "--path {} does not begin with a slash.", source.aliasPath);
    if (arguments.engine == "xgboost")
        source.engine = model::Engine::Xgboost;
    return source;
}

Result<void> addRule(const spec::ModelSpec& spec, const std::string& file, std::vector<serving::RouteRule>& rules) {
    if (!spec.serving.route)
        return {};
    serving::RouteRule rule{spec.name, spec::servingPath(spec), *spec.serving.route};
    const auto other = std::ranges::find(rules, rule.path, &serving::RouteRule::path);
    if (other != rules.end())
        return fail(ErrorCode::InvalidInput, "{}: the path {} belongs to the rule of {} already.", file, rule.path,
                    other->model.text());
    rules.push_back(std::move(rule));
    return {};
}

Result<void> addLookup(const spec::ModelSpec& spec, const std::string& file, ServedModels& served) {
    if (!spec.serving.lookup)
        return {};
    if (spec.serving.lookup->file.empty())
        return fail(ErrorCode::InvalidInput, "{} has serving.lookup without a file; name the lookup table.", file);
    served.lookups[spec.name.text()] = {.file = std::filesystem::path(file).parent_path() / spec.serving.lookup->file,
                                        .maxAge = spec.serving.lookup->maxAge};
    return {};
}

} // namespace

Result<ServedModels> servedModelsOf(const ModelArguments& arguments) {
    if (arguments.packages.empty() || arguments.versions.empty())
        return fail(ErrorCode::InvalidInput, "--package and --version are needed.");
    TRY(checkCount("--version", arguments.versions, arguments.packages.size()));
    TRY(checkCount("--digest", arguments.digests, arguments.packages.size()));
    TRY(checkCount("--model", arguments.models, arguments.packages.size()));
    TRY(checkCount("--path", arguments.paths, arguments.packages.size()));
    ServedModels served;
    served.log.folder = arguments.logFolder;
    for (const std::string& file : arguments.configurations) {
        const spec::ModelSpec spec = TRY(spec::loadModelSpec(file));
        TRY(addRule(spec, file, served.rules));
        TRY(addLookup(spec, file, served));
        if (spec.serving.log && arguments.logFolder.empty())
            return fail(ErrorCode::InvalidInput, "{} has serving.log; name the folder with --log-dir.", file);
        if (spec.serving.log)
            served.log.models.emplace(spec.name.text(), *spec.serving.log);
    }
    if (!arguments.logFolder.empty() && served.log.models.empty())
        return fail(ErrorCode::InvalidInput,
                    "--log-dir needs a --config whose serving.log lists the features that may be kept.");
    for (std::size_t i = 0; i < arguments.packages.size(); ++i)
        served.sources.push_back(TRY(sourceAt(arguments, i)));
    return served;
}

} // namespace perch::app
