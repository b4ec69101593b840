#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/data/row/reference_profile.h"
#include "core/data/row/row_transform.h"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace perch::model {

/// What the model decides.
enum class Task { Binary, MultiClass, Regression };

/// The names and the decision rule, stored as `card.json` beside the human-readable facts of the version.
struct ModelCard {
    ModelName model;
    Task task = Task::Binary;
    std::string label;                   ///< Name of the label column
    std::vector<std::string> classes;    ///< as texts of the label column; binary: {negative, positive}; regression: none
    double threshold = 0.5;              ///< Binary: positive when the score is >= threshold
    std::string thresholdRule = "fixed"; ///< `fixed`, or how it was chosen, e.g. `cost 20:1`
    double tolerance = 0; ///< Regression: an answer at most so far from the truth is right; 0: none is declared
    SystemTime trainedAt{};
    /// On the test split. Binary: accuracy, precision, recall, f1, roc_auc, log_loss; multi-class: accuracy, macro_f1,
    /// log_loss; regression: mae, rmse, r2.
    std::map<std::string, double> metrics;
    std::map<std::string, std::uint64_t> rows; ///< train, validation, test
};

/// The verified contents of a package folder, without the booster's trees (see Predictor).
///
/// Layout: manifest.json (SHA-256 of each part), model.ubj, transform.json, reference.json, card.json, capsule.json,
/// check.json (rows and XGBoost's own scores). The digest of manifest.json is the identity of the version.
struct Package {
    std::filesystem::path folder;
    Digest digest;
    ModelCard card;
    data::RowTransform transform;
    data::ReferenceProfile reference;
    std::string booster; ///< the bytes of model.ubj
    std::string check;   ///< check.json: cells and XGBoost's own scores, which Predictor reproduces

    /// Checks the manifest against `expected` (if not empty) and every part against the manifest before anything is
    /// parsed. Corrupt that names the part; NotFound that names the folder.
    static Result<Package> load(const std::filesystem::path& folder, const Digest& expected = {});
};

/// The parts that training hands over.
struct PackageParts {
    ModelCard card;
    data::RowTransform transform;
    data::ReferenceProfile reference;
    std::string booster;
    std::string capsule; ///< JSON text
    std::string check;   ///< JSON text: {"rows":[[cell...]],"scores":[...]}
};

/// A package in memory that was not written yet: without folder and digest.
Package packageOf(const PackageParts& parts);

/// The digest that `writePackage` will return.
Digest digestOf(const PackageParts& parts);

/// Writes a complete package folder beside `destination` and moves it there in one rename; returns its digest.
/// Nothing is left behind on failure. An existing folder with the same digest is kept, an empty one is taken;
/// another one is a Conflict.
Result<Digest> writePackage(const PackageParts& parts, const std::filesystem::path& destination);

} // namespace perch::model
