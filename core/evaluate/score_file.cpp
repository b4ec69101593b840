#include "core/evaluate/score_file.h"

#include "core/base/file.h"
#include "core/data/split.h"
#include "core/data/table_encoder.h"
#include "core/data/table_stream.h"
#include "core/evaluate/score_sink.h"

#include <algorithm>

namespace perch::evaluate {

namespace {

constexpr std::size_t kRowsAtOnce = 65'536;

/// Only the model's fields, with the model's types.
data::ReadOptions readingOf(const data::RowTransform& transform) {
    data::ReadOptions reading{.columns = transform.names()};
    for (const data::Field& field : transform.fields())
        reading.declared[field.name] = field.type;
    return reading;
}

Result<void> scoreTable(const model::Predictor& predictor, const data::Table& table, ScoreSink& sink,
                        ScoredFile& scored, const std::stop_token& stop) {
    const data::TableEncoder encoder = TRY(data::TableEncoder::create(table, predictor.package().transform));
    const data::Rows rows = data::allRows(table.rows);
    const std::size_t outputs = predictor.outputs();
    std::vector<float> block;
    std::vector<model::Prediction> answers;
    for (std::size_t from = 0; from < rows.size(); from += kRowsAtOnce) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "The prediction was cancelled.");
        const auto part = std::span(rows).subspan(from, std::min(kRowsAtOnce, rows.size() - from));
        block.resize(part.size() * encoder.width());
        encoder.encode(part, block);
        const std::vector<float> scores = TRY(predictor.score(block));
        answers.clear();
        for (std::size_t i = 0; i < part.size(); ++i)
            answers.push_back(predictor.decide(std::span(scores).subspan(i * outputs, outputs)));
        TRY(sink.write(answers));
    }
    scored.rows += table.rows;
    scored.unseenCells += encoder.unseenCells();
    return {};
}

/// Moves a finished file to its place in one step.
Result<void> publish(const std::filesystem::path& file, const std::filesystem::path& out) {
    std::error_code code;
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, code);
    TRY(syncPath(file));
    std::filesystem::rename(file, out, code);
    if (code)
        return fail(ErrorCode::Unavailable, "Cannot write {}: {}.", out.string(), code.message());
    return syncPath(std::filesystem::absolute(out).parent_path());
}

} // namespace

Result<ScoredFile> scoreFile(const model::Predictor& predictor, const std::string& source,
                             const std::filesystem::path& out, const Clock& clock, const ScoreProgress& progress,
                             std::stop_token stop) {
    const data::ReadOptions reading = readingOf(predictor.package().transform);
    data::TableStream stream =
        TRY(data::TableStream::open(data::sourceOfPath(source), {.clock = &clock, .columns = reading.columns}, reading,
                                    data::TableStream::kRowsAtOnce, stop));
    const std::filesystem::path parent = std::filesystem::absolute(out).parent_path();
    if (std::filesystem::is_directory(out))
        return fail(ErrorCode::InvalidInput, "{} is a folder; name the file to write.", out.string());
    const TemporaryFolder folder = TRY(TemporaryFolder::create(".perch-scores-", parent));
    const std::filesystem::path file = folder.path() / "scores";
    const auto sink = TRY(ScoreSink::create(out, file, predictor.package().card.classes));
    ScoredFile scored;
    while (const std::optional<data::Table> table = TRY(stream.next(stop))) {
        TRY(scoreTable(predictor, *table, *sink, scored, stop));
        if (progress)
            progress(stream.share(), scored.rows);
    }
    TRY(sink->finish());
    TRY(publish(file, out));
    return scored;
}

} // namespace perch::evaluate
