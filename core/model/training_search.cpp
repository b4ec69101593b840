#include "core/data/seeded_random.h"
#include "core/model/predict/booster.h"
#include "core/model/training_folds.h"
#include "core/model/training_parameters.h"

#include <algorithm>
#include <cmath>

namespace perch::model {

namespace {

constexpr std::uint32_t kRungs[] = {4, 2, 1}; ///< a rung ends at rounds / divisor

struct FoldData {
    TrainingMatrix train, validation;
};

/// One set of parameters with a booster for each fold, which grows from rung to rung.
struct Candidate {
    spec::TrainingSpec training;
    std::vector<Booster> boosters;
    ValidationResult result;
};

double logUniform(data::SeededRandom& random, double low, double high) {
    return low * std::pow(high / low, random.uniform());
}

/// Three significant digits: people read them, and text and number agree.
double rounded(double value) {
    const double scale = std::pow(10.0, 2 - std::floor(std::log10(value)));
    return std::round(value * scale) / scale;
}

spec::TrainingSpec draw(const spec::TrainingSpec& base, data::SeededRandom& random) {
    spec::TrainingSpec drawn = base;
    drawn.learningRate = rounded(logUniform(random, 0.01, 0.3));
    drawn.depth = 3 + static_cast<std::uint32_t>(random.below(7));
    drawn.minimumChildWeight = rounded(logUniform(random, 0.5, 20));
    drawn.rowSample = rounded(0.6 + 0.4 * random.uniform());
    drawn.columnSample = rounded(0.6 + 0.4 * random.uniform());
    drawn.l2 = rounded(logUniform(random, 0.1, 10));
    return drawn;
}

class Search {
public:
    Search(const FoldContext& context, const spec::TrainingSpec& training, std::stop_token stop)
        : m_context(context), m_training(training), m_stop(std::move(stop)) {}

    Result<SearchOutcome> run() {
        TRY(makeFolds());
        TRY(makeCandidates());
        std::size_t alive = m_candidates.size();
        std::uint32_t done = 0;
        for (const std::uint32_t divisor : kRungs) {
            const std::uint32_t rounds = std::max(1U, m_training.rounds / divisor);
            for (std::size_t i = 0; i < alive; ++i)
                TRY(grow(m_candidates[i], done, rounds));
            done = rounds;
            std::stable_sort(m_candidates.begin(), m_candidates.begin() + static_cast<std::ptrdiff_t>(alive),
                             [](const auto& a, const auto& b) { return a->result.mean < b->result.mean; });
            if (divisor > 1)
                prune(alive);
        }
        SearchOutcome outcome{.best = m_candidates.front()->training};
        for (const auto& candidate : m_candidates)
            outcome.candidates.push_back(std::move(candidate->result));
        return outcome;
    }

private:
    Result<void> makeFolds() {
        for (const Fold& fold : TRY(
                 foldRows(*m_context.table, *m_context.rows, *m_context.label, m_training, m_training.search.folds))) {
            TrainingMatrix train = TRY(TrainingMatrix::create(m_context.matrixPlan(fold.train)));
            TrainingMatrix validation = TRY(TrainingMatrix::create(m_context.matrixPlan(fold.validation, &train)));
            m_folds.push_back({std::move(train), std::move(validation)});
        }
        return {};
    }

    Result<void> makeCandidates() {
        data::SeededRandom random(m_training.seed + 3);
        for (std::uint32_t i = 0; i < m_training.search.candidates; ++i) {
            auto candidate = std::make_unique<Candidate>();
            candidate->training = i == 0 ? m_training : draw(m_training, random);
            const BoosterParameters parameters =
                TRY(boosterParameters(candidate->training, *m_context.label, *m_context.transform, m_context.threads,
                                      m_context.device));
            for (const auto& [name, value] : parameters)
                candidate->result.parameters[name] = value;
            for (const FoldData& fold : m_folds) {
                const Matrix* const matrices[] = {&fold.train.matrix(), &fold.validation.matrix()};
                Booster booster = TRY(Booster::create(*m_context.library, matrices));
                for (const auto& [name, value] : parameters)
                    TRY(booster.setParameter(name.c_str(), value));
                candidate->boosters.push_back(std::move(booster));
            }
            m_candidates.push_back(std::move(candidate));
        }
        return {};
    }

    Result<void> grow(const std::unique_ptr<Candidate>& candidate, std::uint32_t from, std::uint32_t to) {
        candidate->result.folds.clear();
        for (std::size_t i = 0; i < m_folds.size(); ++i) {
            Booster& booster = candidate->boosters[i];
            for (std::uint32_t round = from; round < to; ++round) {
                if (m_stop.stop_requested())
                    return fail(ErrorCode::Cancelled, "The search for parameters was cancelled.");
                TRY(booster.update(static_cast<int>(round), m_folds[i].train.matrix()));
            }
            candidate->result.folds.push_back(
                TRY(booster.evaluate(static_cast<int>(to) - 1, m_folds[i].validation.matrix(), "validation")));
        }
        candidate->result.rounds = to;
        summarizeFolds(candidate->result);
        return {};
    }

    /// The worse half is let go, with its boosters.
    void prune(std::size_t& alive) {
        const std::size_t kept = (alive + 1) / 2;
        for (std::size_t i = kept; i < alive; ++i) {
            m_candidates[i]->result.pruned = true;
            m_candidates[i]->boosters.clear();
        }
        alive = kept;
    }

    const FoldContext& m_context;
    const spec::TrainingSpec& m_training;
    std::stop_token m_stop;
    std::vector<FoldData> m_folds;
    std::vector<std::unique_ptr<Candidate>> m_candidates;
};

} // namespace

Result<SearchOutcome> searchParameters(const FoldContext& context, const spec::TrainingSpec& training,
                                       const std::stop_token& stop) {
    return Search(context, training, stop).run();
}

} // namespace perch::model
