#pragma once

#include "core/data/seeded_random.h"

#include <string>
#include <string_view>
#include <vector>

namespace perch::demo {

/// One application for a loan as the bank sees it, with what became of it.
struct Loan {
    double annualIncome = 0;        ///< dollars
    double loanAmount = 0;          ///< dollars
    double interestRate = 0;        ///< percent a year
    double employmentLength = 0;    ///< years
    double debtToIncome = 0;        ///< percent
    double creditUtilization = 0;   ///< percent
    double creditHistoryLength = 0; ///< years
    int delinquencies2y = 0;
    double unemploymentRate = 0; ///< percent, of the region
    std::string_view homeOwnership;
    std::string_view loanPurpose;
    int age = 0;
    bool defaulted = false;
};

/// The two states of the generated economy. When it shifts, the applicants change (regional unemployment and debt
/// rise, incomes fall) and so does what their figures mean: before, high debt with high utilization or late payments
/// leads to default; after, people live on credit anyway, and default follows from a young job in a region without
/// work.
enum class Economy { Steady, Shifted };

/// Draws one loan and its truth from the economy's law of default. The same seed gives the same loans everywhere.
Loan drawLoan(data::SeededRandom& random, Economy economy);

/// The same loan as the broken export of the bad candidate tells it: employment in months instead of years.
Loan withEmploymentInMonths(Loan loan);

inline constexpr std::string_view kLabel = "defaulted";
/// The label as text: `yes`, `no`.
std::string_view truthOf(const Loan& loan);

/// One JSON object with the twelve named fields, without the truth: the body of a request.
std::string toRequestBody(const Loan& loan);

/// A table for training: one header line and one line per loan, the label last.
std::string toCsv(const std::vector<Loan>& loans);

} // namespace perch::demo
