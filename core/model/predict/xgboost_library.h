#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <memory>

namespace perch::model {

/// The C interface of libxgboost as a table of function pointers, loaded with dlopen after OMP_WAIT_POLICY=PASSIVE is
/// set. The declarations of the functions are in xgboost_functions.h. Safe from any thread after `load`.
class XgboostLibrary {
public:
    /// From PERCH_XGBOOST, else beside the program, else the system's. Versions outside [3.2, 4.0) are refused with
    /// InvalidInput; Unavailable names every place that was tried.
    static Result<std::shared_ptr<const XgboostLibrary>> load();
    virtual ~XgboostLibrary() = default;

    virtual const struct XgboostFunctions& functions() const = 0;
    virtual std::string version() const = 0; ///< `3.2.0`
    virtual const std::filesystem::path& path() const = 0;
    virtual bool builtWithCuda() const = 0;
    /// Turns the library's last error into ours: one sentence, without its stack trace.
    virtual Error lastError(std::string_view activity) const = 0;
};

} // namespace perch::model
