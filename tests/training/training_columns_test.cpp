#include "core/training/training_data.h"
#include "tests/support/test_support.h"

#include <fstream>

namespace perch::training {
namespace {

using test::failsWith;
using test::valueOf;
using testing::ElementsAre;
using testing::HasSubstr;

class TrainingColumns : public testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(m_folder / "current");
        std::ofstream(m_folder / "current/part-0.csv") << "id,email,at,age,plan,y\n1,a@x,2026-01-01,30,p,yes\n2,b@x,2026-01-02,40,q,no\n";
    }
    Result<TrainingData> read(const std::string& more = "", const std::string& folder = "current") {
        TrainingJob job;
        job.spec = valueOf(spec::parseModelSpec("model: m\nlabel: y\n" + more, "perch.yaml"));
        job.spec.data = m_folder / folder;
        return readTrainingData(job, m_workspace, m_clock, {}, {});
    }
    static std::vector<std::string> names(const TrainingData& data) {
        std::vector<std::string> names;
        for (const data::Column& column : data.table.columns)
            names.push_back(column.name);
        return names;
    }
    void writeManifest(const std::string& text) { std::ofstream(m_folder / "current/_manifest.json") << text; }

    test::Folder m_folder;
    RealClock m_clock;
    Workspace m_workspace = valueOf(Workspace::open(m_folder / "workspace"));
};

constexpr const char* kManifest = R"({"schema":1,"columns":[
    {"name":"id","type":"category","role":"key"},{"name":"email","type":"category","role":"key"},
    {"name":"at","type":"timestamp","role":"time"},{"name":"age","type":"number","role":"feature"},
    {"name":"plan","type":"category","role":""},{"name":"y","type":"category","role":"label"}],
    "parts":[{"path":"part-0.csv"}]})";

TEST_F(TrainingColumns, PerchYamlLeavesColumnsOut) {
    EXPECT_THAT(names(valueOf(read())), ElementsAre("id", "email", "at", "age", "plan", "y"));
    const TrainingData data = valueOf(read("ignore: [id, email, at]\n"));
    EXPECT_THAT(names(data), ElementsAre("age", "plan", "y"));
    EXPECT_THAT(data.ignored, ElementsAre("at", "email", "id"));
    EXPECT_THAT(read("ignore: [idd]\n"), failsWith(ErrorCode::InvalidInput, HasSubstr("no column \"idd\"; the nearest is \"id\"")));
    EXPECT_THAT(spec::parseModelSpec("model: m\nlabel: y\nignore: y\n", "perch.yaml"),
                failsWith(ErrorCode::InvalidInput, "perch.yaml:3:9: ignore must not name the label."));
}

TEST_F(TrainingColumns, APublishedDatasetSaysWhichColumnsAreNoFeatures) {
    writeManifest(kManifest);
    const TrainingData data = valueOf(read("ignore: plan\n"));
    EXPECT_THAT(names(data), ElementsAre("age", "y"));
    // What the split needs is read all the same.
    EXPECT_THAT(names(valueOf(read("split: {kind: time, column: at}\n"))), ElementsAre("at", "age", "plan", "y"));
}

TEST_F(TrainingColumns, ADamagedManifestSaysSo) {
    for (const char* text : {"", "[]", "{}", R"({"columns":[1],"parts":[]})", R"({"columns":[],"parts":7})"}) {
        writeManifest(text);
        EXPECT_THAT(read(), failsWith(ErrorCode::Corrupt, HasSubstr("_manifest.json is not usable"))) << text;
    }
}

} // namespace
} // namespace perch::training
