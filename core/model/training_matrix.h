#pragma once

#include "core/data/table_encoder.h"
#include "core/model/predict/booster.h"
#include "core/model/training_label.h"

#include <filesystem>
#include <memory>

namespace perch::model {

/// Label and weight of the rows of a table. Borrowed.
struct RowTargets {
    const TrainingLabel& label;
    std::span<const float> weights = {}; ///< per row of the table; empty: each weighs 1
};

class TrainingMatrix;

/// What a matrix is made of. Borrowed: all of it must outlive the matrix.
struct MatrixPlan {
    const XgboostLibrary* library = nullptr;
    const data::TableEncoder* encoder = nullptr;
    const data::RowTransform* transform = nullptr;
    const data::Rows* rows = nullptr;
    RowTargets targets;
    std::uint32_t threads = 1;
    const Clock* clock = nullptr;
    const TrainingMatrix* reference = nullptr; ///< the training part, into whose bins a validation part is cut
    std::filesystem::path cache = {};          ///< folder for external memory; empty: in memory
};

/// Rows quantized for XGBoost, handed to it in batches, so that no matrix of floats is ever beside the table. In memory
/// a cell takes 2 bytes, or 5 if any cell is missing. In external memory they lie in files of the cache folder, which go
/// with the matrix, and each round reads them; sums of gradients are then formed page by page, so that the last bits of
/// a model may differ from those of a matrix in memory. Belongs to one thread.
class TrainingMatrix {
public:
    static Result<TrainingMatrix> create(const MatrixPlan& plan);
    TrainingMatrix(TrainingMatrix&& other) noexcept;
    TrainingMatrix& operator=(TrainingMatrix&& other) noexcept;
    ~TrainingMatrix();

    const Matrix& matrix() const { return m_matrix; }
    /// Spent in XGBoost on taking the rows, without the time in which they were encoded for it.
    Seconds taking() const { return m_taking; }

private:
    class Batches;
    TrainingMatrix(std::unique_ptr<Batches> batches, Matrix matrix, Seconds taking);

    std::unique_ptr<Batches> m_batches; ///< XGBoost keeps its address
    Matrix m_matrix;
    Seconds m_taking;
};

/// Bins per feature of the histogram method.
inline constexpr int kHistogramBins = 256;

/// A training part of more cells is trained on in external memory: a rule of the data alone, so that the same training
/// gives the same model on every machine.
inline constexpr std::size_t kCellsInMemory = 400'000'000;

} // namespace perch::model
