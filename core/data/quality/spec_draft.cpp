#include "core/data/quality/spec_draft.h"

#include "core/base/number_format.h"
#include "core/data/quality/cell_text.h"
#include "core/data/quality/check_table.h"
#include "core/data/quality/label_view.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>
#include <set>

namespace perch::data {

namespace {

constexpr std::size_t kLineLength = 116;
constexpr std::uint64_t kMostListed = 10; // categories of a column that is worth a closed list

/// Words that YAML readers take for something else than a text.
constexpr std::array<std::string_view, 10> kReserved = {"true", "false", "yes", "no", "on",
                                                        "off",  "null",  "y",   "n",  "nan"};

std::string lowered(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
    return result;
}

/// The next number of the form 1, 2 or 5 times a power of ten that is at least `value`.
double roundedUp(double value) {
    constexpr double kLargest = std::numeric_limits<float>::max(); // as perch.yaml takes it
    const double power = std::pow(10, std::floor(std::log10(value)));
    for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
        if (factor * power >= value)
            return std::min(factor * power, kLargest);
    }
    return kLargest;
}

/// `  required: [a, b,` and further lines below its bracket.
std::string wrapped(const std::string& start, const std::vector<std::string>& entries, const std::string& end) {
    std::string text, line = start;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const std::string entry = entries[i] + (i + 1 < entries.size() ? "," : end);
        if (line.size() + entry.size() + 1 > kLineLength && line.size() > start.size()) {
            text += line + "\n";
            line = (start.starts_with("#") ? "#" + std::string(start.size() - 1, ' ') : std::string(start.size(), ' '));
        }
        line += (i == 0 || line.back() == ' ' ? "" : " ") + entry;
    }
    return text + line + "\n";
}

double shareOf(std::uint64_t count, std::uint64_t rows) {
    return static_cast<double>(count) / static_cast<double>(rows);
}

/// One line of what a column holds.
std::string seen(const ColumnSummary& column, std::uint64_t rows) {
    std::string text = fmt::format("{}: {}", shownText(column.name), toString(column.type));
    if (column.numbers)
        text += fmt::format(", {} to {}, half below {}", shownNumber(column.numbers->minimum),
                            shownNumber(column.numbers->maximum), shownNumber(column.numbers->median));
    else if (column.type == FieldType::Category)
        text += fmt::format(", {} different, mostly {}", column.distinct,
                            column.top.empty() ? "" : shownText(column.top.front().first));
    if (column.missing > 0)
        text += fmt::format(", {} missing", formatPercent(shareOf(column.missing, rows)));
    return text;
}

class Draft {
public:
    Draft(const Table& table, const SpecDraftRequest& request, const LabelView& label)
        : m_request(request),
          m_label(label),
          m_profile(profileTable(table)),
          m_report(checkTable(table, {}, request.label, nullptr)) {
        for (const QualityCheck& check : m_report.checks) {
            for (const QualityColumn& column : check.columns) {
                if (check.name == "identifiers" || check.name == "constant")
                    m_useless.insert(column.name);
                else if (check.name == "outliers")
                    m_wild.insert(column.name);
            }
        }
    }

    std::string text() {
        writeHead();
        writeLabel();
        writeQuality();
        writeTraining();
        return std::move(m_text);
    }

private:
    void line(std::string_view text) { m_text.append(text).append("\n"); }

