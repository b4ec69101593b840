#include "tests/support/test_support.h"

#include <thread>

namespace perch::test {

std::filesystem::path programFolder() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

std::filesystem::path sourceFolder() {
    for (auto folder = programFolder(); folder.has_relative_path(); folder = folder.parent_path()) {
        if (std::filesystem::exists(folder / "CMakePresets.json"))
            return folder;
    }
    throw std::runtime_error("The test program is not below its source tree.");
}

std::string tableFile(std::string_view name) {
    return (sourceFolder() / "resources/data" / name).string();
}

Folder::Folder() : m_folder(valueOf(TemporaryFolder::create("perch-test-"))) {}

bool waitUntil(const std::function<bool()>& condition, std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

} // namespace perch::test
