#include "app/console/drift_measurer.h"

#include "core/model/predict/xgboost_library.h"
#include "core/registry/embedded_registry.h"
#include "core/registry/load_predictor.h"

namespace perch::console {

namespace {

Result<drift::DriftRecord> measureRequest(const Workspace& workspace, const Clock& clock,
                                          const widgets::DriftRequest& request, const widgets::DriftProgress& progress,
                                          std::stop_token stop) {
    const auto library = TRY(model::XgboostLibrary::load());
    const auto registry = TRY(registry::EmbeddedRegistry::open(workspace, clock));
    const Version version = TRY(Version::parse(request.version));
    const auto predictor = TRY(registry::loadPredictor(*registry, *library, request.model, version));
    drift::DriftReading reading{.clock = &clock};
    reading.progress = progress;
    return drift::recordDrift(workspace, {request.model, request.version, request.reference, request.current},
                              {.predictor = predictor.get()}, {.preset = request.preset}, reading, std::move(stop));
}

} // namespace

widgets::DriftMeasurer makeDriftMeasurer(const Workspace& workspace, const Clock& clock) {
    return [&workspace, &clock](const widgets::DriftRequest& request, const widgets::DriftProgress& progress,
                                std::stop_token stop) {
        return measureRequest(workspace, clock, request, progress, std::move(stop));
    };
}

} // namespace perch::console
