#pragma once

#include "core/model/predict/package.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace perch::model {

class XgboostLibrary;

/// One answer. Binary: `score` is the probability of the positive class; multi-class: of the answered class;
/// regression: the predicted number, without class and confidence.
struct Prediction {
    float score = 0;
    std::uint32_t classIndex = 0;
    double confidence = 0; ///< probability of the answered class, 0 to 1
};

/// What evaluates a model: Perch's own code, or XGBoost's call.
enum class Engine { Perch, Xgboost };

/// `perch`, `xgboost`
std::string_view toString(Engine engine);

/// Scores rows with the trees of a package. `score` is safe from several threads at once.
class Predictor {
public:
    /// Reads the trees and reproduces the check sample's scores bit by bit. A model of a kind that TreeWalker does not
    /// know, or that it scores differently, is left to XGBoost, and so is every model if `wanted` says so; only then is
    /// `library` asked for one, which must outlive the predictor. Corrupt if a tree leads nowhere, if XGBoost refuses
    /// the model, or if neither of the two reproduces the check sample.
    static Result<std::unique_ptr<Predictor>> create(const XgboostLibrary& library, Package package,
                                                     Engine wanted = Engine::Perch);
    virtual ~Predictor() = default;

    virtual const Package& package() const = 0;
    virtual Engine engine() const { return Engine::Perch; }
    /// Why XGBoost evaluates the trees, in a few words; empty for Perch.
    virtual std::string_view engineReason() const { return {}; }
    /// Scores per row: one per class for multi-class models, else 1.
    virtual std::size_t outputs() const = 0;
    /// `rows` holds encoded rows of `transform().width()` floats one after another; returns `outputs()` scores per row.
    virtual Result<std::vector<float>> score(std::span<const float> rows) const = 0;
    /// The margins of the rows, `outputs()` each: log-odds, a number per class before the softmax, or the prediction.
    virtual Result<std::vector<float>> margins(std::span<const float> rows) const = 0;
    /// SHAP values of the rows: for each row and output one number per field and then the expected margin; together
    /// they are the margin. XGBoost computes them from `library`: some milliseconds a row for large models.
    virtual Result<std::vector<float>> contributions(std::span<const float> rows) const = 0;
    /// The decision for the scores of one row: by the card's threshold, or the most probable class.
    virtual Prediction decide(std::span<const float> scores) const = 0;
    Prediction decide(float score) const { return decide(std::span(&score, 1)); }
};

} // namespace perch::model
