#include "core/demo/replayer.h"

#include "core/base/json.h"
#include "core/http/client.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <deque>
#include <mutex>
#include <thread>

namespace perch::demo {

namespace {

using std::chrono::milliseconds;

/// Truths travel in lists of at most this many.
constexpr std::size_t kLabelsPerRequest = 100;
constexpr milliseconds kDeadline{5'000};
/// A replayer that is later than this gives up the lost time instead of making up for it in a burst.
constexpr milliseconds kLongestLag{500};

struct Answer {
    std::string requestId;
    Version version;
    bool refused = false;
};

Result<Answer> parseAnswer(const std::string& body) {
    const nlohmann::json document = TRY(parseJson(body, "the answer"));
    Answer answer;
    answer.requestId = TRY(jsonString(document, "request_id", "the answer"));
    answer.version = TRY(Version::parse(TRY(jsonString(document, "model_version", "the answer"))));
    const auto predictions = document.find("predictions");
    if (predictions == document.end() || !predictions->is_array() || predictions->size() != 1)
        return fail(ErrorCode::InvalidInput, "The answer holds no prediction.");
    answer.refused = TRY(jsonString(predictions->front(), "class", "the answer's prediction")) == "yes";
    return answer;
}

/// An answered loan whose truth waits for its time.
struct WaitingLabel {
    std::string requestId;
    SteadyTime due;
    LabelledLoan loan;
};

} // namespace

struct Replayer::State {
    Options options;
    const Clock& clock;
    mutable std::mutex mutex; ///< guards everything below but the threads
    data::SeededRandom random;
    Economy economy = Economy::Steady;
    SteadyTime nextDue;
    ReplayReport counts;
    std::deque<WaitingLabel> waiting;
    std::vector<LabelledLoan> labelled;
    std::vector<std::jthread> senders;
    std::jthread labeller;

    State(Options chosen, const Clock& itsClock)
        : options(std::move(chosen)), clock(itsClock), random(options.seed), nextDue(itsClock.steadyNow()) {}

    /// Draws the next loan and says when it is to be sent.
    std::pair<Loan, SteadyTime> next() {
        const std::lock_guard lock(mutex);
        nextDue = std::max(nextDue, clock.steadyNow() - kLongestLag);
        const SteadyTime due = nextDue;
        nextDue += std::chrono::duration_cast<SteadyTime::duration>(Seconds(1 / options.requestsPerSecond));
        return {drawLoan(random, economy), due};
    }

    void sendLoans(std::stop_token stop) {
        http::Client client;
        while (!stop.stop_requested()) {
            const auto [loan, due] = next();
            const SteadyTime now = clock.steadyNow();
            if (due > now && !http::pause(std::chrono::ceil<milliseconds>(due - now), stop))
                return;
            sendLoan(client, loan);
        }
    }

    void sendLoan(http::Client& client, const Loan& loan) {
        {
            const std::lock_guard lock(mutex);
            ++counts.sent;
        }
        // No stop token: what has been sent is finished, so that no request counts as lost at the end.
        const Result<http::Response> response = client.send({.method = "POST",
                                                             .url = options.predictUrl,
                                                             .headers = {{"Content-Type", "application/json"}},
                                                             .body = toRequestBody(loan),
                                                             .deadline = kDeadline});
        const std::lock_guard lock(mutex);
        const SteadyTime now = clock.steadyNow(); // under the lock, so that `waiting` and `labelled` are in order
        if (!response) {
            ++counts.lost;
            note(response.error().message);
            return;
        }
        if (!response->ok()) {
            ++counts.errors;
            note(fmt::format("Status {}: {}", response->status, response->body));
            return;
        }
        Result<Answer> answer = parseAnswer(response->body);
        if (!answer) {
            ++counts.errors;
            note(answer.error().message);
            return;
        }
        ++counts.answered;
        ++counts.byVersion[answer->version];
        counts.lastAnswer[answer->version] = now;
        waiting.push_back({std::move(answer->requestId), now + options.labelDelay,
                           LabelledLoan{loan, now, answer->version, answer->refused}});
    }

