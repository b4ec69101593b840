#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perch::data {

/// What a check says. Fail stops a training; Warn is for a person to judge; NoData: it could not be decided, which is
/// neither good nor bad.
enum class QualityVerdict { Pass, Warn, Fail, NoData };

/// `pass`, `warn`, `fail`, `no data`
std::string_view toString(QualityVerdict verdict);

/// A cell that shows what is wrong. An empty column means the whole row.
struct QualityCell {
    std::uint64_t row = 0; ///< from 1, the first row after a header
    std::string column;
    std::string text; ///< short, without control characters
    bool operator==(const QualityCell&) const = default;
};

/// One column's figure of a check over columns.
struct QualityColumn {
    std::string name;
    double value = 0; ///< in the unit of the check
    QualityVerdict verdict = QualityVerdict::Pass;
    bool operator==(const QualityColumn&) const = default;
};

/// One check. Value and limit have the unit that the check's name implies: shares 0 to 1, counts, PSI, AUC.
struct QualityCheck {
    std::string name;        ///< `schema`, `rows`, `missing`, `constant`... the words of docs and scripts
    std::string column = {}; ///< of a rule about one column, such as `range`
    QualityVerdict verdict = QualityVerdict::Pass;
    std::string sentence = {};               ///< for people; names the column and both figures
    std::optional<double> value = {};        ///< empty: could not be measured
    std::optional<double> limit = {};        ///< empty: nothing to hold it against
    std::vector<QualityColumn> columns = {}; ///< worst first, at most 20
    std::vector<QualityCell> cells = {};     ///< examples, at most 5
};

/// The check with the verdict Fail and its sentence.
QualityCheck failed(QualityCheck check, std::string sentence);

/// All checks of one table, in a fixed order. A value; the verb, the Train screen and the training show the same one.
struct QualityReport {
    std::string source; ///< of the table
    std::uint64_t rows = 0, columns = 0;
    std::vector<QualityCheck> checks;

    /// The worst verdict; NoData only if nothing could be decided.
    QualityVerdict verdict() const;
    bool failed() const { return verdict() == QualityVerdict::Fail; }
    /// The sentences of the checks that failed.
    std::vector<std::string> failures() const;
    /// `13 checks: 1 failed, 2 warnings`
    std::string summary() const;

    nlohmann::json toJson() const;
    /// Reads back what toJson wrote; InvalidInput otherwise.
    static Result<QualityReport> fromJson(const nlohmann::json& document);
};

inline constexpr std::size_t kQualityColumns = 20;
inline constexpr std::size_t kQualityCells = 5;

} // namespace perch::data
