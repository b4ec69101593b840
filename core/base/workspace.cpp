#include "core/base/workspace.h"

#include "core/base/environment.h"
#include "core/base/file.h"

namespace perch {

namespace {

std::filesystem::path environmentPath(const char* name) {
    return environmentText(name);
}

Result<std::filesystem::path> chooseRoot(const std::filesystem::path& chosen) {
    if (!chosen.empty())
        return chosen;
    if (auto path = environmentPath("PERCH_WORKSPACE"); !path.empty())
        return path;
    if (auto path = environmentPath("XDG_DATA_HOME"); !path.empty())
        return path / "perch";
    if (auto path = environmentPath("HOME"); !path.empty())
        return path / ".local" / "share" / "perch";
    return fail(ErrorCode::InvalidInput, "There is no workspace folder: set HOME, PERCH_WORKSPACE or --workspace.");
}

} // namespace

Result<Workspace> Workspace::open(const std::filesystem::path& chosen) {
    const std::filesystem::path root = TRY(chooseRoot(chosen));
    std::error_code code;
    Workspace workspace(std::filesystem::absolute(root, code));
    for (const auto& folder : {workspace.root(), workspace.packages(), workspace.audit(), workspace.models(),
             workspace.local(), workspace.locks(), workspace.runs()})
        TRY(makePrivateFolder(folder));
    return workspace;
}

} // namespace perch
