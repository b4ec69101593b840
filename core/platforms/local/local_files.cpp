#include "core/platforms/local/local_files.h"

#include "core/base/file.h"

namespace perch::local {

Result<void> LocalFiles::create() const {
    for (const auto& folder :
         {root, logs(), mirrors(), root / "serving", haproxy(), prometheus(), prometheus() / "targets", series()})
        TRY(makePrivateFolder(folder));
    return {};
}

} // namespace perch::local
