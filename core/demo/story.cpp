#include "core/demo/story.h"

#include "core/base/file.h"
#include "core/base/number_format.h"
#include "core/demo/conductor.h"
#include "core/demo/stage.h"
#include "core/demo/story_time.h"
#include "core/demo/workshop.h"
#include "core/http/client.h"
#include "core/rollout/gate.h"

#include <algorithm>
#include <cmath>

namespace perch::demo {

namespace {

using fleet::ModelFacts;
using fleet::VersionFacts;
using rollout::Action;
using rollout::Verdict;

constexpr std::size_t kHistoryRows = 100'000;
/// Labelled loans since the drift began that a retraining takes, and the newer ones that judge it.
constexpr std::size_t kRetrainingRows = 8'000;
constexpr std::size_t kNewestRows = 1'500;
constexpr std::size_t kMoreRows = 2'000; ///< when the candidate was not accepted
constexpr int kRetrainings = 3;
constexpr double kSteadyHours = 5;
constexpr double kHoursAtHalf = 1;
constexpr double kDeadlineHours = 14; ///< of every wait
/// After a promotion the alert limit is the accepted version's own reference minus this.
constexpr double kAlertMargin = 0.03;

const rollout::GateVerdict* findGate(const std::vector<rollout::GateVerdict>& gates, bool againstStable) {
    const auto found = std::ranges::find_if(gates, [&](const rollout::GateVerdict& gate) {
        return gate.gate.quantity == rollout::Quantity::Accuracy && gate.gate.against.empty() != againstStable;
    });
    return found == gates.end() ? nullptr : &*found;
}

/// One playing of the story: the phases in order, and what they share.
class Story {
public:
    Story(const Workspace& workspace, spec::ModelSpec spec, const StoryOptions& options, const StoryListener& listener,
          const Clock& clock, std::stop_token stop)
        : m_workspace(workspace),
          m_spec(std::move(spec)),
          m_options(options),
          m_listener(listener),
          m_clock(clock),
          m_stop(std::move(stop)),
          m_begin(clock.steadyNow()) {}

    Result<StoryReport> play();

private:
    using Condition = std::function<Result<bool>(const ModelFacts&)>;

    Result<void> setUp();
    Result<void> trainFirst();
    Result<void> serve();
    Result<void> steadyHours();
    Result<void> shiftEconomy();
    Result<void> gatherLoans();
    Result<void> retrain();
    Result<void> canary();
    Result<void> promote();
    Result<void> recover();
    Result<void> badCandidate();
    Result<void> rollBack();
    Result<void> close();

    double hour() const { return m_playing ? toStoryHours(m_clock.steadyNow() - m_trafficSince) : 0; }
    void say(std::string text);
    Result<void> watch(const std::string& what, const Condition& reached);
    void tick(const std::string& what, const ModelFacts& model);
    LiveFigure figureOf(const telemetry::LiveValue& value) const;
    Result<void> publish(Candidate& candidate, std::optional<bool> accepted, const std::string& reason);
    Result<ActFigures> act(Action action, std::optional<Version> to, std::optional<double> percent,
                           const std::string& reason);
    Result<std::vector<StoryLine>> linesOf(const std::string& metric);

