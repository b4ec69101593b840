#include "core/platforms/local/programs.h"

#include <cstdlib>
#include <sstream>
#include <unistd.h>

namespace perch::local {

namespace {

bool isExecutable(const std::filesystem::path& file) {
    return ::access(file.c_str(), X_OK) == 0 && !std::filesystem::is_directory(file);
}

Result<std::filesystem::path> besideUs(const std::string& name) {
    std::error_code code;
    const auto folder = std::filesystem::read_symlink("/proc/self/exe", code).parent_path();
    if (isExecutable(folder / name))
        return folder / name;
    return fail(ErrorCode::Unavailable, "The program {} is not in {}, where it belongs.", name, folder.string());
}

/// haproxy is in a folder that is in nobody's PATH but root's.
std::string searchPath() {
    if (const char* only = std::getenv("PERCH_PATH"))
        return only;
    const char* path = std::getenv("PATH");
    return std::string(path == nullptr ? "" : path) + ":/usr/sbin:/usr/bin:/usr/local/bin";
}

Result<std::filesystem::path> inSystem(const std::string& name, const std::string& package) {
    std::istringstream folders(searchPath());
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (!folder.empty() && isExecutable(std::filesystem::path(folder) / name))
            return std::filesystem::path(folder) / name;
    }
    return fail(ErrorCode::Unavailable, "The program {} is not installed: install the package {}.", name, package);
}

} // namespace

Result<Programs> Programs::find() {
    Programs programs;
    programs.perch = TRY(besideUs("perch"));
    programs.server = TRY(besideUs("perch-server"));
    programs.haproxy = TRY(inSystem("haproxy", "haproxy"));
    programs.prometheus = TRY(inSystem("prometheus", "prometheus"));
    return programs;
}

} // namespace perch::local
