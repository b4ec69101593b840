#include "core/drift/drift_files.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

/// The preset `evidently` against Evidently 0.7 itself (tests/fixtures/make_drift_reference.py).
namespace perch::drift {
namespace {

using nlohmann::json;
using test::valueOf;

constexpr double kSame = 1e-6;

const json& reference() {
    static const json document =
        json::parse(valueOf(readFile(test::sourceFolder() / "tests/fixtures/drift_reference.json")));
    return document;
}

DriftReport measure(const json& expected, const test::Folder& folder) {
    valueOf(writeFileAtomically(folder / "a.csv", expected.at("reference").get<std::string>()));
    valueOf(writeFileAtomically(folder / "b.csv", expected.at("current").get<std::string>()));
    static const RealClock clock;
    return valueOf(measureDriftOfFiles(data::sourceOfPath((folder / "a.csv").string()),
                                       data::sourceOfPath((folder / "b.csv").string()),
                                       {.preset = DriftPreset::Evidently}, {.clock = &clock}, {}));
}

std::string methodOf(const std::string& displayed) {
    static const std::map<std::string, std::string> names = {{"K-S p_value", "ks"},
                                                             {"chi-square p_value", "chi_square"},
                                                             {"Z-test p_value", "z"},
                                                             {"Jensen-Shannon distance", "jensen_shannon"},
                                                             {"Wasserstein distance (normed)", "normed_wasserstein"}};
    return names.at(displayed);
}

TEST(Evidently, SameMethodScoreAndVerdictOnEveryColumn) {
    const test::Folder folder;
    ASSERT_GE(reference().at("columns").size(), 60U);
    for (const json& expected : reference().at("columns")) {
        SCOPED_TRACE(expected.at("name").get<std::string>());
        const DriftReport report = measure(expected, folder);
        ASSERT_EQ(report.columns.size(), 1U);
        const DriftedColumn& column = report.columns.front();
        if (expected.contains("error")) {
            EXPECT_FALSE(column.score.has_value());
            EXPECT_FALSE(column.note.empty());
            EXPECT_FALSE(report.drifted.has_value());
            continue;
        }
        EXPECT_EQ(column.method, methodOf(expected.at("method")));
        ASSERT_TRUE(column.score.has_value());
        EXPECT_NEAR(*column.score, expected.at("score").get<double>(), kSame);
        EXPECT_EQ(column.drifted, expected.at("drifted").get<bool>());
    }
}

TEST(Evidently, SameVerdictOnDataSets) {
    const test::Folder folder;
    for (const json& expected : reference().at("datasets")) {
        SCOPED_TRACE(expected.at("name").get<std::string>());
        const DriftReport report = measure(expected, folder);
        EXPECT_NEAR(report.share, expected.at("share").get<double>(), 1e-12);
        EXPECT_EQ(report.drifted, expected.at("drifted").get<bool>());
    }
}

} // namespace
} // namespace perch::drift
