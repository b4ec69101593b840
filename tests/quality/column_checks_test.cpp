#include "tests/quality/quality_fixture.h"

#include <nlohmann/json.hpp>

#include <numeric>

namespace perch::data {
namespace {

using testing::HasSubstr;
using enum QualityVerdict;

const spec::QualitySpec kDefaults;

TEST(CheckTable, AGoodTablePasses) {
    const QualityReport report = checkTable(goodTable(), kDefaults, "churned", nullptr);
    for (const QualityCheck& check : report.checks)
        EXPECT_EQ(check.verdict, Pass) << check.name << ": " << check.sentence;
    EXPECT_EQ(report.verdict(), Pass);
    EXPECT_FALSE(report.failed());
    EXPECT_EQ(report.rows, 1'000U);
    EXPECT_EQ(report.columns, 4U);
    EXPECT_EQ(report.summary(), "9 checks: all passed");
    EXPECT_FALSE(hasCheck(report, "drift"));
    EXPECT_FALSE(hasCheck(report, "time order"));
}

TEST(CheckTable, WithoutALabelNothingIsSaidAboutIt) {
    const QualityReport report = checkTable(goodTable(), kDefaults, "", nullptr);
    EXPECT_FALSE(hasCheck(report, "label"));
    EXPECT_FALSE(hasCheck(report, "leakage"));
}

TEST(CheckTable, SchemaNamesWhatIsNotThere) {
    spec::QualitySpec limits;
    limits.required = {"age", "agee"};
    const QualitySubject subject{.label = "churnd",
                                 .types = {{"plan", FieldType::Number}, {"gone", FieldType::Number}}};
    const QualityReport report = checkTable(goodTable(), limits, subject);
    const QualityCheck schema = checkNamed(report, "schema");
    EXPECT_EQ(schema.verdict, Fail);
    EXPECT_EQ(schema.value, 3);
    EXPECT_THAT(schema.sentence, HasSubstr("the label \"churnd\" is not there; the nearest are churned"));
    EXPECT_THAT(schema.sentence, HasSubstr("the column \"agee\" is not there; the nearest are age"));
    EXPECT_THAT(schema.sentence, HasSubstr("plan is declared number and holds category"));
    EXPECT_TRUE(report.failed());
    EXPECT_THAT(report.failures(), testing::ElementsAre(schema.sentence));
}

TEST(CheckTable, FewRowsFail) {
    spec::QualitySpec limits;
    limits.minimumRows = 1'001;
    const QualityCheck rows = checkNamed(checkTable(goodTable(), limits, "", nullptr), "rows");
    EXPECT_EQ(rows.verdict, Fail);
    EXPECT_EQ(rows.value, 1'000);
    EXPECT_EQ(rows.limit, 1'001);
    EXPECT_EQ(rows.sentence, "1,000 rows where at least 1,001 are needed.");
    limits.minimumRows = 1'000;
    EXPECT_EQ(checkNamed(checkTable(goodTable(), limits, "", nullptr), "rows").verdict, Pass);
}

TEST(CheckTable, MissingCellsAreCountedPerColumnWorstFirst) {
    Table table = goodTable();
    for (std::size_t row = 0; row < 400; ++row)
        table.columns[0].numbers[row] = kNone;
    table.columns[0].missing = 400;
    for (std::size_t row = 10; row < 510; ++row)
        table.columns[2].codes[row] = -1;
    table.columns[2].missing = 500;
    spec::QualitySpec limits;
    limits.maximumMissing = 0.4; // a share of the limit itself is allowed
    const QualityCheck missing = checkNamed(checkTable(table, limits, "churned", nullptr), "missing");
    EXPECT_EQ(missing.verdict, Fail);
    EXPECT_EQ(missing.value, 0.5);
    EXPECT_THAT(missing.columns,
                testing::ElementsAre(QualityColumn{"plan", 0.5, Fail}, QualityColumn{"age", 0.4, Pass}));
    EXPECT_THAT(missing.cells, testing::ElementsAre(QualityCell{11, "plan", "missing"}));
    EXPECT_THAT(missing.sentence, HasSubstr("plan misses more than"));
    limits.maximumMissing = 0.5;
    EXPECT_EQ(checkNamed(checkTable(table, limits, "churned", nullptr), "missing").verdict, Pass);
}

TEST(CheckTable, ConstantColumnsWarn) {
    Table table = goodTable();
    table.columns.push_back(numberColumn("year", std::vector<double>(1'000, 2026)));
    table.columns.push_back(textColumn("country", std::vector<std::string>(1'000, "DE")));
    table.columns.push_back(numberColumn("nothing", std::vector<double>(1'000, kNone)));
    const QualityReport report = checkTable(table, kDefaults, "churned", nullptr);
    const QualityCheck constant = checkNamed(report, "constant");
    EXPECT_EQ(constant.verdict, Warn);
    EXPECT_EQ(constant.value, 2); // a column without values is missing, not constant
    EXPECT_EQ(constant.sentence, "year, country have one value only and teach nothing.");
    EXPECT_EQ(checkNamed(report, "missing").verdict, Fail);
}

TEST(CheckTable, IdentifiersWarn) {
    Table table = goodTable();
    std::vector<double> numbers(1'000);
    std::iota(numbers.begin(), numbers.end(), 7'000);
    std::vector<std::string> texts;
    for (int i = 0; i < 1'000; ++i)
        texts.push_back("c" + std::to_string(i % 950)); // 95 % of the rows differ
    table.columns.push_back(numberColumn("customer_id", numbers));
    table.columns.push_back(textColumn("email", texts));
    numbers[500] = numbers[3];
    table.columns.push_back(numberColumn("nearly", numbers));
    const QualityCheck identifiers = checkNamed(checkTable(table, kDefaults, "churned", nullptr), "identifiers");
    EXPECT_EQ(identifiers.verdict, Warn);
    EXPECT_THAT(identifiers.columns,
                testing::ElementsAre(QualityColumn{"customer_id", 1, Warn}, QualityColumn{"email", 1, Warn}));
    const QualityReport asTime =
        checkTable(table, kDefaults, QualitySubject{.ignored = {"email"}, .timeColumn = "customer_id"});
    EXPECT_EQ(checkNamed(asTime, "identifiers").verdict, Pass);
}

TEST(CheckTable, OutliersAreNumbersFarBeyondAllOthers) {
    Table table = goodTable();
    table.columns[1].numbers[41] = 999'999;
    table.columns[1].numbers[99] = -1e9;
    const QualityCheck outliers = checkNamed(checkTable(table, kDefaults, "churned", nullptr), "outliers");
    EXPECT_EQ(outliers.verdict, Warn);
    EXPECT_EQ(outliers.value, 2);
    EXPECT_THAT(outliers.cells,
                testing::ElementsAre(QualityCell{42, "spent", "999999"}, QualityCell{100, "spent", "-1000000000"}));
    EXPECT_THAT(outliers.sentence,
                HasSubstr("2 numbers in 1 column lie far beyond all others, such as 999999 in spent, row 42"));
}

TEST(CheckTable, AWideDistributionHasNoOutliers) {
    std::vector<double> incomes = uniforms(20'000, 5);
    for (double& income : incomes)
        income = std::exp(2 * std::sqrt(-2 * std::log(1 - income))); // a tail as heavy as a log-normal's
    std::vector<double> sparse(20'000);
    sparse[5] = 3; // nearly all zero: no side to measure from
    const Table table = tableOf({numberColumn("income", incomes), numberColumn("sparse", sparse)});
    EXPECT_EQ(checkNamed(checkTable(table, kDefaults, "", nullptr), "outliers").verdict, Pass);
}

TEST(CheckTable, DuplicatesAreExact) {
    Table table = goodTable();
    for (Column& column : table.columns) {
        for (const auto& [to, from] : {std::pair(10, 2), {500, 2}, {999, 998}}) {
            if (column.type == FieldType::Category)
                column.codes[static_cast<std::size_t>(to)] = column.codes[static_cast<std::size_t>(from)];
            else
                column.numbers[static_cast<std::size_t>(to)] = column.numbers[static_cast<std::size_t>(from)];
        }
    }
    spec::QualitySpec limits;
    const auto check = [&] { return checkNamed(checkTable(table, limits, "churned", nullptr), "duplicates"); };
    EXPECT_EQ(check().verdict, Pass); // three of a thousand, and no limit
    EXPECT_EQ(check().value, 0.003);
    EXPECT_THAT(check().cells,
                testing::ElementsAre(QualityCell{11, "", "equals row 3"}, QualityCell{501, "", "equals row 3"},
                                     QualityCell{1'000, "", "equals row 999"}));
    limits.maximumDuplicates = 0;
    EXPECT_EQ(check().verdict, Fail);
    limits.maximumDuplicates = 0.003;
    EXPECT_EQ(check().verdict, Pass);
    // Missing equals missing, and so do the two zeros.
    table = tableOf({numberColumn("a", {kNone, -0.0, kNone, 0.0})});
    EXPECT_EQ(check().value, 0.5);
    EXPECT_EQ(check().verdict, Fail);
    limits.maximumDuplicates.reset();
    EXPECT_EQ(check().verdict, Warn);
}

TEST(CheckTable, RangesFailPerColumn) {
    Table table = goodTable();
    table.columns[0].numbers[7] = 200;
    table.columns[0].numbers[8] = kNone;
    spec::QualitySpec limits;
    limits.ranges = {{"age", {0, 120}}, {"spent", {0, 300}}, {"plan", {0, 1}}, {"agee", {0, 1}}};
    const QualityReport report = checkTable(table, limits, "churned", nullptr);
    const QualityCheck age = checkNamed(report, "range", "age");
    EXPECT_EQ(age.verdict, Fail);
    EXPECT_EQ(age.value, 1);
    EXPECT_THAT(age.cells, testing::ElementsAre(QualityCell{8, "age", "200"}));
    EXPECT_THAT(age.sentence,
                HasSubstr("1 cell of age lies outside 0 to 120, which goes from 18 to 200; the first is 200 in row 8"));
    EXPECT_EQ(checkNamed(report, "range", "spent").verdict, Pass);
    EXPECT_THAT(checkNamed(report, "range", "plan").sentence, HasSubstr("plan holds texts"));
    EXPECT_EQ(checkNamed(report, "range", "agee").verdict, Fail);
    EXPECT_THAT(checkNamed(report, "range", "agee").sentence, HasSubstr("no column \"agee\""));
}

TEST(CheckTable, CategoriesFailPerColumn) {
    spec::QualitySpec limits;
    limits.categories = {{"plan", {"free", "basic"}}, {"age", {"18"}}, {"churned", {"yes", "no"}}};
    const QualityReport report = checkTable(goodTable(), limits, "churned", nullptr);
    const QualityCheck plan = checkNamed(report, "categories", "plan");
    EXPECT_EQ(plan.verdict, Fail);
    EXPECT_EQ(plan.value, 666);
    EXPECT_EQ(plan.cells.size(), kQualityCells);
    EXPECT_EQ(plan.cells.front(), (QualityCell{2, "plan", "pro"}));
    EXPECT_EQ(checkNamed(report, "categories", "age").verdict, Fail);
    EXPECT_EQ(checkNamed(report, "categories", "churned").verdict, Pass);
}

TEST(CheckTable, TextsOfTheDataAreShownShortAndWithoutControlCharacters) {
    Table table = goodTable();
    table.columns[2] = textColumn("plan", std::vector<std::string>(1'000, "\x1b[31m" + std::string(100, 'x')));
    spec::QualitySpec limits;
    limits.categories = {{"plan", {"free"}}};
    const QualityCell cell = checkNamed(checkTable(table, limits, "", nullptr), "categories").cells.front();
    EXPECT_EQ(cell.text, "?[31m" + std::string(35, 'x') + "…");
}

TEST(QualityReport, IsTheSameAfterJson) {
    Table table = goodTable();
    table.columns[1].numbers[41] = 999'999;
    spec::QualitySpec limits;
    limits.ranges = {{"spent", {0, 300}}};
    const QualityReport report = checkTable(table, limits, "churned", nullptr);
    const QualityReport again = test::valueOf(QualityReport::fromJson(report.toJson()));
    EXPECT_EQ(again.toJson(), report.toJson());
    EXPECT_EQ(again.verdict(), Fail);
    EXPECT_EQ(report.toJson()["verdict"], "fail");
    EXPECT_EQ(report.summary(), "10 checks: 1 failed, 1 warning");
    for (const char* bad : {"[]", "{}", R"({"source":"","rows":1,"columns":1,"checks":[{}]})", R"({"source":3})"})
        EXPECT_THAT(QualityReport::fromJson(nlohmann::json::parse(bad)),
                    test::failsWith(ErrorCode::InvalidInput, HasSubstr("no quality report")));
}

} // namespace
} // namespace perch::data
