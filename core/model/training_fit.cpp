#include "core/model/training_fit.h"

#include <thread>

namespace perch::model {

namespace {

/// XGBoost draws columns by a generator that lives as long as the booster and is in no file: a loaded one begins anew.
constexpr std::uint32_t kRenewEvery = 25;
/// However often they are asked for, checkpoints cost at most about 5 % of the time.
constexpr double kCheckpointPause = 20;
constexpr double kMeasuringShare = 0.01;
constexpr std::chrono::milliseconds kPausePoll{50};

class Fit {
public:
    Fit(const FitPlan& plan, std::stop_token stop) : m_plan(plan), m_stop(std::move(stop)) {}

    Result<FitOutcome> run() {
        Booster booster = TRY(prepare());
        FitEnd end = FitEnd::AllRounds;
        while (m_done < m_plan.rounds) {
            if (m_stop.stop_requested())
                return fail(ErrorCode::Cancelled, "{} was cancelled in round {} of {}.", m_plan.what, m_done + 1,
                            m_plan.rounds);
            const SteadyTime begin = m_plan.clock->steadyNow();
            TRY(booster.update(static_cast<int>(m_done), *m_plan.train));
            ++m_done;
            TRY(measure(booster));
            m_inXgboost += m_plan.clock->steadyNow() - begin;
            TRY(tell());
            TRY(keepCheckpoint(booster));
            if (renews())
                booster = TRY(loaded(TRY(booster.save())));
            if (const std::optional<FitEnd> ended = TRY(ends())) {
                end = *ended;
                break;
            }
        }
        return finish(std::move(booster), end);
    }

private:
    bool renews() const { return m_plan.columnsSampled && m_done % kRenewEvery == 0 && m_done < m_plan.rounds; }

    /// A booster for these parts that goes on from the bytes; from nothing if there are none.
    Result<Booster> loaded(const std::string& bytes) const {
        std::vector<const Matrix*> matrices = {m_plan.train};
        if (m_plan.validation != nullptr)
            matrices.push_back(m_plan.validation);
        Booster booster = TRY(Booster::create(*m_plan.library, matrices));
        if (!bytes.empty())
            TRY(booster.load(bytes));
        for (const auto& [name, value] : m_plan.parameters)
            TRY(booster.setParameter(name.c_str(), value));
        TRY(booster.setFeatures(m_plan.transform->names(), m_plan.transform->xgboostTypes()));
        return booster;
    }

    Result<Booster> prepare() {
        Booster booster = TRY(loaded(m_plan.from != nullptr ? m_plan.from->booster : std::string()));
        if (m_plan.from != nullptr) {
            m_done = m_plan.from->round;
            m_best = m_plan.from->bestRound;
            m_bestValue = m_plan.from->bestValue;
            m_before = m_plan.from->elapsed;
        }
        m_start = m_checkpointed = m_plan.clock->steadyNow();
        return booster;
    }

    Seconds elapsed() const { return m_before + Seconds(m_plan.clock->steadyNow() - m_start) - m_paused; }

    Result<void> measure(const Booster& booster) {
        m_train.reset();
        m_validation.reset();
        const bool early = m_plan.earlyStopping > 0 && m_plan.validation != nullptr;
        const bool last = m_done == m_plan.rounds;
        const bool due = m_done == 1 || last || m_measuring <= kMeasuringShare * elapsed();
        const bool watched = m_plan.watch != nullptr && due;
        const SteadyTime begin = m_plan.clock->steadyNow();
        const int round = static_cast<int>(m_done) - 1;
        if (m_plan.validation != nullptr && (early || watched || last))
            m_validation = TRY(booster.evaluate(round, *m_plan.validation, "validation"));
        // What early stopping needs is the fit's own cost.
        const SteadyTime extra = early ? m_plan.clock->steadyNow() : begin;
        if (watched)
            m_train = TRY(booster.evaluate(round, *m_plan.train, "train"));
        m_measuring += m_plan.clock->steadyNow() - extra;
        if (m_validation && (!m_best || *m_validation < m_bestValue)) {
            m_best = m_done;
            m_bestValue = *m_validation;
        }
        return {};
    }

    std::optional<std::uint32_t> stopAt() const {
        if (m_plan.earlyStopping == 0 || !m_best)
            return std::nullopt;
        return std::min(m_plan.rounds, *m_best + m_plan.earlyStopping);
    }

