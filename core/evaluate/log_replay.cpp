#include "core/evaluate/log_replay.h"

#include "core/base/parse_number.h"
#include "core/data/table_encoder.h"
#include "core/data/table_stream.h"
#include "core/stats/psi.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace perch::evaluate {

namespace {

constexpr std::size_t kReplayedAtOnce = 65'536;
constexpr std::size_t kTenths = 10;
constexpr const char *kScoreColumn = "score", *kAnswerColumn = "predicted", *kIdColumn = "request_id";

data::ReadOptions replayReading(const data::RowTransform& transform, bool classes, bool ids) {
    data::ReadOptions reading{.columns = transform.names(), .maximumCategories = data::kMostTexts};
    for (const data::Field& field : transform.fields())
        reading.declared[field.name] = field.type;
    const auto keep = [&](const char* column, data::FieldType type) {
        reading.columns.push_back(column);
        reading.declared[column] = type;
    };
    keep(kScoreColumn, data::FieldType::Number);
    if (classes)
        keep(kAnswerColumn, data::FieldType::Category);
    if (ids)
        keep(kIdColumn, data::FieldType::Category);
    return reading;
}

double quantileOf(const std::vector<float>& ascending, double share) {
    const double place = share * static_cast<double>(ascending.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, ascending.size() - 1);
    const double part = place - static_cast<double>(below);
    return (1 - part) * static_cast<double>(ascending[below]) + part * static_cast<double>(ascending[above]);
}

LogReplay::Scores describe(const std::vector<float>& ascending) {
    LogReplay::Scores scores;
    scores.mean = std::accumulate(ascending.begin(), ascending.end(), 0.0) / static_cast<double>(ascending.size());
    for (const double share : kReplayQuantiles)
        scores.quantiles.push_back(quantileOf(ascending, share));
    return scores;
}

std::vector<std::uint64_t> countByEdges(const std::vector<float>& ascending, const std::vector<float>& edges) {
    std::vector<std::uint64_t> counts;
    auto from = ascending.begin();
    for (const float edge : edges) {
        const auto to = std::upper_bound(from, ascending.end(), edge);
        counts.push_back(static_cast<std::uint64_t>(to - from));
        from = to;
    }
    counts.push_back(static_cast<std::uint64_t>(ascending.end() - from));
    return counts;
}

/// The two sides row by row, table after table.
class Replaying {
public:
    Replaying(const model::Predictor& candidate, const std::unordered_map<std::string, std::string>& truths)
        : m_candidate(candidate), m_truths(truths), m_card(candidate.package().card) {}

    Result<void> add(const data::Table& table, const std::stop_token& stop) {
        const data::TableEncoder encoder = TRY(data::TableEncoder::create(table, m_candidate.package().transform));
        const data::Column& score = *TRY(table.column(kScoreColumn));
        const data::Column* answer = classes() ? TRY(table.column(kAnswerColumn)) : nullptr;
        const data::Column* id = m_truths.empty() ? nullptr : TRY(table.column(kIdColumn));
        const data::Rows rows = data::allRows(table.rows);
        const std::size_t outputs = m_candidate.outputs();
        for (std::size_t from = 0; from < rows.size(); from += kReplayedAtOnce) {
            if (stop.stop_requested())
                return fail(ErrorCode::Cancelled, "The replay was cancelled.");
            const auto part = std::span(rows).subspan(from, std::min(kReplayedAtOnce, rows.size() - from));
            const std::vector<float> scores = TRY(m_candidate.score(encoder.encode(part)));
            for (std::size_t i = 0; i < part.size(); ++i)
                addRow(part[i], m_candidate.decide(std::span(scores).subspan(i * outputs, outputs)), score, answer, id);
        }
        m_replay.rows += table.rows;
        m_replay.unseenCells += encoder.unseenCells();
        return {};
    }

    std::uint64_t rows() const { return m_replay.rows; }

