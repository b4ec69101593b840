#include "core/model/predict/xgboost_library.h"

#include "core/base/log.h"
#include "core/model/predict/xgboost_functions.h"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <vector>

namespace perch::model {

namespace {

struct Version3 {
    int major = 0, minor = 0, patch = 0;
};

/// Looks up one symbol; remembers the first that is missing.
class SymbolTable {
public:
    explicit SymbolTable(void* library) : m_library(library) {}

    template <typename Function>
    void find(const char* name, Function*& out) {
        out = reinterpret_cast<Function*>(::dlsym(m_library, name));
        if (out == nullptr && m_missing.empty())
            m_missing = name;
    }
    const std::string& missing() const { return m_missing; }

private:
    void* m_library;
    std::string m_missing;
};

/// The name of the first function that the library does not have, or nothing.
std::string fillTable(void* library, XgboostFunctions& table) {
    SymbolTable symbols(library);
    symbols.find("XGBoostVersion", table.version);
    symbols.find("XGBGetLastError", table.getLastError);
    symbols.find("XGBuildInfo", table.buildInfo);
    symbols.find("XGBRegisterLogCallback", table.registerLogCallback);
    symbols.find("XGProxyDMatrixCreate", table.proxyCreate);
    symbols.find("XGProxyDMatrixSetDataDense", table.proxySetDense);
    symbols.find("XGProxyDMatrixSetDataColumnar", table.proxySetColumns);
    symbols.find("XGDMatrixSetInfoFromInterface", table.matrixSetInfo);
    symbols.find("XGDMatrixSetStrFeatureInfo", table.matrixSetFeatureInfo);
    symbols.find("XGQuantileDMatrixCreateFromCallback", table.quantileMatrixCreate);
    symbols.find("XGExtMemQuantileDMatrixCreateFromCallback", table.externalMatrixCreate);
    symbols.find("XGDMatrixNumRow", table.matrixRows);
    symbols.find("XGDMatrixFree", table.matrixFree);
    symbols.find("XGBoosterCreate", table.boosterCreate);
    symbols.find("XGBoosterFree", table.boosterFree);
    symbols.find("XGBoosterSetParam", table.boosterSetParameter);
    symbols.find("XGBoosterSetStrFeatureInfo", table.boosterSetFeatureInfo);
    symbols.find("XGBoosterUpdateOneIter", table.boosterUpdate);
    symbols.find("XGBoosterEvalOneIter", table.boosterEvaluate);
    symbols.find("XGBoosterSlice", table.boosterSlice);
    symbols.find("XGBoosterSaveModelToBuffer", table.boosterSave);
    symbols.find("XGBoosterLoadModelFromBuffer", table.boosterLoad);
    symbols.find("XGBoosterGetNumFeature", table.boosterFeatureCount);
    symbols.find("XGBoosterFeatureScore", table.boosterFeatureScore);
    symbols.find("XGBoosterPredictFromDense", table.boosterPredictDense);
    symbols.find("XGBoosterPredictFromDMatrix", table.boosterPredict);
    symbols.find("XGDMatrixCreateFromDense", table.matrixCreateDense);
    return symbols.missing();
}

/// Where to look, in order; the last entry has no folder: the system's search.
std::vector<std::filesystem::path> candidates() {
    if (const char* chosen = std::getenv("PERCH_XGBOOST"); chosen != nullptr && *chosen != '\0')
        return {chosen};
    std::error_code code;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", code).parent_path();
    return {program / "libxgboost.so", program / ".." / "lib" / "perch" / "libxgboost.so", "libxgboost.so"};
}

/// The library finds its own neighbors (OpenMP) relative to its real place, not to a symbolic link.
std::filesystem::path realPath(const std::filesystem::path& path) {
    std::error_code code;
    const std::filesystem::path real = std::filesystem::canonical(path, code);
    return code || !path.has_parent_path() ? path : real;
}

std::filesystem::path pathOfSymbol(void* symbol, const std::filesystem::path& fallback) {
    Dl_info found{};
    return ::dladdr(symbol, &found) != 0 && found.dli_fname != nullptr ? found.dli_fname : fallback;
}

void logLine(const char* line) {
    log::write(log::Level::Warning, "xgboost", line);
}

class LoadedLibrary final : public XgboostLibrary {
public:
    LoadedLibrary(XgboostFunctions functions, std::filesystem::path path, std::string version)
        : m_functions(functions), m_path(std::move(path)), m_version(std::move(version)) {}

