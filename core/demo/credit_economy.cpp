#include "core/demo/credit_economy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace perch::demo {

namespace {

/// What differs between the two economies. Calibrated with real training, see tests/demo/calibration_test.cpp.
struct Climate {
    double unemployment, unemploymentSpread; ///< mean and spread over the regions, percent
    double incomeFactor;
    double debtRise, utilizationRise, rateRise; ///< percentage points
    double calmRate, riskyRate;                 ///< share of defaults outside and inside the risky region
};

constexpr Climate kSteady{4.5, 0.9, 1.0, 0, 0, 0, 0.003, 0.25};
constexpr Climate kShifted{7.6, 1.2, 0.86, 8.3, 18.3, 2.0, 0.004, 0.34};

/// Standard normal as the sum of twelve uniforms less six: plain additions, so the same everywhere.
double normal(data::SeededRandom& random) {
    double sum = -6;
    for (int i = 0; i < 12; ++i)
        sum += random.uniform();
    return sum;
}

/// 0 below the center, 1 above, with a soft edge.
double rise(double value, double center, double width) {
    return 1 / (1 + std::exp((center - value) / width));
}

double rounded(double value, double unit) {
    return std::round(value / unit) * unit;
}

/// Points of risk: the region of risky loans lies above 1.5.
double riskPoints(const Loan& loan, Economy economy) {
    if (economy == Economy::Steady) {
        return rise(loan.debtToIncome, 27.35, 0.6) + rise(loan.creditUtilization, 57.35, 1.2) +
               0.8 * (loan.delinquencies2y >= 1) + 0.4 * (loan.delinquencies2y >= 2);
    }
    return 1 - rise(loan.employmentLength, 3, 0.15) + rise(loan.unemploymentRate, 8, 0.1) +
           0.3 * (loan.delinquencies2y >= 2);
}

double defaultRate(const Loan& loan, Economy economy, const Climate& climate) {
    const double edge = economy == Economy::Steady ? 1.55 : 1.5;
    return climate.calmRate + (climate.riskyRate - climate.calmRate) * rise(riskPoints(loan, economy), edge, 1.0 / 14);
}

} // namespace

Loan drawLoan(data::SeededRandom& random, Economy economy) {
    const Climate& climate = economy == Economy::Steady ? kSteady : kShifted;
    constexpr std::array<std::string_view, 6> kPurposes = {"debt_consolidation", "home_improvement", "car",
                                                           "education",          "medical",          "business"};
    const double strength = normal(random); // of the applicant: seen only through the other figures
    Loan loan;
    loan.age = static_cast<int>(std::clamp(std::round(41 + 12 * normal(random)), 21.0, 75.0));
    loan.employmentLength = rounded(std::min(loan.age - 18.0, -7 * std::log(1 - 0.98 * random.uniform())), 0.1);
    loan.annualIncome = rounded(58'000 * climate.incomeFactor * std::exp(0.35 * normal(random) + 0.2 * strength), 100);
    loan.unemploymentRate =
        rounded(std::clamp(climate.unemployment + climate.unemploymentSpread * normal(random), 1.5, 16.0), 0.1);
    loan.creditHistoryLength = rounded((loan.age - 19) * (0.25 + 0.6 * random.uniform()), 0.1);
    loan.creditUtilization =
        rounded(std::clamp(34 - 10 * strength + 15 * normal(random) + climate.utilizationRise, 0.0, 100.0), 0.1);
    loan.debtToIncome =
        rounded(std::clamp(19 - 3.5 * strength + 6.5 * normal(random) + climate.debtRise, 0.5, 65.0), 0.1);
    const double lateness = normal(random) - 0.8 * strength;
    loan.delinquencies2y = (lateness > 1.3) + (lateness > 2.0) + (lateness > 2.6);
    loan.loanAmount = rounded(loan.annualIncome * (0.1 + 0.35 * random.uniform()), 100);
    loan.interestRate =
        rounded(std::clamp(9.5 - 1.5 * strength + 1.2 * normal(random) + climate.rateRise, 3.0, 30.0), 0.01);
    const double home = random.uniform() + 0.08 * strength;
    loan.homeOwnership = home < 0.38 ? "rent" : home < 0.85 ? "mortgage" : "own";
    loan.loanPurpose = kPurposes[random.below(kPurposes.size())];
    loan.defaulted = random.uniform() < defaultRate(loan, economy, climate);
    return loan;
}

Loan withEmploymentInMonths(Loan loan) {
    loan.employmentLength *= 12;
    return loan;
}

std::string_view truthOf(const Loan& loan) {
    return loan.defaulted ? "yes" : "no";
}

std::string toRequestBody(const Loan& loan) {
    return fmt::format(
        R"({{"annual_income":{:.0f},"loan_amount":{:.0f},"interest_rate":{:.2f},"employment_length":{:.1f},)"
        R"("debt_to_income":{:.1f},"credit_utilization":{:.1f},"credit_history_length":{:.1f},"delinquencies_2y":{},)"
        R"("unemployment_rate":{:.1f},"home_ownership":"{}","loan_purpose":"{}","age":{}}})",
        loan.annualIncome, loan.loanAmount, loan.interestRate, loan.employmentLength, loan.debtToIncome,
        loan.creditUtilization, loan.creditHistoryLength, loan.delinquencies2y, loan.unemploymentRate,
        loan.homeOwnership, loan.loanPurpose, loan.age);
}

std::string toCsv(const std::vector<Loan>& loans) {
    std::string text =
        fmt::format("annual_income,loan_amount,interest_rate,employment_length,debt_to_income,credit_utilization,"
                    "credit_history_length,delinquencies_2y,unemployment_rate,home_ownership,loan_purpose,age,{}\n",
                    kLabel);
    for (const Loan& loan : loans) {
        fmt::format_to(std::back_inserter(text),
                       "{:.0f},{:.0f},{:.2f},{:.1f},{:.1f},{:.1f},{:.1f},{},{:.1f},{},{},{},{}\n", loan.annualIncome,
                       loan.loanAmount, loan.interestRate, loan.employmentLength, loan.debtToIncome,
                       loan.creditUtilization, loan.creditHistoryLength, loan.delinquencies2y, loan.unemploymentRate,
                       loan.homeOwnership, loan.loanPurpose, loan.age, truthOf(loan));
    }
    return text;
}

} // namespace perch::demo
