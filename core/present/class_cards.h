#pragma once

#include "core/evaluate/evaluation.h"
#include "core/present/screen.h"

#include <string>
#include <vector>

namespace perch::present {

/// One class of a model with several.
struct ClassRow {
    std::string name;
    Text rows;
    Text precision, recall, f1; ///< `none` where it is undefined
    Text rocAuc;                ///< of the class against the rest: `0.953`
    Cell change;                ///< of F1 against the baseline, with its verdict by the sign alone; empty without one
};

/// A cell of the matrix: how many rows of a class were answered with another.
struct ClassCell {
    Text count;
    double share = 0; ///< of the rows of its true class
    bool correct = false;
    Text tooltip; ///< `219 of 3,875 rows that are Month-to-month are answered One year (5.7 %)`
};

/// What stands where binary models have curves and a threshold: the rates of each class and who is taken for whom.
struct ClassCards {
    Text title, note;
    Text candidate, baseline; ///< `v8`; the baseline empty without one
    std::vector<ClassRow> rows;
    Text matrixTitle, matrixNote;
    std::vector<std::string> names;            ///< of the matrix, those with the most rows
    std::vector<std::vector<ClassCell>> cells; ///< [truth][answer]
};

/// Pure. The evaluation is of a model with several classes. The matrix holds at most kMatrixClasses of them.
inline constexpr std::size_t kMatrixClasses = 10;
ClassCards makeClassCards(const evaluate::Evaluation& evaluation);

} // namespace perch::present