    LogReplay finish() {
        std::ranges::sort(m_logged);
        std::ranges::sort(m_scored);
        m_replay.logged = describe(m_logged);
        m_replay.candidate = describe(m_scored);
        std::vector<float> edges;
        for (std::size_t tenth = 1; tenth < kTenths; ++tenth)
            edges.push_back(m_logged[tenth * (m_logged.size() - 1) / kTenths]);
        edges.erase(std::ranges::unique(edges).begin(), edges.end());
        const std::vector<std::uint64_t> before = countByEdges(m_logged, edges), after = countByEdges(m_scored, edges);
        m_replay.psi = stats::psi(before, after);
        m_replay.psiInterval = stats::psiInterval(before, after);
        if (classes() || m_card.tolerance > 0)
            m_replay.agreeing = m_agreeing;
        if (!classes())
            m_replay.meanDifference = m_difference / static_cast<double>(m_replay.rows);
        for (const auto& [pair, count] : m_changes)
            m_replay.changes.push_back({pair.first, pair.second, count});
        std::ranges::stable_sort(m_replay.changes, std::greater{}, &LogReplay::Change::rows);
        if (m_replay.labelled > 0)
            m_replay.pValue = stats::fairCoinTwoSided(m_onlyLogged, m_onlyCandidate);
        return std::move(m_replay);
    }

private:
    bool classes() const { return !m_card.classes.empty(); }

    void addRow(std::uint32_t row, const model::Prediction& prediction, const data::Column& score,
                const data::Column* answer, const data::Column* id) {
        const auto logged = static_cast<float>(score.numbers[row]);
        m_logged.push_back(logged);
        m_scored.push_back(prediction.score);
        const std::string* truth = truthOf(id, row);
        if (!classes()) {
            const double difference = std::abs(static_cast<double>(prediction.score) - static_cast<double>(logged));
            m_difference += difference;
            m_agreeing += difference <= m_card.tolerance;
            if (truth != nullptr && m_card.tolerance > 0)
                addLabel(isWithin(*truth, logged), isWithin(*truth, prediction.score));
            return;
        }
        const std::string empty;
        const std::string& before =
            answer->codes[row] < 0 ? empty : answer->categories[static_cast<std::size_t>(answer->codes[row])];
        const std::string& after = m_card.classes[prediction.classIndex];
        if (before == after)
            ++m_agreeing;
        else
            ++m_changes[{before, after}];
        if (truth != nullptr)
            addLabel(*truth == before, *truth == after);
    }

    const std::string* truthOf(const data::Column* id, std::uint32_t row) const {
        if (id == nullptr || id->codes[row] < 0)
            return nullptr;
        const auto found = m_truths.find(id->categories[static_cast<std::size_t>(id->codes[row])]);
        return found == m_truths.end() ? nullptr : &found->second;
    }

    bool isWithin(const std::string& truth, float answer) const {
        const std::optional<double> number = parseFinite(truth);
        return number && std::abs(static_cast<double>(answer) - *number) <= m_card.tolerance;
    }

    void addLabel(bool loggedRight, bool candidateRight) {
        ++m_replay.labelled;
        m_replay.loggedRight += loggedRight;
        m_replay.candidateRight += candidateRight;
        m_onlyLogged += loggedRight && !candidateRight;
        m_onlyCandidate += candidateRight && !loggedRight;
    }

    const model::Predictor& m_candidate;
    const std::unordered_map<std::string, std::string>& m_truths;
    const model::ModelCard& m_card;
    LogReplay m_replay;
    std::vector<float> m_logged, m_scored;
    std::map<std::pair<std::string, std::string>, std::uint64_t> m_changes;
    std::uint64_t m_agreeing = 0, m_onlyLogged = 0, m_onlyCandidate = 0;
    double m_difference = 0;
};

} // namespace

Result<LogReplay> replayLog(const model::Predictor& candidate, const std::string& log,
                            const std::unordered_map<std::string, std::string>& truths, const Clock& clock,
                            const ScoreProgress& progress, std::stop_token stop) {
    const model::Package& package = candidate.package();
    const data::ReadOptions reading = replayReading(package.transform, !package.card.classes.empty(), !truths.empty());
    data::TableStream stream =
        TRY(data::TableStream::open(data::sourceOfPath(log), {.clock = &clock, .columns = reading.columns}, reading,
                                    data::TableStream::kRowsAtOnce, stop));
    Replaying replaying(candidate, truths);
    while (const std::optional<data::Table> table = TRY(stream.next(stop))) {
        TRY(replaying.add(*table, stop));
        if (progress)
            progress(stream.share(), replaying.rows());
    }
    if (replaying.rows() == 0)
        return fail(ErrorCode::InvalidInput, "{} holds no prediction.", log);
    return replaying.finish();
}

} // namespace perch::evaluate
