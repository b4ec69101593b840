#include "core/model/predict/booster.h"

#include <charconv>
#include <utility>

namespace perch::model {

namespace {

constexpr const char* kPredictConfig =
    R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,"cache_id":0,"missing":NaN})";
constexpr const char* kMarginConfig =
    R"({"type":1,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,"cache_id":0,"missing":NaN})";
constexpr const char* kContributionConfig =
    R"({"type":2,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false})";

using Size = XgboostFunctions::Size;

std::vector<float> copied(const Size* shape, Size dimensions, const float* values) {
    std::size_t size = 1;
    for (Size i = 0; i < dimensions; ++i)
        size *= shape[i];
    return std::vector<float>(values, values + size);
}

} // namespace

std::string arrayInterface(std::span<const float> values, std::size_t rows, std::size_t columns) {
    return fmt::format(R"({{"data":[{},true],"shape":[{},{}],"typestr":"<f4","version":3}})",
                       reinterpret_cast<std::uintptr_t>(values.data()), rows, columns);
}

std::string arrayInterface(std::span<const float> values) {
    return fmt::format(R"({{"data":[{},true],"shape":[{}],"typestr":"<f4","version":3}})",
                       reinterpret_cast<std::uintptr_t>(values.data()), values.size());
}

std::vector<const char*> toPointers(const std::vector<std::string>& texts) {
    std::vector<const char*> pointers;
    for (const std::string& text : texts)
        pointers.push_back(text.c_str());
    return pointers;
}

Matrix& Matrix::operator=(Matrix&& other) noexcept {
    std::swap(m_library, other.m_library);
    std::swap(m_handle, other.m_handle);
    return *this;
}

Matrix::~Matrix() {
    if (m_handle != nullptr)
        m_library->functions().matrixFree(m_handle);
}

Booster& Booster::operator=(Booster&& other) noexcept {
    std::swap(m_library, other.m_library);
    std::swap(m_handle, other.m_handle);
    return *this;
}

Booster::~Booster() {
    if (m_handle != nullptr)
        m_library->functions().boosterFree(m_handle);
}

Result<Booster> Booster::create(const XgboostLibrary& library, std::span<const Matrix* const> matrices) {
    std::vector<void*> handles;
    for (const Matrix* matrix : matrices)
        handles.push_back(matrix->handle());
    void* handle = nullptr;
    if (library.functions().boosterCreate(handles.data(), handles.size(), &handle) != 0)
        return library.lastError("creating a model");
    return Booster(library, handle);
}

Result<void> Booster::setParameter(const char* name, const std::string& value) {
    if (m_library->functions().boosterSetParameter(m_handle, name, value.c_str()) != 0)
        return m_library->lastError(fmt::format("setting {} to {}", name, value));
    return {};
}

Result<void> Booster::setFeatures(const std::vector<std::string>& names, const std::vector<std::string>& types) {
    for (const auto& [field, texts] : {std::pair("feature_name", &names), std::pair("feature_type", &types)}) {
        std::vector<const char*> values = toPointers(*texts);
        if (m_library->functions().boosterSetFeatureInfo(m_handle, field, values.data(), values.size()) != 0)
            return m_library->lastError("naming the features");
    }
    return {};
}

Result<void> Booster::load(std::string_view bytes) {
    if (m_library->functions().boosterLoad(m_handle, bytes.data(), bytes.size()) != 0)
        return m_library->lastError("loading a model");
    return {};
}

Result<std::string> Booster::save() const {
    XgboostFunctions::Size length = 0;
    const char* bytes = nullptr;
    if (m_library->functions().boosterSave(m_handle, R"({"format":"ubj"})", &length, &bytes) != 0)
        return m_library->lastError("saving a model");
    return std::string(bytes, length);
}

Result<void> Booster::update(int round, const Matrix& matrix) {
    if (m_library->functions().boosterUpdate(m_handle, round, matrix.handle()) != 0)
        return m_library->lastError(fmt::format("in training round {}", round + 1));
    return {};
}

