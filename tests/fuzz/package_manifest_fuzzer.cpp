#include "core/base/file.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/fuzz/small_package.h"

#include <fstream>

/// The manifest.json of a package whose parts are whole: only the manifest that was written with them opens it.
PERCH_FUZZER(package_manifest) {
    using namespace perch;
    static const TemporaryFolder folder = *TemporaryFolder::create("perch-fuzz-");
    static const std::filesystem::path package = folder.path() / "package";
    static const Digest digest = *model::writePackage(fuzz::smallPackage(), package);
    std::ofstream(package / "manifest.json", std::ios::binary) << bytes;
    for (const Digest& expected : {Digest(), digest}) {
        const Result<model::Package> loaded = model::Package::load(package, expected);
        fuzz::requireSentence(loaded);
        fuzz::require(loaded || loaded.error().code == ErrorCode::Corrupt, "a wrong manifest is damage");
        fuzz::require(!loaded || loaded->card.model.text() == "churn", "the parts are those of the package");
    }
}
