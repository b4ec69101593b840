#include "core/model/training_folds.h"

#include "core/model/training_fit.h"

#include <cmath>
#include <numeric>

namespace perch::model {

MatrixPlan FoldContext::matrixPlan(const data::Rows& part, const TrainingMatrix* reference) const {
    return {.library = library,
            .encoder = encoder,
            .transform = transform,
            .rows = &part,
            .targets = {*label, weights},
            .threads = threads,
            .clock = clock,
            .reference = reference,
            .cache = cache};
}

void summarizeFolds(ValidationResult& result) {
    const auto count = static_cast<double>(result.folds.size());
    result.mean = std::accumulate(result.folds.begin(), result.folds.end(), 0.0) / count;
    double squared = 0;
    for (const double value : result.folds)
        squared += (value - result.mean) * (value - result.mean);
    result.deviation = result.folds.size() > 1 ? std::sqrt(squared / (count - 1)) : 0;
}

Result<ValidationResult> crossValidate(const FoldContext& context, const spec::TrainingSpec& training,
                                       const std::stop_token& stop) {
    ValidationResult result{.rounds = training.rounds};
    for (const Fold& fold :
         TRY(foldRows(*context.table, *context.rows, *context.label, training, training.folds))) {
        const TrainingMatrix train = TRY(TrainingMatrix::create(context.matrixPlan(fold.train)));
        const TrainingMatrix validation = TRY(TrainingMatrix::create(context.matrixPlan(fold.validation, &train)));
        const FitPlan plan{.library = context.library,
                           .train = &train.matrix(),
                           .validation = &validation.matrix(),
                           .transform = context.transform,
                           .parameters = TRY(boosterParameters(training, *context.label, *context.transform,
                                                               context.threads, context.device)),
                           .metric = metricOf(context.label->task),
                           .rounds = training.rounds,
                           .earlyStopping = training.earlyStopping,
                           .clock = context.clock,
                           .what = fmt::format("Fold {} of the cross-validation", result.folds.size() + 1)};
        const FitOutcome outcome = TRY(fit(plan, stop));
        const double last = training.earlyStopping > 0
                                ? *outcome.bestValue
                                : TRY(outcome.booster.evaluate(static_cast<int>(outcome.rounds) - 1,
                                                             validation.matrix(), "v"));
        result.folds.push_back(last);
    }
    summarizeFolds(result);
    return result;
}

} // namespace perch::model
