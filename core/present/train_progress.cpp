#include "core/base/number_format.h"
#include "core/present/train_cards.h"
#include "core/present/words.h"

#include <algorithm>
#include <cmath>

namespace perch::present {

namespace {

constexpr std::size_t kPaceRounds = 50; ///< the pace is that of the last rounds, not of the first

/// Rounds per second; nothing before there are two rounds.
std::optional<double> paceOf(const TrainingRun& run) {
    if (run.curve.size() < 2)
        return {};
    const std::size_t from = run.curve.size() > kPaceRounds ? run.curve.size() - kPaceRounds : 0;
    const model::RunCurvePoint &first = run.curve[from], &last = run.curve.back();
    const double seconds = (last.elapsed - first.elapsed).count();
    return seconds > 0 ? std::optional((last.round - first.round) / seconds) : std::nullopt;
}

std::string paceText(double pace) {
    return pace >= 100 ? formatCount(static_cast<std::uint64_t>(pace)) : formatDecimal(pace, 1);
}

std::string inText(std::uint32_t rounds, double pace) {
    // Whole seconds: a guess has no tenths.
    const double seconds = std::ceil(rounds / pace);
    return seconds < 60 ? formatDecimal(seconds, 0) + "\u00a0s" : durationText(Seconds(seconds));
}

void addEnds(ProgressCard& card, const TrainingRun& run, std::uint32_t round) {
    const std::optional<double> pace = paceOf(run);
    const std::string most = std::to_string(run.rounds);
    if (!pace || round >= run.rounds) {
        card.most = PERCH_TEXT("Train", "At most: round %1", {most});
        return;
    }
    card.most = PERCH_TEXT("Train", "At most: round %1, in %2", {most, inText(run.rounds - round, *pace)});
    if (run.stopAt && *run.stopAt > round && *run.stopAt < run.rounds)
        card.likely = PERCH_TEXT("Train", "Likely end: round %1, in %2",
            {std::to_string(*run.stopAt), inText(*run.stopAt - round, *pace)});
}

} // namespace

std::string durationText(Seconds time) {
    constexpr double kTenths = 10, kMinute = 60, kHour = 3'600;
    const double seconds = std::max(0.0, time.count());
    if (seconds < kTenths)
        return formatDecimal(seconds, 1) + "\u00a0s";
    const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
    if (seconds < kMinute || seconds >= kHour)
        return formatAge(Seconds(static_cast<double>(whole)));
    return std::to_string(whole / 60) + "\u00a0min " + std::to_string(whole % 60) + "\u00a0s";
}

ProgressCard makeProgressCard(const TrainingRun& run) {
    ProgressCard card;
    if (run.rounds == 0 || (run.curve.empty() && isUnderWay(run))) {
        card.round = PERCH_TEXT("Train", "No round yet");
        for (const model::RunStep& step : run.steps) {
            if (step.state == model::RunStep::State::Running)
                card.likely = PERCH_TEXT("Train", "Now: %1", {stepName(step.name).english()});
        }
        card.summary = card.round;
        return card;
    }
    const std::uint32_t round = run.curve.empty() ? 0 : run.curve.back().round;
    const auto place = [&](std::uint32_t at) { return std::min(1.0, static_cast<double>(at) / run.rounds); };
    card.share = place(round);
    card.round = PERCH_TEXT("Train", "Round %1 of %2", {formatCount(round), formatCount(run.rounds)});
    if (run.bestRound)
        card.best = place(*run.bestRound);
    if (!run.curve.empty()) {
        const std::string elapsed = durationText(run.curve.back().elapsed);
        const std::optional<double> pace = paceOf(run);
        card.pace = pace ? PERCH_TEXT("Train", "%1, %2 rounds/s", {elapsed, paceText(*pace)}) : verbatim(elapsed);
    }
    if (isUnderWay(run)) {
        if (run.stopAt && *run.stopAt < run.rounds)
            card.stop = place(*run.stopAt);
        addEnds(card, run, round);
        if (run.paused)
            card.likely = PERCH_TEXT("Train", "Paused after round %1", {std::to_string(round)});
    } else if (run.bestRound && *run.bestRound < round) {
        card.likely = PERCH_TEXT("Train", "Kept: round %1, the best of %2", {std::to_string(*run.bestRound), std::to_string(round)});
    }
    card.summary = PERCH_TEXT("Train", "%1. %2. %3",
        {card.round.english(), card.likely.empty() ? card.pace.english() : card.likely.english(), card.most.english()});
    return card;
}

} // namespace perch::present
