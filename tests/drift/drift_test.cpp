#include "core/drift/drift.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <random>

namespace perch::drift {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

const double kMissing = std::nan("");

data::Table makeTable(std::uint64_t seed, std::size_t rows, double shift, const std::string& extra = "") {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal(0, 1);
    data::Table table;
    table.rows = rows;
    table.fingerprint.source = "current.csv";
    data::Column number{.name = "amount"}, steady{.name = "steady"}, flag{.name = "flag"};
    flag.type = data::FieldType::Boolean;
    data::Column home{.name = "home", .type = data::FieldType::Category, .categories = {"own", "rent"}};
    if (!extra.empty())
        home.categories.push_back(extra);
    for (std::size_t i = 0; i < rows; ++i) {
        number.numbers.push_back(random() % 20 == 0 ? kMissing : normal(random) + shift);
        steady.numbers.push_back(normal(random));
        flag.numbers.push_back(static_cast<double>(random() % 2));
        home.codes.push_back(static_cast<std::int32_t>(random() % home.categories.size()));
    }
    table.columns = {number, steady, flag, home};
    return table;
}

const DriftedColumn& columnOf(const DriftReport& report, const std::string& name) {
    return *std::ranges::find(report.columns, name, &DriftedColumn::name);
}

TEST(Drift, SameDistributionDoesNotDriftInEitherPreset) {
    for (const std::size_t rows : {900, 3'000}) {
        for (const DriftPreset preset : {DriftPreset::Perch, DriftPreset::Evidently}) {
            const DriftReport report = valueOf(measureDrift(makeTable(1, rows, 0), makeTable(2, rows, 0), preset));
            EXPECT_NE(report.drifted, true);
            EXPECT_LT(report.share, 0.5);
            EXPECT_EQ(report.columns.size(), 4u);
        }
    }
}

TEST(Drift, FindsTheShiftedColumnFirst) {
    for (const DriftPreset preset : {DriftPreset::Perch, DriftPreset::Evidently}) {
        const DriftReport report = valueOf(measureDrift(makeTable(1, 3'000, 0), makeTable(2, 3'000, 0.8), preset));
        EXPECT_EQ(report.columns.front().name, "amount");
        EXPECT_EQ(report.columns.front().drifted, true);
        EXPECT_EQ(columnOf(report, "steady").drifted, false);
    }
}

TEST(Drift, PerchIsUndecidedUnderAThousandRows) {
    const DriftReport report = valueOf(measureDrift(makeTable(1, 5'000, 0), makeTable(2, 999, 3), DriftPreset::Perch));
    EXPECT_EQ(report.drifted, std::nullopt);
    EXPECT_EQ(report.columns.front().drifted, std::nullopt);
    EXPECT_GT(*report.columns.front().score, 0.1);
    EXPECT_THAT(report.reason, HasSubstr("999 current rows"));
    EXPECT_EQ(valueOf(measureDrift(makeTable(1, 5'000, 0), makeTable(2, 1'000, 3), DriftPreset::Perch)).drifted, true);
}

TEST(Drift, UnseenCategoriesAndLostValuesCount) {
    const DriftReport unseen =
        valueOf(measureDrift(makeTable(1, 2'000, 0), makeTable(2, 2'000, 0, "squat"), DriftPreset::Perch));
    EXPECT_EQ(columnOf(unseen, "home").drifted, true);
    data::Table lost = makeTable(2, 2'000, 0);
    for (double& value : lost.columns[1].numbers)
        value = kMissing;
    EXPECT_EQ(columnOf(valueOf(measureDrift(makeTable(1, 2'000, 0), lost, DriftPreset::Perch)), "steady").drifted,
              true);
    const DriftReport evidently = valueOf(measureDrift(makeTable(1, 2'000, 0), lost, DriftPreset::Evidently));
    EXPECT_EQ(columnOf(evidently, "steady").score, std::nullopt);
    EXPECT_EQ(columnOf(evidently, "steady").drifted, std::nullopt);
}

TEST(Drift, EvidentlyPicksItsTestBySizeAndValues) {
    const DriftReport small =
        valueOf(measureDrift(makeTable(1, 1'000, 0), makeTable(2, 5'000, 0, "squat"), DriftPreset::Evidently));
    EXPECT_EQ(columnOf(small, "amount").method, "ks");
    EXPECT_EQ(columnOf(small, "flag").method, "z");
    EXPECT_EQ(columnOf(small, "home").method, "chi_square");
    EXPECT_EQ(columnOf(small, "home").drifted, true);
    const DriftReport large =
        valueOf(measureDrift(makeTable(1, 1'001, 0), makeTable(2, 500, 0), DriftPreset::Evidently));
    EXPECT_EQ(columnOf(large, "steady").method, "normed_wasserstein");
    EXPECT_EQ(columnOf(large, "flag").method, "jensen_shannon");
    EXPECT_EQ(columnOf(large, "home").method, "jensen_shannon");
}

TEST(Drift, EvidentlyDriftsFromHalfOfTheColumns) {
    data::Table current = makeTable(2, 3'000, 2);
    const data::Table reference = makeTable(1, 3'000, 0);
    EXPECT_EQ(valueOf(measureDrift(reference, current, DriftPreset::Evidently)).drifted, false);
    for (double& value : current.columns[1].numbers)
        value += 2;
    const DriftReport half = valueOf(measureDrift(reference, current, DriftPreset::Evidently));
    EXPECT_EQ(half.share, 0.5);
    EXPECT_EQ(half.drifted, true);
}

TEST(Drift, NamesTheColumnThatIsMissingOrOfAnotherType) {
    const data::Table reference = makeTable(1, 50, 0);
    data::Table current = makeTable(2, 50, 0);
    current.columns.pop_back();
    EXPECT_THAT(measureDrift(reference, current, DriftPreset::Perch),
                failsWith(ErrorCode::InvalidInput, HasSubstr("home")));
    current = makeTable(2, 50, 0);
    current.columns[2].type = data::FieldType::Number;
    EXPECT_THAT(measureDrift(reference, current, DriftPreset::Perch),
                failsWith(ErrorCode::InvalidInput, HasSubstr("The column flag is a")));
}

TEST(Drift, DocumentHasTheContractOfTheVerb) {
    const nlohmann::json document =
        toJson(valueOf(measureDrift(makeTable(1, 100, 0), makeTable(2, 100, 0), DriftPreset::Perch)));
    EXPECT_TRUE(document.at("dataset").at("drifted").is_null());
    EXPECT_TRUE(document.at("dataset").contains("share"));
    for (const auto& feature : document.at("features")) {
        for (const char* key : {"name", "method", "score", "threshold", "p", "drifted"})
            EXPECT_TRUE(feature.contains(key)) << key;
    }
}

TEST(Drift, ReadsTheCurrentFileWithTheTypesOfTheReference) {
    const test::Folder folder;
    valueOf(writeFileAtomically(folder / "a.csv", "x,y\n1,red\n2,blue\n3,red\n"));
    valueOf(writeFileAtomically(folder / "b.csv", "y,extra,x\nred,1,5\n,2,\n"));
    const RealClock clock;
    const DriftReport report =
        valueOf(measureDriftOfFiles(folder / "a.csv", folder / "b.csv", DriftPreset::Perch, clock, {}));
    EXPECT_EQ(report.columns.size(), 2u);
    EXPECT_EQ(report.currentRows, 2u);
    EXPECT_THAT(measureDriftOfFiles(folder / "a.csv", folder / "none.csv", DriftPreset::Perch, clock, {}),
                failsWith(ErrorCode::NotFound, HasSubstr("none.csv")));
}

} // namespace
} // namespace perch::drift
