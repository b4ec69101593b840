#include "core/model/training_matrix.h"

#include <algorithm>

namespace perch::model {

namespace {

constexpr std::size_t kBatchRows = 65'536;

/// The batches of one matrix, as XGBoost asks for them through C callbacks.
class Batches {
public:
    Batches(const XgboostLibrary& library, void* proxy, const data::TableEncoder& encoder,
            const data::RowTransform& transform, const data::Rows& rows, const RowTargets& targets)
        : m_functions(library.functions()),
          m_proxy(proxy),
          m_encoder(encoder),
          m_rows(rows),
          m_targets(targets),
          m_names(transform.names()),
          m_types(transform.xgboostTypes()),
          m_namePointers(toPointers(m_names)),
          m_typePointers(toPointers(m_types)),
          m_values(std::min(kBatchRows, rows.size()) * encoder.width()),
          m_labels(std::min(kBatchRows, rows.size())),
          m_weights(targets.weights.empty() ? 0 : m_labels.size()) {}

    static void reset(void* self) { static_cast<Batches*>(self)->m_position = 0; }
    static int next(void* self) { return static_cast<Batches*>(self)->next(); }

private:
    int next() {
        const std::size_t count = std::min(kBatchRows, m_rows.size() - m_position);
        if (count == 0)
            return 0;
        const auto rows = std::span(m_rows).subspan(m_position, count);
        m_encoder.encode(rows, std::span(m_values).first(count * m_encoder.width()));
        for (std::size_t i = 0; i < count; ++i)
            m_labels[i] = m_targets.label.value(rows[i]);
        for (std::size_t i = 0; i < count && !m_weights.empty(); ++i)
            m_weights[i] = m_targets.weights[rows[i]];
        m_position += count;
        return setBatch(count) ? 1 : 0;
    }

    /// A refused batch ends the iteration; XGBoost keeps the reason and the matrix has fewer rows, which is checked.
    bool setBatch(std::size_t count) {
        const std::string values = arrayInterface(m_values, count, m_encoder.width());
        const std::string labels = arrayInterface(std::span(m_labels).first(count));
        const std::string weights = arrayInterface(std::span(m_weights).first(m_weights.empty() ? 0 : count));
        return m_functions.proxySetDense(m_proxy, values.c_str()) == 0 &&
               m_functions.matrixSetInfo(m_proxy, "label", labels.c_str()) == 0 &&
               (m_weights.empty() || m_functions.matrixSetInfo(m_proxy, "weight", weights.c_str()) == 0) &&
               m_functions.matrixSetFeatureInfo(m_proxy, "feature_name", m_namePointers.data(),
                                                m_namePointers.size()) == 0 &&
               m_functions.matrixSetFeatureInfo(m_proxy, "feature_type", m_typePointers.data(),
                                                m_typePointers.size()) == 0;
    }

    const XgboostFunctions& m_functions;
    void* m_proxy;
    const data::TableEncoder& m_encoder;
    const data::Rows& m_rows;
    const RowTargets& m_targets;
    std::vector<std::string> m_names, m_types;
    std::vector<const char*> m_namePointers, m_typePointers;
    std::vector<float> m_values, m_labels, m_weights;
    std::size_t m_position = 0;
};

} // namespace

Result<Matrix> makeTrainingMatrix(const XgboostLibrary& library, const data::TableEncoder& encoder,
                                  const data::RowTransform& transform, const data::Rows& rows,
                                  const RowTargets& targets, std::uint32_t threads, const Matrix* reference) {
    const XgboostFunctions& functions = library.functions();
    void* handle = nullptr;
    if (functions.proxyCreate(&handle) != 0)
        return library.lastError("preparing the training data");
    const Matrix proxy(library, handle);
    Batches batches(library, proxy.handle(), encoder, transform, rows, targets);
    const std::string config = fmt::format(R"({{"missing":NaN,"nthread":{},"max_bin":{}}})", threads, kHistogramBins);
    void* out = nullptr;
    if (functions.quantileMatrixCreate(&batches, proxy.handle(), reference == nullptr ? nullptr : reference->handle(), &Batches::reset, &Batches::next,
                                       config.c_str(), &out) != 0)
        return library.lastError("preparing the training data");
    Matrix matrix(library, out);
    XgboostFunctions::Size count = 0;
    if (functions.matrixRows(matrix.handle(), &count) != 0 || count != rows.size())
        return library.lastError("taking the training data");
    return matrix;
}

} // namespace perch::model
