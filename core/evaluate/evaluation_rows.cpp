#include "core/evaluate/evaluation_rows.h"

#include "core/base/number_format.h"
#include "core/data/table_encoder.h"
#include "core/model/predict/model_card_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace perch::evaluate {

namespace {

constexpr std::size_t kScoredAtOnce = 65'536;

std::int32_t positionOf(const std::vector<std::string>& list, const std::string& text) {
    const auto found = std::ranges::find(list, text);
    return found == list.end() ? -1 : static_cast<std::int32_t>(found - list.begin());
}

std::string quoted(const std::set<std::string>& texts) {
    return texts.empty() ? "nothing" : fmt::format("'{}'", fmt::join(texts, "', '"));
}

} // namespace

Result<EvaluationRows> EvaluationRows::create(const EvaluationSubject& candidate, const EvaluationSubject* baseline,
                                              const EvaluationOptions& options) {
    const model::ModelCard& card = candidate.predictor->package().card;
    EvaluationRows rows;
    rows.m_candidate = candidate.predictor;
    rows.m_task = card.task;
    rows.m_label = options.label.empty() ? card.label : options.label;
    rows.m_groupName = options.group;
    rows.m_positiveNamed = !options.positive.empty();
    if (rows.m_positiveNamed && card.task != model::Task::Binary)
        return fail(ErrorCode::InvalidInput, "{} is a {} model; --positive is for binary ones.", card.model.text(),
                    model::toString(card.task));
    if (card.task == model::Task::Binary)
        rows.m_positive = rows.m_positiveNamed ? options.positive : card.classes[1];
    if (baseline == nullptr)
        return rows;
    const model::ModelCard& other = baseline->predictor->package().card;
    if (other.task != card.task)
        return fail(ErrorCode::InvalidInput, "{} is a {} model and {} a {} one; they cannot be compared.",
                    candidate.title, model::toString(card.task), baseline->title, model::toString(other.task));
    if (card.task == model::Task::MultiClass && other.classes != card.classes)
        return fail(ErrorCode::InvalidInput, "{} answers with the classes {} and {} with {}; they cannot be compared.",
                    candidate.title, fmt::join(card.classes, ", "), baseline->title, fmt::join(other.classes, ", "));
    rows.m_baseline = baseline->predictor;
    return rows;
}

Result<data::ReadOptions> EvaluationRows::reading() const {
    data::ReadOptions reading;
    for (const model::Predictor* predictor : {m_candidate, m_baseline}) {
        if (predictor == nullptr)
            continue;
        for (const data::Field& field : predictor->package().transform.fields()) {
            const auto [known, fresh] = reading.declared.emplace(field.name, field.type);
            if (!fresh && known->second != field.type)
                return fail(ErrorCode::InvalidInput,
                            "Candidate and baseline read the column {} with different types; they cannot be compared "
                            "on one file.",
                            field.name);
        }
    }
    reading.declared[m_label] = m_task == model::Task::Regression ? data::FieldType::Number : data::FieldType::Category;
    if (!m_groupName.empty())
        reading.declared.emplace(m_groupName, data::FieldType::Category);
    for (const auto& [name, type] : reading.declared)
        reading.columns.push_back(name);
    return reading;
}

/// The class of each code of the label column: binary 1 for the positive one.
Result<std::vector<std::int32_t>> EvaluationRows::classOfCode(const data::Column& column) {
    const model::ModelCard& card = m_candidate->package().card;
    std::vector<std::int32_t> classes;
    for (const std::string& category : column.categories) {
        m_seenLabels.insert(category);
        // A positive value that the caller names stands against all others; otherwise only the model's classes are
        // known.
        std::int32_t known = positionOf(card.classes, category);
        if (m_positiveNamed)
            known = category == m_positive ? 1 : 0;
        if (known < 0)
            return fail(ErrorCode::InvalidInput, "The label column {} holds '{}', but {} knows {}.", column.name,
                        category, card.model.text(),
                        card.task == model::Task::Binary
                            ? fmt::format("'{}' and '{}'", card.classes[0], card.classes[1])
                            : fmt::format("'{}'", fmt::join(card.classes, "', '")));
        classes.push_back(known);
    }
    return classes;
}

