#include "core/base/digest.h"
#include "core/demo/credit_economy.h"
#include "tests/demo/drawn_loans.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

namespace perch::demo {
namespace {

double meanOf(const std::vector<Loan>& loans, double (*value)(const Loan&)) {
    double sum = 0;
    for (const Loan& loan : loans)
        sum += value(loan);
    return sum / static_cast<double>(loans.size());
}

TEST(CreditEconomy, ASeedGivesTheSameLoansEverywhere) {
    EXPECT_EQ(sha256(toCsv(draw(42, Economy::Steady, 2'000))).hex(),
              "bf341dc0f17463d7982105eefe3be9f97d17dd375ea86811ce436cc689a41f5f");
    EXPECT_EQ(sha256(toCsv(draw(42, Economy::Shifted, 2'000))).hex(),
              "5c023e5692cf1bf2df39781597752f80ed2d74134a4839ea7ec8a811caaeb721");
}

TEST(CreditEconomy, OneHundredThousandLoansHaveTwoPercentDefaults) {
    const std::vector<Loan> loans = draw(42, Economy::Steady, 100'000);
    EXPECT_NEAR(meanOf(loans, [](const Loan& loan) { return loan.defaulted ? 1.0 : 0.0; }), 0.020, 0.002);
}

TEST(CreditEconomy, ShiftRaisesUnemploymentDebtAndDefaultsAndLowersIncomes) {
    const std::vector<Loan> before = draw(7, Economy::Steady, 20'000);
    const std::vector<Loan> after = draw(8, Economy::Shifted, 20'000);
    const auto change = [&](double (*value)(const Loan&)) { return meanOf(after, value) - meanOf(before, value); };
    EXPECT_NEAR(change([](const Loan& loan) { return loan.unemploymentRate; }), 3.1, 0.1);
    EXPECT_NEAR(change([](const Loan& loan) { return loan.debtToIncome; }), 8.3, 0.3);
    EXPECT_GT(change([](const Loan& loan) { return loan.defaulted ? 1.0 : 0.0; }), 0.02);
    EXPECT_LT(change([](const Loan& loan) { return loan.annualIncome; }), -5'000);
}

TEST(CreditEconomy, EveryFieldIsPlausible) {
    for (const Economy economy : {Economy::Steady, Economy::Shifted}) {
        for (const Loan& loan : draw(3, economy, 20'000)) {
            ASSERT_GT(loan.annualIncome, 5'000);
            ASSERT_LT(loan.annualIncome, 1'000'000);
            ASSERT_GE(loan.age, 21);
            ASSERT_LE(loan.employmentLength, loan.age - 17);
            ASSERT_LE(loan.creditHistoryLength, loan.age - 18);
            ASSERT_GE(loan.debtToIncome, 0.5);
            ASSERT_LE(loan.creditUtilization, 100);
            ASSERT_GE(loan.interestRate, 3);
        }
    }
}

TEST(CreditEconomy, RequestCarriesTheFieldsOfTheTableAndNotTheTruth) {
    const Loan loan = draw(5, Economy::Steady, 1).front();
    const nlohmann::json body = nlohmann::json::parse(toRequestBody(loan));
    const std::string csv = toCsv({loan});
    std::string header = csv.substr(0, csv.find('\n'));
    EXPECT_EQ(body.size(), 12U);
    EXPECT_FALSE(body.contains(kLabel));
    for (const auto& [field, value] : body.items())
        EXPECT_NE(header.find(field), std::string::npos) << field;
    EXPECT_NEAR(body.at("debt_to_income").get<double>(), loan.debtToIncome, 1e-9);
}

TEST(CreditEconomy, BrokenExportTellsEmploymentInMonths) {
    const Loan loan = draw(5, Economy::Steady, 1).front();
    EXPECT_DOUBLE_EQ(withEmploymentInMonths(loan).employmentLength, loan.employmentLength * 12);
    EXPECT_EQ(withEmploymentInMonths(loan).defaulted, loan.defaulted);
}

} // namespace
} // namespace perch::demo
