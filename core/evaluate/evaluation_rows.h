#pragma once

#include "core/data/table_stream.h"
#include "core/evaluate/evaluate.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace perch::evaluate {

/// What an evaluation keeps of the labelled rows: scores and labels, and the column of the groups. Filled table by
/// table; one thread.
class EvaluationRows {
public:
    /// InvalidInput if the baseline answers with other classes.
    static Result<EvaluationRows> create(const EvaluationSubject& candidate, const EvaluationSubject* baseline,
                                         const EvaluationOptions& options);

    /// Types of the columns that the models read, of the label and of the groups. InvalidInput if the two models read a
    /// column with different types.
    Result<data::ReadOptions> reading() const;

    /// Scores the rows that have a label and keeps them. InvalidInput that names the column: no label column, a label
    /// that is no class, a missing feature or group column. Cancelled when asked to stop.
    Result<void> add(const data::Table& table, std::stop_token stop);
    /// After the last table: InvalidInput if no row has the positive class, or none a label.
    Result<void> finish() const;

    std::size_t size() const { return m_task == model::Task::Regression ? m_truth.size() : m_labels.size(); }
    const std::string& label() const { return m_label; }
    const std::string& positive() const { return m_positive; }
    std::uint64_t unlabelled() const { return m_unlabelled; }
    std::uint64_t unseenCells() const { return m_unseenCells; } ///< categories that the candidate does not know
    std::span<const float> scores() const { return m_scores; }  ///< of the candidate, `outputs` per row
    std::span<const float> baselineScores() const { return m_baselineScores; }
    std::span<const std::uint8_t> labels() const { return m_labels; } ///< binary: 0 or 1; multi-class: the class
    std::span<const double> truth() const { return m_truth; }         ///< regression
    const data::Column* groups() const { return m_group.name.empty() ? nullptr : &m_group; }

    /// The rows of the last table that were kept, and where they begin among all.
    std::span<const std::uint32_t> lastRows() const { return m_lastRows; }
    std::size_t lastBegin() const { return size() - m_lastRows.size(); }

private:
    EvaluationRows() = default;
    Result<void> addLabels(const data::Column& column);
    Result<std::vector<std::int32_t>> classOfCode(const data::Column& column);
    Result<void> addScores(const model::Predictor& predictor, const data::Table& table, std::vector<float>& scores,
                           std::uint64_t* unseen, const std::stop_token& stop);
    void addGroups(const data::Column& column);

    const model::Predictor* m_candidate = nullptr;
    const model::Predictor* m_baseline = nullptr;
    model::Task m_task = model::Task::Binary;
    std::string m_label, m_positive, m_groupName;
    bool m_positiveNamed = false;
    std::set<std::string> m_seenLabels;
    std::vector<float> m_scores, m_baselineScores;
    std::vector<std::uint8_t> m_labels;
    std::vector<double> m_truth;
    data::Column m_group;
    std::vector<std::uint32_t> m_lastRows;
    std::uint64_t m_unlabelled = 0, m_unseenCells = 0;
};

} // namespace perch::evaluate
