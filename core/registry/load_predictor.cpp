#include "core/registry/load_predictor.h"

namespace perch::registry {

Result<std::unique_ptr<model::Predictor>> loadPredictor(Registry& registry, const model::XgboostLibrary& library,
                                                        const ModelName& model, Version version) {
    const VersionRecord record = TRY(registry.version(model, version));
    model::Package package = TRY(model::Package::load(record.package, record.digest));
    return model::Predictor::create(library, std::move(package));
}

} // namespace perch::registry