    void note(const std::string& failure) {
        if (counts.firstFailure.empty())
            counts.firstFailure = failure;
    }

    void sendLabels(std::stop_token stop) {
        http::Client client;
        while (http::pause(milliseconds(100), stop)) {
            for (std::vector<WaitingLabel> batch = takeDue(); !batch.empty(); batch = takeDue()) {
                if (!deliver(client, batch, stop)) {
                    const std::lock_guard lock(mutex);
                    waiting.insert(waiting.begin(), batch.begin(), batch.end());
                    break;
                }
            }
        }
    }

    std::vector<WaitingLabel> takeDue() {
        const SteadyTime now = clock.steadyNow();
        const std::lock_guard lock(mutex);
        std::vector<WaitingLabel> batch;
        while (!waiting.empty() && waiting.front().due <= now && batch.size() < kLabelsPerRequest) {
            batch.push_back(std::move(waiting.front()));
            waiting.pop_front();
        }
        return batch;
    }

    bool deliver(http::Client& client, const std::vector<WaitingLabel>& batch, std::stop_token stop) {
        nlohmann::json body = nlohmann::json::array();
        for (const WaitingLabel& label : batch) {
            body.push_back({{"model", options.model.text()},
                            {"request_id", label.requestId},
                            {"truth", truthOf(label.loan.loan)}});
        }
        const Result<http::Response> response = client.send({.method = "POST",
                                                             .url = options.feedbackUrl,
                                                             .headers = {{"Content-Type", "application/json"}},
                                                             .body = body.dump(),
                                                             .deadline = kDeadline},
                                                            stop);
        const std::lock_guard lock(mutex);
        if (!response || !response->ok()) {
            if (!stop.stop_requested())
                note(response ? fmt::format("Feedback, status {}: {}", response->status, response->body)
                              : "Feedback: " + response.error().message);
            return false;
        }
        counts.labelled += batch.size();
        for (const WaitingLabel& label : batch)
            labelled.push_back(label.loan);
        return true;
    }

    auto firstSince(SteadyTime since) const {
        return std::partition_point(labelled.cbegin(), labelled.cend(),
                                    [&](const LabelledLoan& loan) { return loan.answeredAt < since; });
    }
};

std::unique_ptr<Replayer> Replayer::start(Options options, const Clock& clock) {
    auto state = std::make_unique<State>(std::move(options), clock);
    State* borrowed = state.get();
    for (unsigned i = 0; i < state->options.connections; ++i)
        state->senders.emplace_back([borrowed](std::stop_token stop) { borrowed->sendLoans(stop); });
    state->labeller = std::jthread([borrowed](std::stop_token stop) { borrowed->sendLabels(stop); });
    return std::unique_ptr<Replayer>(new Replayer(std::move(state)));
}

Replayer::Replayer(std::unique_ptr<State> state) : m_state(std::move(state)) {}

Replayer::~Replayer() {
    stop();
    m_state->labeller = {};
}

void Replayer::setEconomy(Economy economy) {
    const std::lock_guard lock(m_state->mutex);
    m_state->economy = economy;
}

ReplayReport Replayer::report() const {
    const std::lock_guard lock(m_state->mutex);
    ReplayReport report = m_state->counts;
    report.labelsWaiting = m_state->waiting.size();
    return report;
}

std::vector<LabelledLoan> Replayer::labelledSince(SteadyTime since) const {
    const std::lock_guard lock(m_state->mutex);
    return std::vector<LabelledLoan>(m_state->firstSince(since), m_state->labelled.cend());
}

std::size_t Replayer::countLabelledSince(SteadyTime since) const {
    const std::lock_guard lock(m_state->mutex);
    return static_cast<std::size_t>(m_state->labelled.cend() - m_state->firstSince(since));
}

void Replayer::stop() {
    for (std::jthread& sender : m_state->senders)
        sender.request_stop();
    m_state->senders.clear();
}

} // namespace perch::demo
