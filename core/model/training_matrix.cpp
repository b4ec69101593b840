#include "core/model/training_matrix.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace perch::model {

namespace {

constexpr std::size_t kBatchRows = 65'536;
/// Of external memory: a page is a batch, and small ones cost more than they hold.
constexpr std::size_t kPageCells = std::size_t{1} << 23;

std::size_t batchRows(const MatrixPlan& plan) {
    const std::size_t rows =
        plan.cache.empty() ? kBatchRows : std::max<std::size_t>(1, kPageCells / plan.encoder->width());
    return std::min(rows, plan.rows->size());
}

} // namespace

/// The batches of one matrix, as XGBoost asks for them through C callbacks.
class TrainingMatrix::Batches {
public:
    Batches(const MatrixPlan& plan, Matrix proxy)
        : m_plan(plan),
          m_functions(plan.library->functions()),
          m_proxy(std::move(proxy)),
          m_names(plan.transform->names()),
          m_types(plan.transform->xgboostTypes()),
          m_namePointers(toPointers(m_names)),
          m_typePointers(toPointers(m_types)),
          m_batchRows(batchRows(plan)) {}

    static void reset(void* self) { static_cast<Batches*>(self)->m_position = 0; }
    static int next(void* self) { return static_cast<Batches*>(self)->timedNext(); }
    void* proxy() const { return m_proxy.handle(); }
    Seconds encoding() const { return m_encoding; }

    /// Once XGBoost has taken the rows.
    void forgetRows() {
        m_values = {};
        m_labels = {};
        m_weights = {};
    }

private:
    int timedNext() {
        const SteadyTime start = m_plan.clock->steadyNow();
        const bool more = encodeNext();
        m_encoding += m_plan.clock->steadyNow() - start;
        return more && setBatch() ? 1 : 0;
    }

    bool encodeNext() {
        const std::size_t count = std::min(m_batchRows, m_plan.rows->size() - m_position);
        const auto rows = std::span(*m_plan.rows).subspan(m_position, count);
        m_values.resize(count * m_plan.encoder->width());
        m_plan.encoder->encodeColumns(rows, m_values);
        m_labels.clear();
        m_weights.clear();
        for (const std::uint32_t row : rows) {
            m_labels.push_back(m_plan.targets.label.value(row));
            if (!m_plan.targets.weights.empty())
                m_weights.push_back(m_plan.targets.weights[row]);
        }
        m_position += count;
        return count > 0;
    }

    /// A refused batch ends the iteration; XGBoost keeps the reason and the matrix has fewer rows, which is checked.
    bool setBatch() {
        std::vector<std::string> columns;
        for (std::size_t i = 0; i < m_plan.encoder->width(); ++i)
            columns.push_back(arrayInterface(std::span(m_values).subspan(i * m_labels.size(), m_labels.size())));
        const std::string values = fmt::format("[{}]", fmt::join(columns, ","));
        const std::string labels = arrayInterface(m_labels);
        const std::string weights = arrayInterface(m_weights);
        return m_functions.proxySetColumns(proxy(), values.c_str()) == 0 &&
               m_functions.matrixSetInfo(proxy(), "label", labels.c_str()) == 0 &&
               (m_weights.empty() || m_functions.matrixSetInfo(proxy(), "weight", weights.c_str()) == 0) &&
               m_functions.matrixSetFeatureInfo(proxy(), "feature_name", m_namePointers.data(),
                                                m_namePointers.size()) == 0 &&
               m_functions.matrixSetFeatureInfo(proxy(), "feature_type", m_typePointers.data(),
                                                m_typePointers.size()) == 0;
    }

    MatrixPlan m_plan;
    const XgboostFunctions& m_functions;
    Matrix m_proxy;
    std::vector<std::string> m_names, m_types;
    std::vector<const char*> m_namePointers, m_typePointers;
    std::size_t m_batchRows;
    std::vector<float> m_values, m_labels, m_weights;
    std::size_t m_position = 0;
    Seconds m_encoding{0};
};

TrainingMatrix::TrainingMatrix(std::unique_ptr<Batches> batches, Matrix matrix, Seconds taking)
    : m_batches(std::move(batches)), m_matrix(std::move(matrix)), m_taking(taking) {}
TrainingMatrix::TrainingMatrix(TrainingMatrix&& other) noexcept = default;
TrainingMatrix& TrainingMatrix::operator=(TrainingMatrix&& other) noexcept = default;
TrainingMatrix::~TrainingMatrix() = default;

Result<TrainingMatrix> TrainingMatrix::create(const MatrixPlan& plan) {
    const XgboostFunctions& functions = plan.library->functions();
    const SteadyTime start = plan.clock->steadyNow();
    void* handle = nullptr;
    if (functions.proxyCreate(&handle) != 0)
        return plan.library->lastError("preparing the training data");
    auto batches = std::make_unique<Batches>(plan, Matrix(*plan.library, handle));
    std::string config = fmt::format(R"({{"missing":NaN,"nthread":{},"max_bin":{}}})", plan.threads, kHistogramBins);
    auto make = functions.quantileMatrixCreate;
    if (!plan.cache.empty()) {
        const std::string prefix = (plan.cache / "matrix").string();
        config = fmt::format(R"({{"missing":NaN,"nthread":{},"max_bin":{},"cache_prefix":{}}})", plan.threads,
                             kHistogramBins, nlohmann::json(prefix).dump());
        make = functions.externalMatrixCreate;
    }
    void* reference = plan.reference == nullptr ? nullptr : plan.reference->matrix().handle();
    void* out = nullptr;
    if (make(batches.get(), batches->proxy(), reference, &Batches::reset, &Batches::next, config.c_str(), &out) != 0)
        return plan.library->lastError("preparing the training data");
    Matrix matrix(*plan.library, out);
    batches->forgetRows();
    XgboostFunctions::Size count = 0;
    if (functions.matrixRows(matrix.handle(), &count) != 0 || count != plan.rows->size())
        return plan.library->lastError("taking the training data");
    const Seconds taking = plan.clock->steadyNow() - start - batches->encoding();
    return TrainingMatrix(std::move(batches), std::move(matrix), taking);
}

} // namespace perch::model
