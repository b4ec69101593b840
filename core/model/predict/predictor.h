#pragma once

#include "core/model/predict/package.h"

#include <memory>
#include <span>
#include <string>
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

/// Scores rows with the booster of a package. `score` is safe from several threads at once.
class Predictor {
public:
    /// Loads the booster. `library` must outlive the predictor. Corrupt if XGBoost refuses the model or if the check
    /// sample's scores are not reproduced bit by bit.
    static Result<std::unique_ptr<Predictor>> create(const XgboostLibrary& library, Package package);
    virtual ~Predictor() = default;

    virtual const Package& package() const = 0;
    /// Scores per row: one per class for multi-class models, else 1.
    virtual std::size_t outputs() const = 0;
    /// `rows` holds encoded rows of `transform().width()` floats one after another; returns `outputs()` scores per row.
    virtual Result<std::vector<float>> score(std::span<const float> rows) const = 0;
    /// The decision for the scores of one row: by the card's threshold, or the most probable class.
    virtual Prediction decide(std::span<const float> scores) const = 0;
    Prediction decide(float score) const { return decide(std::span(&score, 1)); }
};

} // namespace perch::model
