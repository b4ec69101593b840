#include "core/base/file.h"
#include "tests/e2e/installed_perch.h"

#include <filesystem>
#include <random>
#include <set>

namespace perch {
namespace {

namespace fs = std::filesystem;
using test::InstalledPerch;
using test::PerchRun;
using test::valueOf;
using testing::HasSubstr;

/// `perch drift` as a person or a script runs it.
class DriftVerb : public testing::Test {
protected:
    /// Two numbers and a text; `shift` moves the first number by so many of its standard deviations.
    std::string table(const std::string& name, unsigned seed, double shift, std::size_t rows = 4'000,
                      const std::string& extra = "") {
        std::mt19937 dice(seed);
        std::string text = "income,age,home\n";
        const auto uniform = [&] { return static_cast<double>(dice() >> 5) / 134'217'728.0; };
        for (std::size_t i = 0; i < rows; ++i) {
            const double bell = uniform() + uniform() + uniform() + uniform() - 2; // standard deviation 0.577
            text += fmt::format("{:.3f},{},{}\n", 50 + 10 * (bell / 0.577 + shift), 20 + dice() % 60,
                                dice() % 3 == 0 ? "own" : "rent");
        }
        valueOf(writeFileAtomically(m_folder / name, text + extra));
        return m_folder / name;
    }
    PerchRun drift(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "drift");
        return m_perch.run(arguments);
    }
    static nlohmann::json feature(const nlohmann::json& document, const std::string& name) {
        for (const nlohmann::json& one : document["features"]) {
            if (one["name"] == name)
                return one;
        }
        ADD_FAILURE() << "there is no feature " << name;
        return {};
    }
    void expectRefused(const PerchRun& run, const std::string& words) {
        EXPECT_EQ(run.exitCode, 2) << run.out << run.err;
        EXPECT_TRUE(run.out.empty()) << run.out;
        EXPECT_THAT(run.err, testing::StartsWith("perch: "));
        EXPECT_THAT(run.err, HasSubstr(words));
        EXPECT_EQ(std::ranges::count(run.err, '\n'), 1) << "one sentence: " << run.err;
    }

