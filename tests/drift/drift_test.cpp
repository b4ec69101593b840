#include "core/drift/drift_files.h"
#include "core/drift/drift_json.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <random>

namespace perch::drift {
namespace {

using test::failsWith;
using test::valueOf;
using testing::AllOf;
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

Result<DriftReport> measureBy(DriftPreset preset, const data::Table& reference, const data::Table& current) {
    return measureDrift(reference, current, {.preset = preset});
}

const DriftedColumn& columnOf(const DriftReport& report, const std::string& name) {
    return *std::ranges::find(report.columns, name, &DriftedColumn::name);
}

TEST(Drift, SameDistributionDoesNotDriftInEitherPreset) {
    for (const std::size_t rows : {900, 3'000}) {
        for (const DriftPreset preset : {DriftPreset::Perch, DriftPreset::Evidently}) {
            const DriftReport report = valueOf(measureBy(preset, makeTable(1, rows, 0), makeTable(2, rows, 0)));
            EXPECT_NE(report.drifted, true);
            EXPECT_LT(report.share, 0.5);
            EXPECT_EQ(report.columns.size(), 4u);
        }
    }
}

TEST(Drift, FindsTheShiftedColumnFirst) {
    for (const DriftPreset preset : {DriftPreset::Perch, DriftPreset::Evidently}) {
        const DriftReport report = valueOf(measureBy(preset, makeTable(1, 3'000, 0), makeTable(2, 3'000, 0.8)));
        EXPECT_EQ(report.columns.front().name, "amount");
        EXPECT_EQ(report.columns.front().drifted, true);
        EXPECT_EQ(columnOf(report, "steady").drifted, false);
    }
}

TEST(Drift, PerchIsUndecidedUnderAThousandRows) {
    const DriftReport report = valueOf(measureBy(DriftPreset::Perch, makeTable(1, 5'000, 0), makeTable(2, 999, 3)));
    EXPECT_EQ(report.drifted, std::nullopt);
    EXPECT_EQ(report.columns.front().drifted, std::nullopt);
    EXPECT_GT(*report.columns.front().score, 0.1);
    EXPECT_THAT(report.reason, HasSubstr("999 current rows"));
    EXPECT_EQ(valueOf(measureBy(DriftPreset::Perch, makeTable(1, 5'000, 0), makeTable(2, 1'000, 3))).drifted, true);
}

TEST(Drift, BinsOfNumbersCarryTheirEdges) {
    const DriftReport report = valueOf(measureBy(DriftPreset::Perch, makeTable(1, 2'000, 0), makeTable(2, 2'000, 0)));
    const std::vector<DriftBin>& bins = columnOf(report, "amount").bins;
    ASSERT_GT(bins.size(), 3U);
    EXPECT_FALSE(bins.back().range.has_value()) << bins.back().label;
    std::optional<double> before;
    for (std::size_t i = 0; i + 1 < bins.size(); ++i) {
        ASSERT_TRUE(bins[i].range.has_value()) << bins[i].label;
        EXPECT_EQ(bins[i].range->low, before);
        EXPECT_EQ(bins[i].range->high.has_value(), i + 2 < bins.size());
        before = bins[i].range->high;
    }
    for (const char* column : {"flag", "home"}) {
        for (const DriftBin& bin : columnOf(report, column).bins)
            EXPECT_FALSE(bin.range.has_value()) << column << " " << bin.label;
    }
}

TEST(Drift, UnseenCategoriesAndLostValuesCount) {
    const DriftReport unseen =
        valueOf(measureBy(DriftPreset::Perch, makeTable(1, 2'000, 0), makeTable(2, 2'000, 0, "squat")));
    EXPECT_EQ(columnOf(unseen, "home").drifted, true);
    data::Table lost = makeTable(2, 2'000, 0);
    for (double& value : lost.columns[1].numbers)
        value = kMissing;
    EXPECT_EQ(columnOf(valueOf(measureBy(DriftPreset::Perch, makeTable(1, 2'000, 0), lost)), "steady").drifted, true);
    const DriftReport evidently = valueOf(measureBy(DriftPreset::Evidently, makeTable(1, 2'000, 0), lost));
    EXPECT_EQ(columnOf(evidently, "steady").score, std::nullopt);
    EXPECT_EQ(columnOf(evidently, "steady").drifted, std::nullopt);
}

TEST(Drift, EvidentlyPicksItsTestBySizeAndValues) {
    const DriftReport small =
        valueOf(measureBy(DriftPreset::Evidently, makeTable(1, 1'000, 0), makeTable(2, 5'000, 0, "squat")));
    EXPECT_EQ(columnOf(small, "amount").method, "ks");
    EXPECT_EQ(columnOf(small, "flag").method, "z");
    EXPECT_EQ(columnOf(small, "home").method, "chi_square");
    EXPECT_EQ(columnOf(small, "home").drifted, true);
    const DriftReport large = valueOf(measureBy(DriftPreset::Evidently, makeTable(1, 1'001, 0), makeTable(2, 500, 0)));
    EXPECT_EQ(columnOf(large, "steady").method, "normed_wasserstein");
    EXPECT_EQ(columnOf(large, "flag").method, "jensen_shannon");
    EXPECT_EQ(columnOf(large, "home").method, "jensen_shannon");
}

TEST(Drift, EvidentlyDriftsFromHalfOfTheColumns) {
    data::Table current = makeTable(2, 3'000, 2);
    const data::Table reference = makeTable(1, 3'000, 0);
    EXPECT_EQ(valueOf(measureBy(DriftPreset::Evidently, reference, current)).drifted, false);
    for (double& value : current.columns[1].numbers)
        value += 2;
    const DriftReport half = valueOf(measureBy(DriftPreset::Evidently, reference, current));
    EXPECT_EQ(half.share, 0.5);
    EXPECT_EQ(half.drifted, true);
}

TEST(Drift, NamesTheColumnThatIsMissingOrOfAnotherType) {
    const data::Table reference = makeTable(1, 50, 0);
    data::Table current = makeTable(2, 50, 0);
    current.columns.pop_back();
    EXPECT_THAT(measureBy(DriftPreset::Perch, reference, current),
                failsWith(ErrorCode::InvalidInput, HasSubstr("home")));
    current = makeTable(2, 50, 0);
    current.columns[2].type = data::FieldType::Number;
    EXPECT_THAT(measureBy(DriftPreset::Perch, reference, current),
                failsWith(ErrorCode::InvalidInput, HasSubstr("The column flag is a")));
}

TEST(Drift, DocumentHasTheContractOfTheVerb) {
    const nlohmann::json document =
        toJson(valueOf(measureBy(DriftPreset::Perch, makeTable(1, 100, 0), makeTable(2, 100, 0))));
    EXPECT_TRUE(document.at("dataset").at("drifted").is_null());
    EXPECT_TRUE(document.at("dataset").contains("share"));
    for (const auto& feature : document.at("features")) {
        for (const char* key : {"name", "method", "score", "threshold", "p", "drifted"})
            EXPECT_TRUE(feature.contains(key)) << key;
    }
}

TEST(Drift, LargeSamplesMakeNoAlarmOfATrivialShift) {
    const DriftReport report = valueOf(measureDrift(makeTable(1, 60'000, 0), makeTable(2, 60'000, 0.05), {}));
    const DriftedColumn& amount = columnOf(report, "amount");
    EXPECT_LT(*amount.adjustedP, 1e-6) << "the shift is real";
    EXPECT_EQ(amount.drifted, false) << "and too small to matter";
    EXPECT_LT(amount.interval->high, 0.01);
    EXPECT_EQ(report.drifted, false);
}

TEST(Drift, FalseDiscoveriesAreRare) {
    std::mt19937_64 random(3);
    std::normal_distribution<double> normal;
    int alarms = 0;
    for (int round = 0; round < 8; ++round) {
        data::Table sides[2];
        for (data::Table& side : sides) {
            side.rows = 1'000;
            for (int i = 0; i < 20; ++i) {
                data::Column column{.name = std::to_string(i)};
                for (std::size_t row = 0; row < side.rows; ++row)
                    column.numbers.push_back(normal(random));
                side.columns.push_back(std::move(column));
            }
        }
        const DriftReport report = valueOf(measureDrift(sides[0], sides[1], {}));
        for (const DriftedColumn& column : report.columns)
            alarms += *column.adjustedP <= 0.05;
    }
    EXPECT_LE(alarms, 2); // without the adjustment about 8 of 160
}

TEST(Drift, ConstantsThatMoveAreSeen) {
    data::Table reference, moved;
    reference.rows = moved.rows = 2'000;
    reference.columns = {{.name = "x", .numbers = data::Numbers(2'000, 5)}};
    moved.columns = {{.name = "x", .numbers = data::Numbers(2'000, 7)}};
    EXPECT_EQ(valueOf(measureDrift(reference, moved, {})).columns[0].drifted, true);
    EXPECT_EQ(valueOf(measureDrift(reference, reference, {})).columns[0].drifted, false);
    EXPECT_EQ(*valueOf(measureDrift(reference, reference, {})).columns[0].score, 0);
}

TEST(Drift, ImportanceWeighsTheScoreAndRanks) {
    const data::Table reference = makeTable(1, 3'000, 0), current = makeTable(2, 3'000, 1);
    DriftOptions options{.importance = {{"amount", 0.1}, {"steady", 0.6}, {"home", 0.3}}};
    const DriftReport light = valueOf(measureDrift(reference, current, options));
    const double psi = *columnOf(light, "amount").score;
    EXPECT_EQ(columnOf(light, "flag").importance, 0);
    EXPECT_NEAR(columnOf(light, "steady").importance, 0.6, 1e-12);
    EXPECT_NEAR(*light.score, 0.1 * psi, 0.01);
    EXPECT_EQ(light.drifted, false);
    EXPECT_EQ(light.columns.front().name, "amount");
    options.importance["amount"] = 5;
    EXPECT_EQ(valueOf(measureDrift(reference, current, options)).drifted, true);
    options.limit = 100;
    EXPECT_EQ(valueOf(measureDrift(reference, current, options)).drifted, false);
}

TEST(Drift, LabelAndPredictionStandBesideTheFeatures) {
    const DriftReport report = valueOf(measureDrift(makeTable(1, 3'000, 0), makeTable(2, 3'000, 1),
                                                    {.columns = {"steady"}, .label = "flag", .prediction = "amount"}));
    ASSERT_EQ(report.columns.size(), 3U);
    EXPECT_EQ(report.columns[0].name, "steady");
    EXPECT_EQ(report.columns[1].role, ColumnRole::Label);
    EXPECT_EQ(report.columns[2].role, ColumnRole::Prediction);
    EXPECT_EQ(report.columns[2].drifted, true);
    EXPECT_EQ(report.drifted, false) << "only features count";
    const nlohmann::json document = toJson(report);
    EXPECT_EQ(document.at("features").size(), 1U);
    EXPECT_EQ(document.at("prediction").at("name"), "amount");
}

TEST(Drift, MissingUnseenAndInfiniteHaveTheirOwnFigures) {
    data::Table current = makeTable(2, 3'000, 0, "squat");
    for (std::size_t row = 0; row < 600; ++row) {
        current.columns[1].numbers[row] = kMissing;
        ++current.columns[1].missing;
    }
    current.columns[0].numbers[0] = std::numeric_limits<double>::infinity();
    const DriftReport report = valueOf(measureDrift(makeTable(1, 3'000, 0), current, {}));
    const DriftedColumn& steady = columnOf(report, "steady");
    EXPECT_TRUE(steady.missingChanged);
    EXPECT_NEAR(steady.missing->value, 0.2, 1e-12);
    EXPECT_FALSE(columnOf(report, "flag").missingChanged);
    EXPECT_THAT(columnOf(report, "home").unseen.examples, testing::ElementsAre("squat"));
    EXPECT_NEAR(columnOf(report, "home").unseen.share, 1.0 / 3, 0.03);
    EXPECT_EQ(columnOf(report, "amount").currentInfinite, 1U);
}

class DriftFiles : public testing::Test {
protected:
    spec::SourceSpec write(const char* name, const std::string& text) {
        valueOf(writeFileAtomically(m_folder / name, text));
        return data::sourceOfPath((m_folder / name).string());
    }
    Result<DriftReport> measure(const std::string& a, const std::string& b, const DriftOptions& options = {}) {
        return measureDriftOfFiles(write("a.csv", a), write("b.csv", b), options, {.clock = &m_clock}, {});
    }

    test::Folder m_folder;
    RealClock m_clock;
};

TEST_F(DriftFiles, ReadsTheCurrentFileWithTheTypesOfTheReference) {
    const DriftReport report = valueOf(measure("x,y\n1,red\n2,7\n3,red\n", "y,extra,x\n7,1,5\n,2,\n"));
    EXPECT_EQ(report.columns.size(), 2u);
    EXPECT_EQ(report.currentRows, 2u);
    EXPECT_THAT(report.notes, testing::ElementsAre(HasSubstr("not in the reference and left out: extra")));
    EXPECT_EQ(columnOf(report, "y").unseen.rows, 0U) << "7 is a text on both sides";
}

TEST_F(DriftFiles, SaysWhatIsWrong) {
    EXPECT_THAT(measureDriftOfFiles(write("a.csv", "x\n1\n"), data::sourceOfPath((m_folder / "none.csv").string()), {},
                                    {.clock = &m_clock}, {}),
                failsWith(ErrorCode::NotFound, HasSubstr("none.csv")));
    EXPECT_THAT(
        measure("amount,y\n1,2\n", "amuont,y\n1,2\n"),
        failsWith(ErrorCode::InvalidInput, AllOf(HasSubstr("b.csv has no column \"amount\""), HasSubstr("amuont"))));
    EXPECT_THAT(
        measure("x\n1\n2\n", "x\n1\ntwo\n"),
        failsWith(ErrorCode::InvalidInput, AllOf(HasSubstr("b.csv"), HasSubstr("\"two\" where a number is expected"))));
    EXPECT_THAT(measure("x\n1\n", "x\n"), failsWith(ErrorCode::InvalidInput, HasSubstr("no rows")));
    EXPECT_THAT(measure("x\n1\n", "x\n1\n", {.columns = {"z"}}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("\"z\"")));
    std::stop_source stopped;
    stopped.request_stop();
    EXPECT_THAT(measureDriftOfFiles(write("a.csv", "x\n1\n"), write("b.csv", "x\n1\n"), {}, {.clock = &m_clock},
                                    stopped.get_token()),
                failsWith(ErrorCode::Cancelled, testing::_));
}

TEST_F(DriftFiles, AColumnWithoutValuesOnOneSideIsCompared) {
    const DriftReport report = valueOf(measure("x,y,z\n1,a,\n2,b,\n3,a,\n", "x,y,z\n,,\n,,\n"));
    EXPECT_TRUE(columnOf(report, "x").score.has_value());
    EXPECT_TRUE(columnOf(report, "y").score.has_value());
    EXPECT_THAT(columnOf(report, "z").note, HasSubstr("no values on either side"));
}

TEST_F(DriftFiles, ManyPassesGiveTheSameReport) {
    std::mt19937_64 random(8);
    std::string texts[2] = {"a,b,c,d\n", "a,b,c,d\n"};
    for (std::string& text : texts) {
        for (int row = 0; row < 3'000; ++row)
            text += fmt::format("{},{},{},{}\n", random() % 1'000, random() % 7, random() % 2 ? "x" : "y",
                                static_cast<double>(random() % 9'999) / 16);
    }
    for (const DriftPreset preset : {DriftPreset::Perch, DriftPreset::Evidently}) {
        const spec::SourceSpec a = write("a.csv", texts[0]), b = write("b.csv", texts[1]);
        const DriftOptions options{.preset = preset};
        int passes = 0;
        DriftReading narrow{.clock = &m_clock, .memoryBytes = 1'000};
        narrow.progress = [&](double) { ++passes; };
        const std::string whole = toJson(valueOf(measureDriftOfFiles(a, b, options, {.clock = &m_clock}, {}))).dump();
        EXPECT_EQ(toJson(valueOf(measureDriftOfFiles(a, b, options, narrow, {}))).dump(), whole);
        EXPECT_EQ(passes, 4);
    }
}

} // namespace
} // namespace perch::drift