    const XgboostFunctions& functions() const override { return m_functions; }
    std::string version() const override { return m_version; }
    const std::filesystem::path& path() const override { return m_path; }

    Error lastError(std::string_view activity) const override {
        // `[04:05:06] /src/objective.cc:12: Check failed: a == b (1 vs. 2) : Sentence\nStack trace: ...`
        std::string_view text = m_functions.getLastError();
        text = text.substr(0, text.find("Stack trace"));
        if (const std::size_t source = text.find(".cc:"); source != std::string_view::npos) {
            const std::size_t end = text.find(": ", source);
            text.remove_prefix(end == std::string_view::npos ? 0 : end + 2);
        }
        std::string sentence(text.substr(0, 300));
        std::replace(sentence.begin(), sentence.end(), '\n', ' ');
        while (!sentence.empty() && (sentence.back() == ' ' || sentence.back() == '.'))
            sentence.pop_back();
        return fail(ErrorCode::Internal, "XGBoost failed {}: {}.", activity, sentence);
    }

    bool builtWithCuda() const override {
        const char* facts = nullptr;
        if (m_functions.buildInfo(&facts) != 0)
            return false;
        std::string text(facts);
        std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
        return text.find("\"USE_CUDA\":true") != std::string::npos;
    }

private:
    XgboostFunctions m_functions;
    std::filesystem::path m_path;
    std::string m_version;
};

Result<std::shared_ptr<const XgboostLibrary>> fromHandle(void* handle, const std::filesystem::path& path) {
    XgboostFunctions table{};
    // The version first: an old library lacks some functions, and its version is the better reason.
    SymbolTable symbols(handle);
    symbols.find("XGBoostVersion", table.version);
    if (!symbols.missing().empty())
        return fail(ErrorCode::InvalidInput, "{} is not XGBoost: it has no XGBoostVersion.", path.string());
    Version3 version;
    table.version(&version.major, &version.minor, &version.patch);
    const std::string text = fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
    if (version.major != 3 || version.minor < 2)
        return fail(ErrorCode::InvalidInput, "{} is XGBoost {}, but Perch needs 3.2 or later below 4.0.", path.string(),
                    text);
    if (const std::string missing = fillTable(handle, table); !missing.empty())
        return fail(ErrorCode::InvalidInput, "{} (XGBoost {}) has no function {}.", path.string(), text, missing);
    table.registerLogCallback(&logLine);
    const std::filesystem::path real = pathOfSymbol(reinterpret_cast<void*>(table.version), path);
    return std::make_shared<const LoadedLibrary>(table, real, text);
}

} // namespace

Result<std::shared_ptr<const XgboostLibrary>> XgboostLibrary::load() {
    // Threads that wait without spinning; OpenMP reads it once, when it is loaded with the library.
    ::setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
    std::string tried;
    for (const std::filesystem::path& candidate : candidates()) {
        const std::filesystem::path path = realPath(candidate);
        // Never unloaded: OpenMP's threads live in it.
        void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        if (handle != nullptr)
            return fromHandle(handle, path);
        const char* reason = ::dlerror();
        log::info("xgboost", "{}", reason != nullptr ? reason : "cannot be loaded");
        tried += fmt::format("{}{}", tried.empty() ? "" : ", ", candidate.string());
    }
    return fail(ErrorCode::Unavailable,
                "XGBoost (libxgboost.so, 3.2 or later) was not found; tried {}. Set PERCH_XGBOOST.", tried);
}

} // namespace perch::model