    void writeHead() {
        line(fmt::format("# {} as {} gave it: {} rows, {} columns.", m_request.model,
                         shownText(m_profile.source, 1'000), formatCount(m_profile.rows), m_profile.columns.size()));
        line("# Every key is described by `perch schema`; `perch data check` holds the data against this file.");
        line(fmt::format("model: {}", m_request.model));
        line(fmt::format("data: {}", yamlText(m_request.data)));
        line("");
        line("# What the columns hold:");
        for (const ColumnSummary& column : m_profile.columns)
            line("#   " + seen(column, m_profile.rows));
        writeNames("Identifiers and constants teach a model nothing", m_useless);
        writeNames("Single numbers lie far beyond all others, look at them", m_wild);
        line("");
    }

    void writeNames(std::string_view what, const std::set<std::string>& columns) {
        if (columns.empty())
            return;
        std::vector<std::string> names;
        for (const std::string& column : columns)
            names.push_back(shownText(column));
        line(fmt::format("# {}: {}.", what, fmt::join(names, ", ")));
    }

    void writeLabel() {
        if (m_request.labelGuessed) {
            line("# The label is a guess. What looks like one:");
            for (const LabelCandidate& candidate : m_request.candidates)
                line(fmt::format("#   {}: {}", shownText(candidate.column), candidate.reason));
        }
        line(fmt::format("label: {}", yamlText(m_request.label)));
        if (m_label.classes.size() == 2)
            line(fmt::format("positive: {} # the class whose probability is predicted", yamlText(positive())));
        line("");
    }

    /// As training chooses it: yes, true or 1 of such a pair, else the rarer class.
    std::string positive() const {
        for (std::size_t i = 0; i < 2; ++i) {
            const std::string other = lowered(m_label.classes[1 - i]), own = lowered(m_label.classes[i]);
            if ((own == "yes" && other == "no") || (own == "true" && other == "false") || (own == "1" && other == "0"))
                return m_label.classes[i];
        }
        return m_label.classes[m_label.counts[1] <= m_label.counts[0] ? 1 : 0];
    }

    void writeQuality() {
        line("# A training stops when the data break one of these limits. This table keeps them with room to spare.");
        line("quality:");
        const double half = static_cast<double>(m_profile.rows) / 2;
        line(fmt::format("  min_rows: {}", static_cast<std::uint64_t>(std::max(1.0, std::floor(half)))));
        line(fmt::format("  max_missing: {:.2f} # share of one column", missingLimit()));
        line(fmt::format("  max_duplicates: {:.2f} # share of rows that equal an earlier one", duplicateLimit()));
        if (!m_label.classes.empty())
            line(fmt::format("  min_class_share: {:.2g} # of the rarest class", classLimit()));
        line("  max_drift: 0.25 # population stability index of a column against the training before");
        writeRanges();
        writeCategories();
        std::vector<std::string> names;
        for (const ColumnSummary& column : m_profile.columns) {
            if (!m_useless.contains(column.name))
                names.push_back(yamlText(column.name));
        }
        if (!names.empty())
            m_text += wrapped("  required: [", names, "]");
        line("");
    }

    double missingLimit() const {
        double worst = 0;
        for (const ColumnSummary& column : m_profile.columns)
            worst = std::max(worst, shareOf(column.missing, m_profile.rows));
        return std::min(0.95, std::ceil((worst + 0.05) * 20) / 20);
    }

    double duplicateLimit() const {
        const auto found = std::ranges::find(m_report.checks, "duplicates", &QualityCheck::name);
        return std::min(1.0, std::ceil(found->value.value_or(0) * 2 * 100 + 1) / 100);
    }

    double classLimit() const {
        const std::uint64_t rarest = *std::ranges::min_element(m_label.counts);
        return std::floor(shareOf(rarest, m_profile.rows) / 2 * 1'000) / 1'000;
    }

    void writeRanges() {
        std::vector<std::string> entries;
        for (const ColumnSummary& column : m_profile.columns) {
            if (!column.numbers || m_useless.contains(column.name) || m_wild.contains(column.name) ||
                column.name == m_request.label)
                continue;
            const double low = column.numbers->minimum, high = column.numbers->maximum;
            if (column.numbers->whole && low == 0 && high == 1) {
                entries.push_back(fmt::format("{}: [0, 1]", yamlText(column.name)));
                continue;
            }
            const double widest = 2 * std::max({std::abs(low), std::abs(high), 0.5});
            entries.push_back(fmt::format("{}: [{}, {}]", yamlText(column.name), low >= 0 ? 0 : -roundedUp(widest),
                                          roundedUp(widest)));
        }
        if (entries.empty())
            return;
        line("  # Wide enough for new data, too narrow for a wrong unit or a stand-in such as 999999.");
        m_text += wrapped("  ranges: {", entries, "}");
    }

    void writeCategories() {
        std::vector<std::string> entries;
        for (const ColumnSummary& column : m_profile.columns) {
            if (column.type != FieldType::Category || column.distinct > kMostListed || m_useless.contains(column.name))
                continue;
            std::vector<std::string> texts;
            for (const auto& [text, count] : column.top)
                texts.push_back(yamlText(text));
            entries.push_back(fmt::format("{}: [{}]", yamlText(column.name), fmt::join(texts, ", ")));
        }
        if (entries.empty())
            return;
        line("  # To refuse any other category, take the # away:");
        m_text += wrapped("#  categories: {", entries, "}");
    }

    void writeTraining() {
        line("# The defaults; take the # away to change one.");
        line("# training: {rounds: 500, learning_rate: 0.05, depth: 5, test_share: 0.2, seed: 42}");
        if (m_label.classes.size() == 2) {
            line("# threshold: {false_negative_cost: 5, false_positive_cost: 1} # by cost; without it 0.5");
            line("# acceptance: {f1: 0.8} # floors below which a version is refused");
        }
        line("# gates: {accuracy: 0.90, drift: 0.15, p99_ms: 50, error_rate: 0.01}");
        line("# rollout: {steps: [10, 25, 50, 100]} # percent of the traffic");
    }

    const SpecDraftRequest& m_request;
    const LabelView& m_label;
    TableProfile m_profile;
    QualityReport m_report;
    std::set<std::string> m_useless; ///< identifiers and constants
    std::set<std::string> m_wild;    ///< numbers whose ends say nothing
    std::string m_text;
};

} // namespace

std::string yamlText(std::string_view text) {
    const auto isWordCharacter = [](unsigned char c) {
        return std::isalnum(c) || c == '_' || c == '-' || c == '.' || c == '/';
    };
    const bool plain = !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) &&
                       std::ranges::all_of(text, isWordCharacter) &&
                       std::ranges::find(kReserved, lowered(text)) == kReserved.end();
    if (plain)
        return std::string(text);
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            quoted += fmt::format("\\{}", c);
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            quoted += c;
    }
    return quoted + "\"";
}

Result<std::string> draftModelSpec(const Table& table, const SpecDraftRequest& request) {
    TRY(table.column(request.label));
    const std::optional<LabelView> label = LabelView::of(table, request.label);
    return Draft(table, request, *label).text();
}

} // namespace perch::data
