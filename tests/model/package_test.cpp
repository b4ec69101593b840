#include "core/base/digest.h"
#include "core/data/csv_reader.h"
#include "core/model/predict/package.h"
#include "core/model/predict/predictor.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/train.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <csignal>
#include <fstream>
#include <sys/resource.h>

namespace perch::model {
namespace {

using test::failsWith;
using test::valueOf;
using testing::AllOf;
using testing::HasSubstr;

class PackageFiles : public testing::Test {
protected:
    static const PackageParts& parts() {
        static const PackageParts trained = [] {
            const test::Folder folder;
            const RealClock clock;
            std::string text = "x,c,y\n";
            for (int i = 0; i < 100; ++i)
                text += fmt::format("{},c{},{}\n", i, i % 3, i % 7 > 3);
            std::ofstream(folder / "t.csv") << text;
            const auto table =
                valueOf(data::readCsv(folder / "t.csv", clock, {.declared = {{"y", data::FieldType::Category}}}));
            return valueOf(train(*valueOf(XgboostLibrary::load()), {.model = valueOf(ModelName::parse("m")),
                                                                    .table = &table,
                                                                    .label = "y",
                                                                    .training = {.rounds = 5},
                                                                    .clock = &clock}))
                .parts;
        }();
        return trained;
    }
    static std::string bytesOf(const std::filesystem::path& file) { return valueOf(readFile(file)); }
    static void overwrite(const std::filesystem::path& file, std::string_view bytes) {
        std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    }
    /// Names the present bytes of a part in the manifest, as someone would who can write the folder.
    void sign(const std::string& part) const {
        auto manifest = nlohmann::json::parse(bytesOf(m_package / "manifest.json"));
        manifest["parts"][part] = sha256(bytesOf(m_package / part)).hex();
        overwrite(m_package / "manifest.json", manifest.dump(1));
    }
    std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(m_folder.path()), {}));
    }

    test::Folder m_folder;
    std::filesystem::path m_package = m_folder / "p";
    std::shared_ptr<const XgboostLibrary> m_library = valueOf(XgboostLibrary::load());
};

TEST_F(PackageFiles, AreWrittenWholeAndReadBack) {
    const Digest digest = valueOf(writePackage(parts(), m_package));
    EXPECT_EQ(digest, digestOf(parts()));
    EXPECT_EQ(entries(), 1U) << "nothing beside the package";
    const Package package = valueOf(Package::load(m_package, digest));
    EXPECT_EQ(package.digest, digest);
    EXPECT_EQ(package.booster, parts().booster);
    EXPECT_EQ(package.card.metrics, parts().card.metrics);
    EXPECT_EQ(package.card.classes, parts().card.classes);
    EXPECT_EQ(package.card.trainedAt, parts().card.trainedAt);
    EXPECT_EQ(package.transform.toJson(), parts().transform.toJson());
    EXPECT_EQ(package.reference.toJson(), parts().reference.toJson());
    EXPECT_EQ(valueOf(writePackage(parts(), m_package)), digest) << "the same package again";
}

TEST_F(PackageFiles, AreNeverOverwritten) {
    valueOf(writePackage(parts(), m_package));
    PackageParts other = parts();
    other.card.threshold = 0.25;
    EXPECT_THAT(writePackage(other, m_package), failsWith(ErrorCode::Conflict, HasSubstr("already exists")));
    EXPECT_EQ(valueOf(Package::load(m_package)).card.threshold, 0.5);
}

TEST_F(PackageFiles, LeaveNothingBehindWhenTheyCannotBeWritten) {
    std::ofstream(m_folder / "file") << "not a folder";
    EXPECT_FALSE(writePackage(parts(), m_folder / "file" / "p").has_value());
    EXPECT_EQ(entries(), 1U);
}

TEST_F(PackageFiles, LeaveNothingBehindWhenTheDiskIsFull) {
    // A limit on the size of files fails the write of a part as a full disk does: in the middle.
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{8'192, before.rlim_max};
    ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    const Result<Digest> written = writePackage(parts(), m_package);
    ::setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_THAT(written, failsWith(ErrorCode::Unavailable, HasSubstr("Cannot write")));
    EXPECT_EQ(entries(), 0U);
}

TEST_F(PackageFiles, DamageIsNamed) {
    EXPECT_THAT(Package::load(m_package), failsWith(ErrorCode::NotFound, HasSubstr(m_package.string())));
    const Digest digest = valueOf(writePackage(parts(), m_package));
    for (const char* part :
         {"model.ubj", "transform.json", "reference.json", "card.json", "capsule.json", "check.json"}) {
        const std::string bytes = bytesOf(m_package / part);
        std::string damaged = bytes;
        damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
        overwrite(m_package / part, damaged);
        EXPECT_THAT(Package::load(m_package, digest),
                    failsWith(ErrorCode::Corrupt, AllOf(HasSubstr(part), HasSubstr("differs"))));
        std::filesystem::remove(m_package / part);
        EXPECT_THAT(Package::load(m_package, digest),
                    failsWith(ErrorCode::Corrupt, AllOf(HasSubstr(part), HasSubstr("is missing"))));
        overwrite(m_package / part, bytes);
    }
    EXPECT_TRUE(test::succeeded(Package::load(m_package, digest)));
    overwrite(m_package / "card.json", "{}");
    sign("card.json");
    EXPECT_THAT(Package::load(m_package, digest),
                failsWith(ErrorCode::Corrupt, HasSubstr("manifest.json has the digest")));
    EXPECT_THAT(Package::load(m_package), failsWith(ErrorCode::Corrupt, HasSubstr("card.json is not usable")));
    overwrite(m_package / "manifest.json", "[]");
    EXPECT_THAT(Package::load(m_package), failsWith(ErrorCode::Corrupt, HasSubstr("manifest")));
}

TEST_F(PackageFiles, PredictorRefusesAModelThatDoesNotFit) {
    valueOf(writePackage(parts(), m_package));
    const Package good = valueOf(Package::load(m_package));
    EXPECT_TRUE(Predictor::create(*m_library, good).has_value());
    Package bad = good;
    bad.booster = "broken";
    EXPECT_THAT(Predictor::create(*m_library, bad), failsWith(ErrorCode::Corrupt, HasSubstr("model.ubj")));
    bad = good;
    bad.transform = data::RowTransform({{.name = "x"}});
    EXPECT_THAT(Predictor::create(*m_library, bad), failsWith(ErrorCode::Corrupt, HasSubstr("reads 2 features")));
    bad = good;
    auto check = nlohmann::json::parse(good.check);
    check["scores"][3] = check["scores"][3].get<double>() + 1e-6;
    bad.check = check.dump();
    EXPECT_THAT(Predictor::create(*m_library, bad),
                failsWith(ErrorCode::Corrupt, HasSubstr("row 4 of the check sample")));
}

} // namespace
} // namespace perch::model
