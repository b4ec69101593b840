#pragma once

#include "core/base/file.h"
#include "core/base/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>

namespace perch::test {

/// The value of a Result, or a failed test with the error's sentence.
template <typename T>
T valueOf(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().message;
        throw std::runtime_error(result.error().message);
    }
    if constexpr (!std::is_void_v<T>)
        return *std::move(result);
}

/// Fails the test with the error's sentence if there is one.
template <typename T>
testing::AssertionResult succeeded(const Result<T>& result) {
    if (result)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << toString(result.error().code) << ": " << result.error().message;
}

/// `EXPECT_THAT(result, failsWith(ErrorCode::NotFound, HasSubstr("churn")))`
MATCHER_P2(failsWith, code, messageMatcher, "fails with a code and a message") {
    if (arg.has_value()) {
        *result_listener << "which succeeded";
        return false;
    }
    *result_listener << "which failed: " << toString(arg.error().code) << ": " << arg.error().message;
    return arg.error().code == code &&
           testing::ExplainMatchResult(messageMatcher, arg.error().message, result_listener);
}

/// Top of the source tree and the folder of the built programs, found from where the test program lies.
std::filesystem::path sourceFolder();
std::filesystem::path programFolder();
/// A table of resources/data by its file name.
std::string tableFile(std::string_view name);

/// A fresh folder that goes with the test.
class Folder {
public:
    Folder();
    const std::filesystem::path& path() const { return m_folder.path(); }
    std::filesystem::path operator/(std::string_view name) const { return m_folder.path() / name; }

private:
    TemporaryFolder m_folder;
};

/// Waits until `condition` is true, polling; false when the deadline passes. The only way tests wait.
bool waitUntil(const std::function<bool()>& condition, std::chrono::milliseconds deadline = std::chrono::seconds(20));

} // namespace perch::test
