#pragma once

#include "core/evaluate/evaluation.h"
#include "core/model/predict/predictor.h"
#include "core/training/unseen_rows.h"

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace perch::training {

/// What became of a trained version.
struct AcceptanceVerdict {
    std::optional<bool> accepted;     ///< nothing: undecided, registered without an alias
    std::vector<std::string> reasons; ///< for people; empty only if it was accepted without a production version
    std::string rows;                 ///< which rows decided, and how many; empty if none did
    std::map<std::string, evaluate::Difference> differences; ///< candidate less production, by metric
};

/// Absolute floors of accuracy and F1 of the card (macro F1 for more than two classes). Not accepted names each floor.
AcceptanceVerdict judgeFloors(const spec::AcceptanceSpec& acceptance, const model::ModelCard& card);

/// Adds the floor of the bias between the groups of a column of `rows`, the larger of the gaps of selection rate and true
/// positive rate, if there is one.
Result<void> judgeBias(const spec::AcceptanceSpec& acceptance, const model::Predictor& candidate,
                       const data::Table& table, const data::Rows& rows, AcceptanceVerdict& verdict);

/// Against production on rows that neither was trained on. Each metric must not be worse (with `better`: be better) by
/// the 95 % interval of the paired difference: one that is worse refuses, one that is open leaves it undecided, and so
/// do fewer rows than the minimum and a table that production cannot read. InvalidInput for a metric that the task does
/// not have. Cancelled when asked to stop.
Result<AcceptanceVerdict> judgeAgainst(const model::Predictor& production, const std::string& productionName,
                                       const model::Predictor& candidate, const UnseenRows& unseen,
                                       const spec::AcceptanceSpec& acceptance, const std::stop_token& stop);

} // namespace perch::training