    Result<void> tell() {
        if (m_plan.watch == nullptr)
            return {};
        const Seconds spent = elapsed();
        return m_plan.watch->roundDone({.round = m_done,
                                        .rounds = m_plan.rounds,
                                        .metric = m_plan.metric,
                                        .train = m_train,
                                        .validation = m_validation,
                                        .bestRound = m_best,
                                        .stopAt = stopAt(),
                                        .elapsed = spent,
                                        .remaining = spent / m_done * (m_plan.rounds - m_done)});
    }

    Result<void> keepCheckpoint(const Booster& booster) {
        const SteadyTime now = m_plan.clock->steadyNow();
        const Seconds pause = std::max(m_plan.checkpointEvery, kCheckpointPause * m_checkpointCost);
        if (m_plan.watch == nullptr || m_plan.checkpointEvery.count() == 0 || now - m_checkpointed < pause ||
            (m_plan.columnsSampled && !renews()))
            return {};
        std::string bytes = TRY(booster.save());
        TRY(m_plan.watch->checkpoint({m_done, m_best, m_bestValue, elapsed(), std::move(bytes)}));
        m_checkpointed = m_plan.clock->steadyNow();
        m_checkpointCost = m_checkpointed - now;
        return {};
    }

    /// Why the rounds end here, if they do.
    Result<std::optional<FitEnd>> ends() {
        if (m_plan.watch != nullptr && TRY(obey()) == RunControl::Stop)
            return std::optional(FitEnd::Asked);
        if (const auto at = stopAt(); at && m_done >= *at && m_done < m_plan.rounds)
            return std::optional(FitEnd::EarlyStopping);
        if (m_plan.timeBudget.count() > 0 && elapsed() >= m_plan.timeBudget && m_done < m_plan.rounds)
            return std::optional(FitEnd::TimeBudget);
        return std::optional<FitEnd>();
    }

    /// Waits as long as it is paused.
    Result<RunControl> obey() {
        RunControl asked = m_plan.watch->control();
        if (asked != RunControl::Pause)
            return asked;
        TRY(m_plan.watch->pauseChanged(true));
        const SteadyTime begin = m_plan.clock->steadyNow();
        while (asked == RunControl::Pause && !m_stop.stop_requested()) {
            std::this_thread::sleep_for(kPausePoll);
            asked = m_plan.watch->control();
        }
        m_paused += m_plan.clock->steadyNow() - begin;
        TRY(m_plan.watch->pauseChanged(false));
        return asked;
    }

    Result<FitOutcome> finish(Booster booster, FitEnd end) {
        const bool cut = m_best && *m_best < m_done && (m_plan.earlyStopping > 0 || end != FitEnd::AllRounds);
        const std::uint32_t kept = cut ? *m_best : m_done;
        if (cut)
            booster = TRY(booster.firstRounds(static_cast<int>(kept)));
        return FitOutcome{.booster = std::move(booster),
                          .rounds = m_done,
                          .kept = kept,
                          .bestRound = m_best,
                          .bestValue = m_best ? std::optional(m_bestValue) : std::nullopt,
                          .end = end,
                          .inXgboost = m_inXgboost};
    }

    const FitPlan& m_plan;
    std::stop_token m_stop;
    std::uint32_t m_done = 0;
    std::optional<std::uint32_t> m_best;
    double m_bestValue = 0;
    std::optional<double> m_train, m_validation; ///< of the round at hand
    SteadyTime m_start{}, m_checkpointed{};
    Seconds m_before{0}; ///< before the interruption
    Seconds m_paused{0};
    Seconds m_measuring{0};
    Seconds m_inXgboost{0};
    Seconds m_checkpointCost{0}; ///< of the last one
};

} // namespace

std::string_view toString(FitEnd end) {
    switch (end) {
    case FitEnd::AllRounds:
        return "all rounds";
    case FitEnd::EarlyStopping:
        return "early stopping";
    case FitEnd::TimeBudget:
        return "time budget";
    case FitEnd::Asked:
        return "asked to stop";
    }
    return "unknown";
}

Result<FitOutcome> fit(const FitPlan& plan, const std::stop_token& stop) {
    return Fit(plan, stop).run();
}

} // namespace perch::model
