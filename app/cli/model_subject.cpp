#include "app/cli/model_subject.h"

#include "core/model/predict/xgboost_library.h"
#include "core/registry/embedded_registry.h"
#include "core/registry/load_predictor.h"

#include <CLI/CLI.hpp>

namespace perch::cli {

namespace {

Result<LoadedSubject> loadPackage(const model::XgboostLibrary& library, const std::filesystem::path& folder) {
    model::Package package = TRY(model::Package::load(folder));
    const std::string name = std::filesystem::weakly_canonical(folder).filename().string();
    LoadedSubject loaded;
    loaded.subject.title = name == package.digest.hex() ? package.digest.shortHex() : name;
    loaded.predictor = TRY(model::Predictor::create(library, std::move(package)));
    loaded.subject.predictor = loaded.predictor.get();
    return loaded;
}

Result<LoadedSubject> loadVersion(const Context& context, const model::XgboostLibrary& library,
                                  const std::string& modelName, const std::string& version) {
    const Workspace workspace = TRY(context.workspace());
    const auto registry = TRY(registry::EmbeddedRegistry::open(workspace, *context.clock));
    const ModelName name = TRY(ModelName::parse(modelName));
    const Version number = TRY(Version::parse(version));
    LoadedSubject loaded;
    loaded.predictor = TRY(registry::loadPredictor(*registry, library, name, number));
    loaded.subject = {number.text(), loaded.predictor.get()};
    return loaded;
}

bool isVersion(const std::string& text) {
    return text.starts_with('v') && Version::parse(text).has_value();
}

} // namespace

Result<LoadedSubject> loadSubject(const Context& context, const model::XgboostLibrary& library,
                                  const SubjectArguments& arguments) {
    if (arguments.package.empty() == arguments.model.empty())
        return fail(ErrorCode::InvalidInput, "Name either --package FOLDER or --model NAME with --version vN.");
    if (!arguments.model.empty() && arguments.version.empty())
        return fail(ErrorCode::InvalidInput, "--model {} needs --version vN.", arguments.model);
    if (!arguments.package.empty())
        return loadPackage(library, arguments.package);
    return loadVersion(context, library, arguments.model, arguments.version);
}

Result<LoadedSubject> loadSubject(const Context& context, const model::XgboostLibrary& library, const std::string& text,
                                  const std::string& modelName) {
    if (!modelName.empty() && isVersion(text))
        return loadVersion(context, library, modelName, text);
    if (const std::size_t colon = text.rfind(':'); colon != std::string::npos && isVersion(text.substr(colon + 1)))
        return loadVersion(context, library, text.substr(0, colon), text.substr(colon + 1));
    return loadPackage(library, text);
}

void addSubjectOptions(CLI::App& verb, SubjectArguments& arguments) {
    verb.add_option("--package", arguments.package, "Package folder");
    verb.add_option("--model", arguments.model, "Registered model, with --version");
    verb.add_option("--version", arguments.version, "Version of it, e.g. v7");
}

} // namespace perch::cli
