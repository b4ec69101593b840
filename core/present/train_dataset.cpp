#include "core/base/number_format.h"
#include "core/present/train_cards.h"
#include "core/present/words.h"

#include <array>
#include <filesystem>

namespace perch::present {

namespace {

Text splitTitle(const std::string& kind) {
    if (kind == "time")
        return PERCH_TEXT("Train", "Split by time");
    if (kind == "group")
        return PERCH_TEXT("Train", "Split by group");
    if (kind == "random")
        return PERCH_TEXT("Train", "Split at random");
    if (kind == "stratified")
        return PERCH_TEXT("Train", "Split by class");
    return PERCH_TEXT("Train", "Split");
}

/// `15 K`: for a narrow part of the bar.
std::string shortCount(std::uint64_t rows) {
    return rows >= 1'000 && rows < 1'000'000 ? std::to_string((rows + 500) / 1'000) + "\u00a0K" : formatCount(rows);
}

void addParts(DatasetCard& card, const model::RunDataset& data) {
    const std::uint64_t all = data.train + data.validation + data.test;
    if (all == 0)
        return;
    card.splitTitle = splitTitle(data.splitKind);
    card.splitNote =
        data.validation > 0 ? PERCH_TEXT("Train", "train, valid, test") : PERCH_TEXT("Train", "train, test");
    const std::array parts{
        std::tuple(Tone::Stable, data.train, PERCH_TEXT("Train", "Training, %1 rows", {formatCount(data.train)})),
        std::tuple(Tone::Accent, data.validation,
                   PERCH_TEXT("Train", "Validation, %1 rows", {formatCount(data.validation)})),
        std::tuple(Tone::Shadow, data.test, PERCH_TEXT("Train", "Test, %1 rows", {formatCount(data.test)}))};
    for (const auto& [tone, rows, tooltip] : parts) {
        if (rows > 0)
            card.parts.push_back({tone, static_cast<double>(rows) / static_cast<double>(all),
                                  verbatim(formatCount(rows)), verbatim(shortCount(rows)), tooltip});
    }
}

Tone checkTone(State verdict) {
    return verdict == State::Fail ? Tone::Fail : verdict == State::Warning ? Tone::Warning : Tone::Secondary;
}

void addChecks(DatasetCard& card, const TrainingRun& run) {
    for (const TrainingCheck& check : run.checkRows) {
        const std::string value = check.value.empty()   ? std::string(check.verdict == State::Pass ? "fine" : "")
                                  : check.limit.empty() ? check.value
                                                        : check.value + " / " + check.limit;
        DatasetCard::CheckRow row;
        row.state = check.verdict;
        row.name = verbatim(check.name);
        row.value = {value.empty() ? noneText() : verbatim(value), checkTone(check.verdict), check.verdict, {}};
        row.tooltip = maybeText(check.sentence);
        card.checks.push_back(std::move(row));
    }
    if (card.checks.empty())
        card.checksText = isUnderWay(run) && run.curve.empty() ? PERCH_TEXT("Train", "The checks have not run yet.")
                                                               : PERCH_TEXT("Train", "No checks were recorded.");
}

} // namespace

DatasetCard makeDatasetCard(const TrainingRun* run, const std::string& data, bool changeable) {
    DatasetCard card;
    card.changeable = changeable;
    const bool other = run == nullptr || (!data.empty() && data != run->dataset.source);
    const std::string source = other ? data : run->dataset.source;
    card.file = source.empty() ? PERCH_TEXT("Train", "No data chosen")
                               : verbatim(std::filesystem::path(source).filename().string());
    if (other) {
        // What a file holds is known once a training has read it.
        card.note = source.empty() ? Text{} : verbatim(std::filesystem::path(source).parent_path().string());
        card.checksText = PERCH_TEXT("Train", "Rows and checks appear when training reads the file.");
        return card;
    }
    const model::RunDataset& known = run->dataset;
    if (known.digest.size() >= 12)
        card.note = PERCH_TEXT("Train", "sha256 %1", {known.digest.substr(0, 8) + " " + known.digest.substr(8, 4)});
    // Nothing is known before the file was read: that is not a count of zero.
    const Text unread = PERCH_TEXT("Train", "not read yet");
    card.tiles = {{PERCH_TEXT("Train", "Rows"), known.rows > 0 ? verbatim(formatCount(known.rows)) : unread},
                  {PERCH_TEXT("Train", "Columns"),
                   known.columns > 0 ? verbatim(formatCount(known.columns - 1) + " + 1") : unread}};
    if (known.positiveShare)
        card.tiles.push_back({PERCH_TEXT("Train", "Positive rate"), verbatim(formatPercent(*known.positiveShare, 1))});
    addParts(card, known);
    addChecks(card, *run);
    return card;
}

} // namespace perch::present