Result<void> EvaluationRows::addLabels(const data::Column& column) {
    m_lastRows.clear();
    if (m_task == model::Task::Regression) {
        if (column.type != data::FieldType::Number)
            return fail(ErrorCode::InvalidInput, "The label column {} must hold numbers.", column.name);
        for (std::size_t row = 0; row < column.size(); ++row) {
            if (!std::isfinite(column.numbers[row])) {
                ++m_unlabelled;
                continue;
            }
            m_lastRows.push_back(static_cast<std::uint32_t>(row));
            m_truth.push_back(column.numbers[row]);
        }
        return {};
    }
    if (column.type != data::FieldType::Category)
        return fail(ErrorCode::InvalidInput, "The label column {} must hold the classes as texts.", column.name);
    const std::vector<std::int32_t> classes = TRY(classOfCode(column));
    for (std::size_t row = 0; row < column.size(); ++row) {
        const std::int32_t code = column.codes[row];
        if (code < 0) {
            ++m_unlabelled;
            continue;
        }
        m_lastRows.push_back(static_cast<std::uint32_t>(row));
        m_labels.push_back(static_cast<std::uint8_t>(classes[static_cast<std::size_t>(code)]));
    }
    return {};
}

Result<void> EvaluationRows::addScores(const model::Predictor& predictor, const data::Table& table,
                                       std::vector<float>& scores, std::uint64_t* unseen, const std::stop_token& stop) {
    const data::TableEncoder encoder = TRY(data::TableEncoder::create(table, predictor.package().transform));
    if (unseen != nullptr)
        *unseen += encoder.unseenCells();
    std::vector<float> block;
    for (std::size_t begin = 0; begin < m_lastRows.size(); begin += kScoredAtOnce) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "The evaluation was stopped.");
        const auto part = std::span<const std::uint32_t>(m_lastRows)
                              .subspan(begin, std::min(kScoredAtOnce, m_lastRows.size() - begin));
        block.resize(part.size() * encoder.width());
        encoder.encode(part, block);
        const std::vector<float> scored = TRY(predictor.score(block));
        scores.insert(scores.end(), scored.begin(), scored.end());
    }
    return {};
}

/// The categories of all tables so far, in the order of their coming; those of a table are in its own order.
void EvaluationRows::addGroups(const data::Column& column) {
    m_group.name = column.name;
    m_group.type = column.type;
    if (column.type != data::FieldType::Category) {
        for (const std::uint32_t row : m_lastRows)
            m_group.numbers.push_back(column.numbers[row]);
        return;
    }
    std::vector<std::int32_t> ofCode;
    for (const std::string& category : column.categories) {
        std::int32_t known = positionOf(m_group.categories, category);
        if (known < 0) {
            known = static_cast<std::int32_t>(m_group.categories.size());
            m_group.categories.push_back(category);
        }
        ofCode.push_back(known);
    }
    for (const std::uint32_t row : m_lastRows) {
        const std::int32_t code = column.codes[row];
        m_group.codes.push_back(code < 0 ? -1 : ofCode[static_cast<std::size_t>(code)]);
    }
}

Result<void> EvaluationRows::add(const data::Table& table, std::stop_token stop) {
    if (size() + table.rows > std::numeric_limits<std::uint32_t>::max())
        return fail(ErrorCode::InvalidInput, "{} has more than {} rows; evaluate a sample of them.",
                    table.fingerprint.source, formatCount(std::numeric_limits<std::uint32_t>::max()));
    TRY(addLabels(*TRY(table.column(m_label))));
    TRY(addScores(*m_candidate, table, m_scores, &m_unseenCells, stop));
    if (m_baseline != nullptr)
        TRY(addScores(*m_baseline, table, m_baselineScores, nullptr, stop));
    if (!m_groupName.empty())
        addGroups(*TRY(table.column(m_groupName)));
    return {};
}

Result<void> EvaluationRows::finish() const {
    if (m_task == model::Task::Binary && std::ranges::find(m_labels, std::uint8_t{1}) == m_labels.end())
        return fail(ErrorCode::InvalidInput, "The label column {} never holds the positive value '{}'; it holds {}.",
                    m_label, m_positive, quoted(m_seenLabels));
    if (size() == 0)
        return fail(ErrorCode::InvalidInput, "The label column {} is missing in all of the {} rows.", m_label,
                    formatCount(m_unlabelled));
    return {};
}

} // namespace perch::evaluate