    Workspace m_workspace;
    spec::ModelSpec m_spec;
    StoryOptions m_options;
    const StoryListener& m_listener;
    const Clock& m_clock;
    std::stop_token m_stop;
    SteadyTime m_begin;
    bool m_playing = false;
    SteadyTime m_trafficSince{};
    SystemTime m_trafficSinceWall{};
    std::optional<SteadyTime> m_driftSince;
    std::unique_ptr<Stage> m_stage;
    std::optional<Workshop> m_workshop;
    std::optional<Conductor> m_conductor;
    Candidate m_first, m_second, m_bad;
    Version m_firstVersion, m_secondVersion, m_badVersion;
    StoryReport m_report;
};

Result<StoryReport> Story::play() {
    TRY(setUp());
    TRY(trainFirst());
    TRY(serve());
    TRY(steadyHours());
    TRY(shiftEconomy());
    TRY(gatherLoans());
    TRY(retrain());
    TRY(canary());
    TRY(promote());
    TRY(recover());
    TRY(badCandidate());
    TRY(rollBack());
    TRY(close());
    return std::move(m_report);
}

void Story::say(std::string text) {
    m_report.events.push_back({hour(), std::move(text)});
    m_listener.onEvent(m_report.events.back());
}

void Story::tick(const std::string& what, const ModelFacts& model) {
    std::string status = what;
    for (const VersionFacts& version : model.versions) {
        if (version.role == fleet::Role::Retired)
            continue;
        const auto& accuracy = version.quality.accuracy;
        const auto& drift = version.quality.drift;
        status += fmt::format(" | {} {} {} drift {}", version.version.text(), fleet::toString(version.role),
                              accuracy.value ? formatPercent(*accuracy.value) : telemetry::toString(accuracy.state),
                              drift.value ? formatDecimal(*drift.value, 2) : telemetry::toString(drift.state));
    }
    const ReplayReport traffic = m_stage->traffic().report();
    status += fmt::format(" | {} requests, {} lost", formatCount(traffic.sent), traffic.lost);
    m_listener.onTick(hour(), status);
}

Result<void> Story::watch(const std::string& what, const Condition& reached) {
    const SteadyTime deadline = m_clock.steadyNow() + storyHours(kDeadlineHours);
    while (true) {
        const fleet::SnapshotPtr snapshot = m_stage->read(m_stop);
        if (m_stop.stop_requested())
            return fail(ErrorCode::Cancelled, "The demo was stopped.");
        if (const ModelFacts* model = snapshot->find(m_spec.name)) {
            tick(what, *model);
            if (TRY(reached(*model)))
                return {};
        }
        if (m_clock.steadyNow() > deadline) {
            const std::string failure = m_stage->traffic().report().firstFailure;
            return fail(ErrorCode::Timeout, "In {:.0f} h of the story ({:.0f} s) this did not come: {}.{}",
                        kDeadlineHours, Seconds(storyHours(kDeadlineHours)).count(), what,
                        failure.empty() ? "" : " The first request that failed: " + failure);
        }
        if (!http::pause(std::chrono::milliseconds(400), m_stop))
            return fail(ErrorCode::Cancelled, "The demo was stopped.");
    }
}

LiveFigure Story::figureOf(const telemetry::LiveValue& value) const {
    return {value.value, value.low, value.high, value.sampleSize, hour()};
}

Result<void> Story::setUp() {
    m_report.seed = m_options.seed;
    m_report.requestsPerSecond = m_options.requestsPerSecond;
    m_report.labelDelayHours = m_options.labelDelayHours;
    m_report.startedAt = toIso8601(m_clock.now());
    m_report.alertLimitBefore = m_spec.gates.alertAccuracy.value_or(m_spec.gates.accuracy);
    const std::filesystem::path folder = m_workspace.models() / m_spec.name.text();
    TRY(makePrivateFolder(folder));
    TRY(writeFileAtomically(folder / "perch.yaml", storySpecText()));
    m_stage = TRY(Stage::open(m_workspace, m_clock, m_options.identity));
    m_conductor.emplace(*m_stage, m_clock, rollout::Actor{m_options.identity, "demo"});
    m_workshop = TRY(Workshop::open(m_workspace, m_spec, m_stage->platform().registry(), m_options.identity, m_clock));
    return {};
}

Result<void> Story::publish(Candidate& candidate, std::optional<bool> accepted, const std::string& reason) {
    TRY(m_workshop->publish(candidate, accepted));
    return m_conductor->recordTraining(m_spec.name, candidate.figures, reason);
}

Result<void> Story::trainFirst() {
    m_listener.onTick(0, fmt::format("drawing {} loans and training v1", formatCount(kHistoryRows)));
    data::SeededRandom random(m_options.seed);
    std::vector<Loan> history;
    history.reserve(kHistoryRows);
    std::size_t defaults = 0;
    while (history.size() < kHistoryRows) {
        history.push_back(drawLoan(random, Economy::Steady));
        defaults += history.back().defaulted;
    }
    m_report.historyRows = history.size();
    m_report.historyDefaultRate = static_cast<double>(defaults) / static_cast<double>(history.size());
    m_first = TRY(m_workshop->train("history", history, m_stop));
    TRY(publish(m_first, true, "The first version, on the history"));
    m_firstVersion = TRY(Version::parse(m_first.figures.version));
    m_report.first = m_first.figures;
    say(fmt::format("{} is trained on {} loans with {} defaults: accuracy {} on the test part at the threshold {:.3f} "
                    "chosen by cost. A constant \"no default\" has {}.",
                    m_first.figures.version, formatCount(history.size()), formatPercent(m_report.historyDefaultRate),
                    formatPercent(m_first.figures.accuracy), m_first.figures.threshold,
                    formatPercent(1 - m_report.historyDefaultRate)));
    return {};
}

Result<void> Story::serve() {
    m_listener.onTick(0, "starting perch-server, HAProxy, Prometheus and the truth store");
    const auto progress = [&](const std::string& line) { m_listener.onTick(0, line); };
    TRY(m_stage->raise(m_spec, progress, m_stop));
    m_stage->startTraffic(m_options.requestsPerSecond, m_options.labelDelayHours, m_options.seed + 1);
    m_trafficSince = m_clock.steadyNow();
    m_trafficSinceWall = m_clock.now();
    m_playing = true;
    say(fmt::format("{} serves behind HAProxy; {:.0f} loans per second arrive, each truth {:.0f} h later. One hour of "
                    "the story is {:.0f} s (time factor {:.0f}).",
                    m_first.figures.version, m_options.requestsPerSecond, m_options.labelDelayHours,
                    Seconds(kStoryHour).count(), kTimeFactor));
    return {};
}

Result<void> Story::steadyHours() {
    TRY(watch("steady hours", [&](const ModelFacts& model) -> Result<bool> {
        const VersionFacts* version = model.find(m_firstVersion);
        if (version == nullptr || version->quality.accuracy.state != telemetry::LiveState::Ok)
            return false;
        m_report.before = figureOf(version->quality.accuracy);
        return hour() >= kSteadyHours && version->quality.accuracy.sampleSize >= model.minimumSample;
    }));
    say(fmt::format("Steady: live accuracy of {} is {} over {} labelled loans.", m_first.figures.version,
                    formatPercent(*m_report.before.value), formatCount(m_report.before.sample)));
    m_listener.onMoment(Moment::Serving);
    return {};
}

Result<void> Story::shiftEconomy() {
    m_stage->traffic().setEconomy(Economy::Shifted);
    m_report.shiftHour = hour();
    say("The economy shifts: unemployment and debt rise, incomes fall, and the figures mean something else.");
    TRY(watch("the alert ModelAccuracyDegraded", [&](const ModelFacts& model) -> Result<bool> {
        const VersionFacts* version = model.find(m_firstVersion);
        const auto drift = version == nullptr ? telemetry::LiveValue() : version->quality.drift;
        if (!m_driftSince && drift.state == telemetry::LiveState::Ok && *drift.value > model.driftLimit) {
            m_driftSince = m_clock.steadyNow();
            m_report.driftHour = hour();
            say(fmt::format("Drift: the score of {} is {}, its limit is {}.", version->version.text(),
                            formatDecimal(*drift.value, 3), formatDecimal(model.driftLimit, 3)));
        }
        return m_stage->fires("ModelAccuracyDegraded", m_stop);
    }));
    m_report.alertHour = hour();
    say(fmt::format("Prometheus fires ModelAccuracyDegraded (limit {}), {:.1f} h after the shift.",
                    formatPercent(m_report.alertLimitBefore, 0), *m_report.detectedAfterHours()));
    return {};
}

Result<void> Story::gatherLoans() {
    const SteadyTime since = m_driftSince.value_or(m_clock.steadyNow());
    m_driftSince = since;
    const auto gathered = [&](std::size_t rows) {
        return watch("labelled loans since the drift", [&, rows](const ModelFacts& model) -> Result<bool> {
            if (const VersionFacts* version = model.find(m_firstVersion)) {
                m_report.degraded = figureOf(version->quality.accuracy);
                m_report.driftAtShift = figureOf(version->quality.drift);
            }
            return m_stage->traffic().countLabelledSince(since) >= rows;
        });
    };
    // The screens are drawn while the rest comes in.
    TRY(gathered(kRetrainingRows));
    m_listener.onMoment(Moment::Degraded);
    TRY(gathered(kRetrainingRows + kNewestRows));
    if (!m_report.degraded.value)
        return fail(ErrorCode::Unavailable, "Prometheus had no accuracy of {} after the shift.",
                    m_first.figures.version);
    say(fmt::format("Live accuracy of {} is down to {} over {} labelled loans.", m_first.figures.version,
                    formatPercent(*m_report.degraded.value), formatCount(m_report.degraded.sample)));
    return {};
}

Result<void> Story::retrain() {
    for (int attempt = 0; attempt < kRetrainings; ++attempt) {
        const std::size_t rows = kRetrainingRows + static_cast<std::size_t>(attempt) * kMoreRows;
        TRY(watch("more labelled loans", [&](const ModelFacts&) -> Result<bool> {
            return m_stage->traffic().countLabelledSince(*m_driftSince) >= rows + kNewestRows;
        }));
        std::vector<Loan> training, newest;
        for (const LabelledLoan& labelled : m_stage->traffic().labelledSince(*m_driftSince))
            (training.size() < rows ? training : newest).push_back(labelled.loan);
        m_second = TRY(m_workshop->train(fmt::format("recent-{}", attempt + 1), training, m_stop));
        m_report.acceptance = TRY(m_workshop->compare(m_second, *m_first.predictor, newest, m_stop));
        const AcceptanceFigures& figures = m_report.acceptance;
        const std::string verdict = fmt::format(
            "on the {} newest labelled loans accuracy {} against {}, recall {} against {}", formatCount(figures.rows),
            formatPercent(figures.accuracy), formatPercent(figures.productionAccuracy), formatPercent(figures.recall),
            formatPercent(figures.productionRecall));
        if (!figures.accepted) {
            say(fmt::format("A candidate of {} loans is not accepted: {}.", formatCount(training.size()), verdict));
            continue;
        }
        TRY(publish(m_second, true, "ModelAccuracyDegraded fired; trained on the labelled loans since the drift"));
        m_secondVersion = TRY(Version::parse(m_second.figures.version));
        m_report.second = m_second.figures;
        say(fmt::format("{} is trained in {:.1f} s on {} labelled loans since the drift and accepted: {}.",
                        m_second.figures.version, m_second.figures.seconds, formatCount(training.size()), verdict));
        return {};
    }
    return fail(ErrorCode::Conflict, "None of {} candidates was better than production on the newest labelled loans.",
                kRetrainings);
}

Result<ActFigures> Story::act(Action action, std::optional<Version> to, std::optional<double> percent,
                              const std::string& reason) {
    rollout::Intent intent{.action = action, .model = m_spec.name, .to = to, .reason = reason};
    if (percent)
        intent.weight = TRY(Percent::fromPercent(*percent));
    m_conductor->endSplit();
    ActFigures figures = TRY(m_conductor->act(std::move(intent), m_stop));
    if (percent)
        m_conductor->beginSplit(to.value_or(m_secondVersion), *percent / 100, figures.routeStepMs);
    return figures;
}

Result<void> Story::canary() {
    TRY(act(Action::Start, m_secondVersion, 10, "Candidate trained on recent loans"));
    say(fmt::format("{} starts as canary with 10 % of the traffic.", m_second.figures.version));
    bool shown = false;
    TRY(watch("gates of the canary at 10 %", [&](const ModelFacts& model) -> Result<bool> {
        const auto gates = rollout::gatesOf(model, m_secondVersion);
        const rollout::GateVerdict* limit = findGate(gates, false);
        const rollout::GateVerdict* stable = findGate(gates, true);
        if (limit != nullptr && limit->verdict == Verdict::Fail)
            return fail(ErrorCode::Conflict, "The gate of the canary fails: {}", limit->reason);
        if (!shown && limit != nullptr && limit->value.sampleSize > 0) {
            shown = true;
            m_listener.onMoment(Moment::Canary);
        }
        return limit != nullptr && limit->value.sampleSize >= model.minimumSample && stable != nullptr &&
               stable->verdict == Verdict::Pass;
    }));
    const ActFigures half = TRY(act(Action::SetWeight, {}, 50, "Not worse than stable at 10 %"));
    say(fmt::format("Not worse than stable: weight 50 %, in effect after {}.", formatLatency(half.routeStepMs)));
    const double until = hour() + kHoursAtHalf;
    return watch("the accuracy gate at 50 %", [&, until](const ModelFacts& model) -> Result<bool> {
        const auto gates = rollout::gatesOf(model, m_secondVersion);
        const rollout::GateVerdict* limit = findGate(gates, false);
        if (limit != nullptr && limit->verdict == Verdict::Fail)
            return fail(ErrorCode::Conflict, "The gate of the canary fails: {}", limit->reason);
        return hour() >= until && limit != nullptr && limit->verdict == Verdict::Pass;
    });
}

Result<void> Story::promote() {
    const ActFigures figures = TRY(act(Action::PromoteFully, {}, {}, "The accuracy gate passes at 50 %"));
    m_report.promotedHour = hour();
    m_report.alertLimitAfter = m_report.acceptance.accuracy - kAlertMargin;
    TRY(m_stage->setAlertLimit(m_report.alertLimitAfter));
    say(fmt::format("{} is promoted and has all traffic after {}, {:.1f} h after the alert. Its alert limit is its own "
                    "reference less 3 points: {}.",
                    m_second.figures.version, formatLatency(figures.routeMs), *m_report.restoredAfterHours(),
                    formatPercent(m_report.alertLimitAfter)));
    return {};
}

Result<void> Story::recover() {
    TRY(watch("the accuracy of the new version", [&](const ModelFacts& model) -> Result<bool> {
        const VersionFacts* version = model.find(m_secondVersion);
        if (version == nullptr || version->quality.accuracy.state != telemetry::LiveState::Ok)
            return false;
        m_report.recovered = figureOf(version->quality.accuracy);
        // A full hour of labels of its own traffic.
        const bool full = hour() >= *m_report.promotedHour + m_options.labelDelayHours + 1;
        return full && m_report.recovered.sample >= model.minimumSample &&
               !TRY(m_stage->fires("ModelAccuracyDegraded", m_stop));
    }));
    m_report.recoveredHour = hour();
    say(fmt::format("Recovered: live accuracy of {} is {} over {} labelled loans; the alert is over.",
                    m_second.figures.version, formatPercent(*m_report.recovered.value),
                    formatCount(m_report.recovered.sample)));
    m_listener.onMoment(Moment::Recovered);
    return {};
}

Result<void> Story::badCandidate() {
    std::vector<Loan> broken;
    const std::vector<LabelledLoan> labelled = m_stage->traffic().labelledSince(*m_driftSince);
    const std::size_t count = std::min(labelled.size(), kRetrainingRows);
    for (std::size_t i = labelled.size() - count; i < labelled.size(); ++i)
        broken.push_back(withEmploymentInMonths(labelled[i].loan));
    m_bad = TRY(m_workshop->train("broken-export", broken, m_stop));
    TRY(publish(m_bad, {}, "Trained by hand on an export that nobody compared"));
    m_badVersion = TRY(Version::parse(m_bad.figures.version));
    m_report.bad = m_bad.figures;
    TRY(act(Action::Start, m_badVersion, 10, "Its own test part looked fine"));
    say(fmt::format("A bad candidate: {} comes from an export with employment in months instead of years. Its own test "
                    "part says {}; it goes to canary with 10 %.",
                    m_bad.figures.version, formatPercent(m_bad.figures.accuracy)));
    TRY(watch("the gate of the bad candidate", [&](const ModelFacts& model) -> Result<bool> {
        const auto gates = rollout::gatesOf(model, m_badVersion);
        const rollout::GateVerdict* limit = findGate(gates, false);
        if (limit == nullptr || limit->verdict != Verdict::Fail)
            return false;
        m_report.rollback.accuracy = figureOf(limit->value);
        m_report.rollback.verdict = limit->reason;
        return true;
    }));
    say(fmt::format("Its gate fails. {}", m_report.rollback.verdict));
    return {};
}

Result<void> Story::rollBack() {
    const ActFigures figures = TRY(act(Action::RollBack, m_secondVersion, {}, "The accuracy gate of the canary fails"));
    RollbackFigures& rollback = m_report.rollback;
    rollback.version = m_bad.figures.version;
    rollback.trafficMs = figures.routeMs;
    rollback.finishedMs = figures.finishedMs;
    say(fmt::format("{} is rolled back: {} has all traffic {} after the confirmation.", m_bad.figures.version,
                    m_second.figures.version, formatLatency(figures.routeMs)));
    const double until = hour() + 1;
    TRY(watch("an hour after the rollback", [&](const ModelFacts&) -> Result<bool> { return hour() >= until; }));
    const auto last = m_stage->traffic().report().lastAnswer;
    if (const auto answer = last.find(m_badVersion); answer != last.end() && answer->second > figures.confirmedAt)
        rollback.lastAnswerMs = Seconds(answer->second - figures.confirmedAt).count() * 1'000;
    m_listener.onMoment(Moment::RolledBack);
    return {};
}

Result<std::vector<StoryLine>> Story::linesOf(const std::string& metric) {
    const std::string query = fmt::format("{}{{model=\"{}\"}}", metric, m_spec.name.text());
    std::vector<StoryLine> lines;
    for (const telemetry::RangeSeries& series :
         TRY(m_stage->prometheus().queryRange(query, m_trafficSinceWall, m_clock.now(), Seconds(1), m_stop))) {
        StoryLine line;
        if (const auto version = series.labels.find("model_version"); version != series.labels.end())
            line.version = version->second;
        for (const auto& [at, value] : series.points) {
            if (std::isfinite(value))
                line.points.emplace_back(toStoryHours(at - m_trafficSinceWall), value);
        }
        lines.push_back(std::move(line));
    }
    std::ranges::sort(lines, {}, &StoryLine::version);
    return lines;
}

Result<void> Story::close() {
    m_report.accuracyLines = TRY(linesOf("ml_model_accuracy"));
    m_report.driftLines = TRY(linesOf("ml_data_drift_score"));
    m_conductor->endSplit();
    m_report.splits = m_conductor->splits();
    const rollout::AuditVerification audit = TRY(m_stage->platform().operations().verifyAuditLog());
    m_report.audit.records = audit.records;
    m_report.audit.verified = audit.problems.empty() && audit.records > 0;
    for (const rollout::AuditProblem& problem : audit.problems)
        m_report.audit.problems.push_back(problem.message);
    m_listener.onEnd();
    m_stage->traffic().stop();
    m_report.traffic = m_stage->traffic().report();
    say(fmt::format("{} requests, {} lost, {} errors. The audit chain of {} records is {}.",
                    formatCount(m_report.traffic.sent), m_report.traffic.lost, m_report.traffic.errors,
                    m_report.audit.records, m_report.audit.verified ? "whole" : "BROKEN"));
    TRY(m_stage->lower());
    m_report.seconds = Seconds(m_clock.steadyNow() - m_begin).count();
    return {};
}

} // namespace

std::string_view toString(Moment moment) {
    switch (moment) {
    case Moment::Serving:
        return "serving";
    case Moment::Degraded:
        return "degraded";
    case Moment::Canary:
        return "canary";
    case Moment::Recovered:
        return "recovered";
    case Moment::RolledBack:
        break;
    }
    return "rolled_back";
}

Result<StoryReport> playStory(const Workspace& workspace, const StoryOptions& options, const StoryListener& listener,
                              const Clock& clock, std::stop_token stop) {
    spec::ModelSpec spec = TRY(spec::parseModelSpec(storySpecText(), "the demo's perch.yaml"));
    Story story(workspace, std::move(spec), options, listener, clock, std::move(stop));
    return story.play();
}

} // namespace perch::demo
