#include "core/data/quality/single_column_auc.h"
#include "core/data/quality/table_profile.h"
#include "tests/quality/quality_fixture.h"

#include <nlohmann/json.hpp>

#include <numeric>

/// Our figures against those of pandas and scikit-learn (tests/fixtures/make_quality_reference.py).
namespace perch::data {
namespace {

using nlohmann::json;
using test::valueOf;

constexpr double kSame = 1e-9; // relative: both compute in doubles in another order of additions

const json& reference() {
    static const json document =
        json::parse(valueOf(readFile(test::sourceFolder() / "tests/fixtures/quality_reference.json")));
    return document;
}

std::vector<double> numbersOf(const json& list) {
    std::vector<double> numbers;
    for (const json& value : list)
        numbers.push_back(value.is_null() ? kNone : value.get<double>());
    return numbers;
}

std::vector<std::string> textsOf(const json& list) {
    std::vector<std::string> texts;
    for (const json& value : list)
        texts.push_back(value.is_null() ? "" : value.get<std::string>());
    return texts;
}

TEST(QualityReference, ProfilesAreThoseOfPandas) {
    ASSERT_EQ(reference().at("profiles").size(), 4U);
    for (const json& expected : reference()["profiles"]) {
        const TableProfile profile = profileTable(tableOf({numberColumn("x", numbersOf(expected.at("values")))}));
        const ColumnSummary& column = profile.columns.front();
        EXPECT_EQ(column.missing, expected.at("missing").get<std::uint64_t>()) << expected["name"];
        EXPECT_EQ(column.distinct, expected.at("distinct").get<std::uint64_t>()) << expected["name"];
        const NumberSummary& x = *column.numbers;
        for (const auto& [name, value] : {std::pair("mean", x.mean),
                                          {"deviation", *x.deviation},
                                          {"minimum", x.minimum},
                                          {"maximum", x.maximum},
                                          {"p01", x.p01},
                                          {"p05", x.p05},
                                          {"p25", x.p25},
                                          {"p50", x.median},
                                          {"p75", x.p75},
                                          {"p95", x.p95},
                                          {"p99", x.p99}}) {
            const double wanted = expected.at(name).get<double>();
            EXPECT_NEAR(value, wanted, kSame * std::max(1.0, std::abs(wanted))) << expected["name"] << ' ' << name;
        }
    }
}

TEST(QualityReference, AucOfOneColumnIsThatOfScikitLearn) {
    ASSERT_EQ(reference().at("auc").size(), 8U);
    for (const json& expected : reference()["auc"]) {
        const Table table = tableOf({textColumn("y", textsOf(expected.at("label"))),
                                     expected.contains("texts") ? textColumn("x", textsOf(expected["texts"]))
                                                                : numberColumn("x", numbersOf(expected["numbers"]))});
        std::vector<std::uint32_t> rows(table.rows);
        std::iota(rows.begin(), rows.end(), 0U);
        const auto found = singleColumnAuc(table.columns[1], *LabelView::of(table, "y"), rows);
        ASSERT_TRUE(found.has_value());
        EXPECT_NEAR(found->auc, expected.at("auc").get<double>(), kSame);
    }
}

TEST(QualityReference, DuplicatesAndCorrelationAreThoseOfPandas) {
    const json& duplicates = reference().at("duplicates");
    const Table table =
        tableOf({numberColumn("a", numbersOf(duplicates.at("a"))), textColumn("b", textsOf(duplicates.at("b")))});
    EXPECT_NEAR(*checkNamed(checkTable(table, {}, "", nullptr), "duplicates").value,
                duplicates.at("share").get<double>(), kSame);
    const json& pair = reference().at("correlation");
    const Table numbers =
        tableOf({numberColumn("x", numbersOf(pair.at("x"))), numberColumn("y", numbersOf(pair.at("y")))});
    EXPECT_NEAR(*checkNamed(checkTable(numbers, {}, "x", nullptr), "leakage").value,
                pair.at("correlation").get<double>(), kSame);
}

} // namespace
} // namespace perch::data
