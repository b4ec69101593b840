#pragma once

#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "core/demo/credit_economy.h"
#include "core/demo/story_report.h"
#include "core/model/predict/predictor.h"
#include "core/registry/publish_package.h"
#include "core/spec/model_spec.h"

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace perch::demo {

/// A model that was trained and is not registered yet.
struct Candidate {
    model::PackageParts parts;
    std::unique_ptr<model::Predictor> predictor; ///< from a package on disk, as the server loads it
    TrainedFigures figures;
};

/// Where the story trains, compares and registers its versions: the same training, evaluation and registry as the
/// verbs. Tables and packages on trial are in `<workspace>/story`. Not thread-safe.
class Workshop {
public:
    /// `registry`, `clock` must outlive it.
    static Result<Workshop> open(const Workspace& workspace, spec::ModelSpec spec, registry::Registry& registry,
                                 std::string who, const Clock& clock);

    /// Writes the loans as `<name>.csv` and trains on them as perch.yaml says.
    Result<Candidate> train(const std::string& name, const std::vector<Loan>& loans, std::stop_token stop);

    /// The story's own acceptance, on loans that neither was trained on: better accuracy than production (interval of
    /// the paired difference above 0), at least acceptance.accuracy, and recall not worse.
    Result<AcceptanceFigures> compare(const Candidate& candidate, const model::Predictor& production,
                                      const std::vector<Loan>& newest, std::stop_token stop);

    /// Puts the package into the store and the registry. `accepted` empty: nobody compared it.
    Result<registry::VersionRecord> publish(Candidate& candidate, std::optional<bool> accepted);

private:
    Workshop(const Workspace& workspace, spec::ModelSpec spec, registry::Registry& registry, std::string who,
             const Clock& clock, std::shared_ptr<const model::XgboostLibrary> library);
    Result<std::filesystem::path> writeTable(const std::string& name, const std::vector<Loan>& loans);

    Workspace m_workspace;
    spec::ModelSpec m_spec;
    registry::Registry* m_registry;
    std::string m_who;
    const Clock* m_clock;
    std::shared_ptr<const model::XgboostLibrary> m_library;
};

} // namespace perch::demo