Result<double> Booster::evaluate(int round, const Matrix& matrix, const std::string& name) const {
    void* handle = matrix.handle();
    const char* nameText = name.c_str();
    const char* line = nullptr;
    if (m_library->functions().boosterEvaluate(m_handle, round, &handle, &nameText, 1, &line) != 0)
        return m_library->lastError("evaluating a model");
    // `[12]\ttrain-logloss:0.412`
    const std::string_view text(line);
    const std::string_view number = text.substr(text.rfind(':') + 1);
    double value = 0;
    if (std::from_chars(number.data(), number.data() + number.size(), value).ec != std::errc())
        return fail(ErrorCode::Internal, "XGBoost's evaluation \"{}\" is not understood.", text);
    return value;
}

Result<Booster> Booster::firstRounds(int rounds) const {
    void* handle = nullptr;
    if (m_library->functions().boosterSlice(m_handle, 0, rounds, 1, &handle) != 0)
        return m_library->lastError(fmt::format("keeping the first {} rounds", rounds));
    return Booster(*m_library, handle);
}

Result<std::size_t> Booster::featureCount() const {
    XgboostFunctions::Size count = 0;
    if (m_library->functions().boosterFeatureCount(m_handle, &count) != 0)
        return m_library->lastError("reading a model");
    return static_cast<std::size_t>(count);
}

Result<std::vector<std::pair<std::string, double>>> Booster::totalGain() const {
    XgboostFunctions::Size count = 0, dimensions = 0;
    const XgboostFunctions::Size* shape = nullptr;
    const char** features = nullptr;
    const float* scores = nullptr;
    const char* config = R"({"importance_type":"total_gain"})";
    if (m_library->functions().boosterFeatureScore(m_handle, config, &count, &features, &dimensions, &shape, &scores) !=
        0)
        return m_library->lastError("reading importances");
    std::vector<std::pair<std::string, double>> gains;
    for (XgboostFunctions::Size i = 0; i < count; ++i)
        gains.emplace_back(features[i], scores[i]);
    return gains;
}

Result<std::vector<float>> Booster::predictDense(std::span<const float> values, std::size_t columns,
                                                 const char* config) const {
    if (columns == 0 || values.size() % columns != 0)
        return fail(ErrorCode::Internal, "{} values are not rows of {} columns.", values.size(), columns);
    if (values.empty())
        return std::vector<float>();
    const std::string interface = arrayInterface(values, values.size() / columns, columns);
    const Size* shape = nullptr;
    Size dimensions = 0;
    const float* scores = nullptr;
    if (m_library->functions().boosterPredictDense(m_handle, interface.c_str(), config, nullptr, &shape, &dimensions,
                                                   &scores) != 0)
        return m_library->lastError("predicting");
    return copied(shape, dimensions, scores);
}

Result<std::vector<float>> Booster::predict(std::span<const float> values, std::size_t columns) const {
    return predictDense(values, columns, kPredictConfig);
}

Result<std::vector<float>> Booster::predictMargin(std::span<const float> values, std::size_t columns) const {
    return predictDense(values, columns, kMarginConfig);
}

Result<std::vector<float>> Booster::contributions(std::span<const float> values, const std::vector<std::string>& names,
                                                  const std::vector<std::string>& types) const {
    if (names.empty() || values.size() % names.size() != 0)
        return fail(ErrorCode::Internal, "{} values are not rows of {} columns.", values.size(), names.size());
    if (values.empty())
        return std::vector<float>();
    const XgboostFunctions& xgboost = m_library->functions();
    void* handle = nullptr;
    const std::string interface = arrayInterface(values, values.size() / names.size(), names.size());
    if (xgboost.matrixCreateDense(interface.c_str(), R"({"missing":NaN,"nthread":1})", &handle) != 0)
        return m_library->lastError("reading rows");
    const Matrix matrix(*m_library, handle);
    for (const auto& [field, texts] : {std::pair("feature_name", &names), std::pair("feature_type", &types)}) {
        std::vector<const char*> pointers = toPointers(*texts);
        if (xgboost.matrixSetFeatureInfo(handle, field, pointers.data(), pointers.size()) != 0)
            return m_library->lastError("naming the features");
    }
    const Size* shape = nullptr;
    Size dimensions = 0;
    const float* contributions = nullptr;
    if (xgboost.boosterPredict(m_handle, handle, kContributionConfig, &shape, &dimensions, &contributions) != 0)
        return m_library->lastError("explaining rows");
    return copied(shape, dimensions, contributions);
}

} // namespace perch::model
