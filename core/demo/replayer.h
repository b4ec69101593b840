#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/demo/credit_economy.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace perch::demo {

/// A loan that was answered and whose truth has been told to the truth store.
struct LabelledLoan {
    Loan loan;
    SteadyTime answeredAt;
    Version version;      ///< that answered
    bool refused = false; ///< the model said it will default
};

/// What became of the requests so far. A request is lost when its connection broke or its deadline passed before the
/// whole answer was there.
struct ReplayReport {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0; ///< with 2xx
    std::uint64_t errors = 0;   ///< answers that are not 2xx, or not understood
    std::uint64_t lost = 0;
    std::map<Version, std::uint64_t> byVersion = {};
    std::map<Version, SteadyTime> lastAnswer = {};
    std::uint64_t labelled = 0;      ///< truths that were accepted
    std::uint64_t labelsWaiting = 0; ///< truths that are not due or not accepted yet
    std::string firstFailure = {};   ///< of an error or a lost request; one sentence
};

/// Sends generated loans at a fixed rate, one per request over kept connections, and after the label delay the truth
/// of each. Threads of its own; every method is safe from any thread.
class Replayer {
public:
    struct Options {
        ModelName model;
        std::string predictUrl;  ///< `http://127.0.0.1:8080/predict_credit_risk`
        std::string feedbackUrl; ///< `http://127.0.0.1:8080/v1/feedback`
        double requestsPerSecond = 400;
        unsigned connections = 3;
        std::chrono::milliseconds labelDelay{5'000};
        std::uint64_t seed = 1;
    };

    /// Starts at once. `clock` must outlive it.
    static std::unique_ptr<Replayer> start(Options options, const Clock& clock);
    /// Stops: what is in flight is finished, truths that are not due are dropped.
    ~Replayer();

    /// From the next loan on.
    void setEconomy(Economy economy);
    ReplayReport report() const;
    /// The labelled loans that were answered at `since` or later, oldest first.
    std::vector<LabelledLoan> labelledSince(SteadyTime since) const;
    std::size_t countLabelledSince(SteadyTime since) const;
    /// Sends no more loans and waits for those in flight.
    void stop();

private:
    struct State;
    explicit Replayer(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace perch::demo
