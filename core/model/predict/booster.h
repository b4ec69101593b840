#pragma once

#include "core/model/predict/xgboost_functions.h"
#include "core/model/predict/xgboost_library.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace perch::model {

/// The JSON that tells XGBoost where a dense array of floats lies; the array must outlive the call that reads it.
std::string arrayInterface(std::span<const float> values, std::size_t rows, std::size_t columns);
std::string arrayInterface(std::span<const float> values);

/// C strings that live as long as `texts`.
std::vector<const char*> toPointers(const std::vector<std::string>& texts);

/// A DMatrix that frees itself. Belongs to one thread.
class Matrix {
public:
    Matrix(const XgboostLibrary& library, void* handle) : m_library(&library), m_handle(handle) {}
    Matrix(Matrix&& other) noexcept : m_library(other.m_library), m_handle(std::exchange(other.m_handle, nullptr)) {}
    Matrix& operator=(Matrix&& other) noexcept;
    ~Matrix();
    void* handle() const { return m_handle; }

private:
    const XgboostLibrary* m_library;
    void* m_handle;
};

/// A Booster that frees itself. `library` must outlive it. Training belongs to one thread; `predict` may be called
/// from several threads once it has been called once.
class Booster {
public:
    /// `matrices` are the ones it will be trained and evaluated on; none for a booster that is loaded.
    static Result<Booster> create(const XgboostLibrary& library, std::span<const Matrix* const> matrices = {});
    Booster(Booster&& other) noexcept : m_library(other.m_library), m_handle(std::exchange(other.m_handle, nullptr)) {}
    Booster& operator=(Booster&& other) noexcept;
    ~Booster();

    Result<void> setParameter(const char* name, const std::string& value);
    /// Names and types (`q`, `c`) of the features, written into the model.
    Result<void> setFeatures(const std::vector<std::string>& names, const std::vector<std::string>& types);
    Result<void> load(std::string_view bytes);
    Result<std::string> save() const; ///< UBJ
    Result<void> update(int round, const Matrix& matrix);
    /// The metric of a round on one matrix.
    Result<double> evaluate(int round, const Matrix& matrix, const std::string& name) const;
    /// A booster of the first `rounds` rounds.
    Result<Booster> firstRounds(int rounds) const;
    Result<std::size_t> featureCount() const;
    /// Total gain of each feature that is used in a split, by name.
    Result<std::vector<std::pair<std::string, double>>> totalGain() const;
    /// Scores `values.size() / columns` rows on the calling thread (plus the booster's own threads).
    Result<std::vector<float>> predict(std::span<const float> values, std::size_t columns) const;
    /// What the trees add up to before the link function: a log-odds, a score per class, or the number itself.
    Result<std::vector<float>> predictMargin(std::span<const float> values, std::size_t columns) const;
    /// SHAP values (Lundberg's TreeSHAP, exact): `outputs` times `names.size() + 1` numbers per row, the contribution
    /// of each feature to the margin of each output, then its expected value; they add up to the margin. `names` and
    /// `types` are those of `setFeatures`.
    Result<std::vector<float>> contributions(std::span<const float> values, const std::vector<std::string>& names,
                                             const std::vector<std::string>& types) const;

private:
    Booster(const XgboostLibrary& library, void* handle) : m_library(&library), m_handle(handle) {}
    Result<std::vector<float>> predictDense(std::span<const float> values, std::size_t columns,
                                            const char* config) const;
    const XgboostLibrary* m_library;
    void* m_handle;
};

} // namespace perch::model
