#include "core/data/quality/single_column_auc.h"
#include "tests/quality/quality_fixture.h"

#include <numeric>

namespace perch::data {
namespace {

using testing::HasSubstr;
using enum QualityVerdict;

QualityCheck labelCheck(const Column& label, double minimumShare = 0) {
    spec::QualitySpec limits;
    limits.minimumClassShare = minimumShare;
    return checkNamed(checkTable(tableOf({label}), limits, label.name, nullptr), "label");
}

std::vector<std::string> texts(std::size_t rows, std::size_t rare) {
    std::vector<std::string> all(rows, "no");
    std::fill_n(all.begin(), rare, "yes");
    return all;
}

TEST(LabelCheck, TellsTheShareOfTheRarestClass) {
    const QualityCheck check = labelCheck(textColumn("churned", texts(200, 20)));
    EXPECT_EQ(check.verdict, Pass);
    EXPECT_EQ(check.value, 0.1);
    EXPECT_EQ(labelCheck(textColumn("churned", texts(1'000, 9))).verdict, Warn);
    EXPECT_EQ(labelCheck(textColumn("churned", texts(1'000, 9)), 0.01).verdict, Fail);
    EXPECT_EQ(labelCheck(textColumn("churned", texts(1'000, 10)), 0.01).verdict, Pass);
}

TEST(LabelCheck, FailsWhereThereIsNothingToLearn) {
    EXPECT_THAT(labelCheck(textColumn("churned", texts(100, 0))).sentence, HasSubstr("has one class, \"no\""));
    EXPECT_EQ(labelCheck(textColumn("churned", texts(100, 0))).verdict, Fail);
    EXPECT_THAT(labelCheck(textColumn("churned", texts(100, 2))).sentence,
                HasSubstr("The class \"yes\" of the label churned has 2 rows; three are needed"));
    std::vector<std::string> gaps = texts(100, 20);
    gaps[50] = gaps[70] = "";
    const QualityCheck missing = labelCheck(textColumn("churned", gaps));
    EXPECT_EQ(missing.verdict, Fail);
    EXPECT_THAT(missing.sentence, HasSubstr("missing in 2 of 100 rows, first in row 51"));
    EXPECT_EQ(labelCheck(textColumn("churned", std::vector<std::string>(60))).verdict, Fail);
}

TEST(LabelCheck, FewNumbersAreClassesAndManyTextsOfNumbersAreNumbers) {
    std::vector<double> flags(100);
    std::fill_n(flags.begin(), 30, 1);
    EXPECT_EQ(labelCheck(numberColumn("y", flags)).value, 0.3);
    EXPECT_EQ(labelCheck(numberColumn("y", flags, FieldType::Boolean)).columns[1].name, "true");
    std::vector<double> amounts(100);
    std::iota(amounts.begin(), amounts.end(), -20);
    EXPECT_EQ(labelCheck(numberColumn("y", amounts)).sentence, "The label y is a number from -20 to 79.");
    std::vector<std::string> amountTexts;
    for (const double amount : amounts)
        amountTexts.push_back(fmt::format("{}", amount));
    EXPECT_EQ(labelCheck(textColumn("y", amountTexts)).sentence, "The label y is a number from -20 to 79.");
}

/// AUC of one column against 0/1 labels.
std::optional<double> aucOf(const Column& column, const std::vector<double>& label) {
    const Table table = tableOf({numberColumn("y", label)});
    std::vector<std::uint32_t> rows(label.size());
    std::iota(rows.begin(), rows.end(), 0U);
    const auto found = singleColumnAuc(column, *LabelView::of(table, "y"), rows);
    return found ? std::optional(found->auc) : std::nullopt;
}

TEST(SingleColumnAuc, OfNumbersIsTheBetterDirectionWithTiesByHalf) {
    std::vector<double> label(200), values(200);
    for (std::size_t i = 0; i < 200; ++i) {
        label[i] = i < 100 ? 0 : 1;
        values[i] = static_cast<double>(i); // many different ones: never taken as categories
    }
    EXPECT_EQ(aucOf(numberColumn("x", values), label), 1.0);
    std::ranges::reverse(values);
    EXPECT_EQ(aucOf(numberColumn("x", values), label), 1.0);
    EXPECT_EQ(aucOf(numberColumn("x", values), std::vector<double>(200, 1)), std::nullopt);
}

TEST(SingleColumnAuc, ACategoryProvesNothingAboutItself) {
    std::vector<double> label;
    std::vector<std::string> unique, mapped;
    for (std::size_t i = 0; i < 400; ++i) {
        label.push_back(static_cast<double>(i % 2));
        unique.push_back("id" + std::to_string(i));
        mapped.push_back(i % 2 == 0 ? (i % 4 == 0 ? "open" : "new") : "cancelled");
    }
    EXPECT_EQ(aucOf(textColumn("id", unique), label), 0.5); // maps one to one, as every identifier does
    EXPECT_EQ(aucOf(textColumn("status", mapped), label), 1.0);
}

TEST(SingleColumnAuc, SeesWhatMissingCellsSay) {
    std::vector<double> label, date;
    for (std::size_t i = 0; i < 400; ++i) {
        label.push_back(i % 4 == 0 ? 1 : 0);
        date.push_back(i % 4 == 0 ? static_cast<double>(i) : kNone); // written down only for those who left
    }
    EXPECT_EQ(aucOf(numberColumn("left_at", date), label), 1.0);
}

QualityCheck leakage(const Table& table, const std::string& label) {
    return checkNamed(checkTable(table, {}, label, nullptr), "leakage");
}

TEST(LeakageCheck, WarnsOfAColumnThatGivesTheLabelAway) {
    Table table = goodTable();
    std::vector<std::string> refund;
    for (const std::int32_t code : table.columns[3].codes)
        refund.push_back(code == 1 ? "paid" : "none");
    EXPECT_EQ(leakage(table, "churned").verdict, Pass);
    table.columns.push_back(textColumn("refund", refund));
    const QualityCheck found = leakage(table, "churned");
    EXPECT_EQ(found.verdict, Warn);
    EXPECT_EQ(found.value, 1.0);
    EXPECT_EQ(found.columns.front(), (QualityColumn{"refund", 1.0, Warn}));
    EXPECT_EQ(found.columns[1].verdict, Pass);
    EXPECT_THAT(found.sentence, HasSubstr("1 column may give the label away: refund alone tells \"yes\" apart"));
    // One wrong row in ten is a good feature, not a leak.
    for (std::size_t i = 0; i < 1'000; i += 10)
        refund[i] = refund[i] == "paid" ? "none" : "paid";
    table.columns.back() = textColumn("refund", refund);
    EXPECT_EQ(leakage(table, "churned").verdict, Pass);
}

TEST(LeakageCheck, OfSeveralClassesAndOfNumbers) {
    std::vector<std::string> kind, copied;
    std::vector<double> price, cents, noise = uniforms(600, 3);
    for (std::size_t i = 0; i < 600; ++i) {
        kind.push_back(std::string(1, static_cast<char>('a' + i % 3)));
        copied.push_back(i % 3 == 0 ? "x" : "y");
        price.push_back(noise[i] * 100);
        cents.push_back(-price.back() * 100 + 3);
    }
    const Table classes =
        tableOf({textColumn("kind", kind), textColumn("copied", copied), numberColumn("noise", noise)});
    EXPECT_THAT(leakage(classes, "kind").sentence, HasSubstr("copied alone tells \"a\" apart"));
    const Table numbers = tableOf({numberColumn("price", price), numberColumn("cents", cents),
                                   numberColumn("other", uniforms(600, 4)), textColumn("kind", kind)});
    const QualityCheck found = leakage(numbers, "price");
    EXPECT_EQ(found.verdict, Warn);
    EXPECT_THAT(found.sentence, HasSubstr("cents has a correlation of 1.0000 with it"));
    EXPECT_EQ(found.columns[1].verdict, Pass);
}

TEST(LeakageCheck, IsUndecidedOnFewRows) {
    Table table = tableOf({textColumn("y", texts(60, 19)), numberColumn("x", uniforms(60, 1))});
    EXPECT_EQ(leakage(table, "y").verdict, NoData);
    EXPECT_EQ(leakage(table, "y").value, std::nullopt);
}

} // namespace
} // namespace perch::data