    InstalledPerch m_perch;
    test::Folder m_folder;
};

TEST_F(DriftVerb, ExitsWithItsVerdict) {
    const std::string reference = table("reference.csv", 1, 0), same = table("same.csv", 2, 0),
                      moved = table("moved.csv", 3, 1.5), few = table("few.csv", 4, 1.5, 100);
    const PerchRun quiet = drift({"--reference", reference, "--current", same, "--json"});
    EXPECT_EQ(quiet.exitCode, 0) << quiet.out << quiet.err;
    EXPECT_EQ(quiet.document()["dataset"]["drifted"], false);
    EXPECT_EQ(feature(quiet.document(), "income")["drifted"], false);

    const PerchRun loud = drift({"--reference", reference, "--current", moved, "--json"});
    EXPECT_EQ(loud.exitCode, 1) << loud.out << loud.err;
    EXPECT_TRUE(loud.err.empty()) << loud.err;
    const nlohmann::json document = loud.document();
    EXPECT_EQ(document["schema"], 1);
    EXPECT_EQ(document["preset"], "perch");
    EXPECT_EQ(document["rows"], (nlohmann::json{{"reference", 4'000}, {"current", 4'000}}));
    EXPECT_EQ(document["features"][0]["name"], "income") << "the largest effect first";
    const nlohmann::json income = feature(document, "income");
    EXPECT_GT(income["score"].get<double>(), 0.5);
    EXPECT_LT(income["low"].get<double>(), income["score"].get<double>());
    EXPECT_LT(income["p_adjusted"].get<double>(), 0.001);
    EXPECT_EQ(income["bins"].size(), 11U) << "deciles and missing";
    EXPECT_EQ(feature(document, "home")["drifted"], false);
    EXPECT_THAT(drift({"--reference", reference, "--current", moved}).out, HasSubstr("data set: drift."));

    const PerchRun undecided = drift({"--reference", reference, "--current", few, "--json"});
    EXPECT_EQ(undecided.exitCode, 0) << "too few rows are no verdict";
    EXPECT_TRUE(undecided.document()["dataset"]["drifted"].is_null());
}

TEST_F(DriftVerb, EvidentlysPresetTestsAsEvidentlyDoes) {
    const std::string reference = table("reference.csv", 1, 0), moved = table("moved.csv", 3, 1.5);
    const PerchRun run = drift({"--reference", reference, "--current", moved, "--preset", "evidently", "--json"});
    EXPECT_EQ(run.exitCode, 0) << "one column of three: " << run.out;
    const nlohmann::json document = run.document();
    EXPECT_EQ(document["preset"], "evidently");
    EXPECT_EQ(feature(document, "income")["method"], "normed_wasserstein") << "more than 1,000 rows";
    EXPECT_EQ(feature(document, "income")["drifted"], true);
    EXPECT_EQ(feature(document, "home")["method"], "jensen_shannon");
    EXPECT_NEAR(document["dataset"]["share"].get<double>(), 1.0 / 3, 1e-9);
    EXPECT_EQ(drift({"--reference", reference, "--current", moved, "--preset", "evidently", "--limit", "0.3"}).exitCode,
              1);
}

TEST_F(DriftVerb, RefusesWhatItCannotCompareInOneSentence) {
    const std::string reference = table("reference.csv", 1, 0), broken = table("broken.csv", 2, 0, 10, "1,2\n");
    valueOf(writeFileAtomically(m_folder / "other.csv", "income,age\n1,2\n"));
    valueOf(writeFileAtomically(m_folder / "empty.csv", "income,age,home\n"));
    expectRefused(drift({"--reference", reference, "--current", m_folder / "no.csv"}), "no.csv");
    expectRefused(drift({"--reference", reference, "--current", broken}), "row 12 has 2 cells");
    expectRefused(drift({"--reference", reference, "--current", m_folder / "empty.csv"}),
                  "empty.csv has a header but no rows");
    expectRefused(drift({"--reference", reference, "--current", m_folder / "other.csv"}),
                  "other.csv has no column \"home\"");
    expectRefused(drift({"--reference", reference, "--current", reference, "--columns", "incom"}),
                  "no column \"incom\"; the nearest are income");
    expectRefused(drift({"--reference", reference, "--current", reference, "--against", "v8"}), "--package");
    const PerchRun wrong = drift({"--reference", reference, "--current", m_folder / "no.csv", "--json"});
    EXPECT_EQ(wrong.exitCode, 2);
    EXPECT_EQ(wrong.document()["error"]["code"], "not_found");
}

TEST_F(DriftVerb, ReportsAreFilesAndWithAModelTheLastOneIsKept) {
    const std::string reference = table("reference.csv", 1, 0), moved = table("moved.csv", 3, 1.5);
    const std::string out = m_folder / "report.json";
    EXPECT_EQ(drift({"--reference", reference, "--current", moved, "--out", out}).exitCode, 1);
    EXPECT_EQ(nlohmann::json::parse(valueOf(readFile(out)))["dataset"]["drifted"], true);

    const std::string churn = test::tableFile("wa_churn.csv");
    m_perch.must({"train", "--model", "churn", "--data", churn, "--label", "churn", "--rounds", "20", "--out",
                  m_folder / "package", "--json"});
    const std::vector<std::string> compare{"--reference",        churn,   "--current", churn,   "--package",
                                           m_folder / "package", "--out", out,         "--json"};
    const PerchRun same = drift(compare);
    EXPECT_EQ(same.exitCode, 0) << same.out << same.err;
    const nlohmann::json document = same.document();
    EXPECT_EQ(document["model"], "churn");
    EXPECT_EQ(document["reference"], churn);
    EXPECT_EQ(document["prediction"]["drifted"], false);
    EXPECT_EQ(document["label"]["drifted"], false);
    EXPECT_EQ(document["concept"]["drifted"], false);
    EXPECT_TRUE(document["estimate"]["metrics"]["accuracy"]["estimated"].is_number());
    const fs::path kept = m_perch.workspace() / "models/churn/drift.json";
    EXPECT_EQ(nlohmann::json::parse(valueOf(readFile(kept)))["made_at_ms"], document["made_at_ms"]);
    EXPECT_EQ(nlohmann::json::parse(valueOf(readFile(out)))["dataset"], document["dataset"]);
    const PerchRun unwritable =
        drift({"--reference", reference, "--current", moved, "--out", m_folder / "none/report.json"});
    EXPECT_EQ(unwritable.exitCode, 2) << unwritable.err;
    EXPECT_THAT(unwritable.err, HasSubstr("none/report.json"));
}

/// The program takes Ctrl+C itself from when it blocks the signal: before that the shell's default would end it.
bool takesInterrupts(pid_t child) {
    std::ifstream status(fmt::format("/proc/{}/status", child));
    unsigned long long blocked = 0;
    for (std::string word; status >> word;) {
        if (word == "SigBlk:")
            status >> std::hex >> blocked;
    }
    return (blocked >> (SIGINT - 1) & 1) != 0;
}

TEST_F(DriftVerb, CtrlCLeavesNothingHalfWritten) {
    const std::string reference = table("reference.csv", 1, 0, 400'000), out = m_folder / "report.json";
    valueOf(writeFileAtomically(out, "yesterday's"));
    const pid_t child =
        m_perch.spawn({"drift", "--reference", reference, "--current", reference, "--out", out, "--json"});
    EXPECT_TRUE(test::waitUntil([&] { return takesInterrupts(child); }));
    ::kill(child, SIGINT);
    const PerchRun run = m_perch.wait(child);
    EXPECT_EQ(run.exitCode, 130) << run.out << run.err;
    EXPECT_EQ(run.document()["error"]["code"], "cancelled");
    EXPECT_EQ(valueOf(readFile(out)), "yesterday's");
    std::set<std::string> left;
    for (const fs::directory_entry& entry : fs::directory_iterator(m_folder.path()))
        left.insert(entry.path().filename().string());
    EXPECT_EQ(left, (std::set<std::string>{"reference.csv", "report.json"}));
}

} // namespace
} // namespace perch
