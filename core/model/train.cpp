#include "core/model/train.h"

#include "core/data/learned_transform.h"
#include "core/data/profile_builder.h"
#include "core/model/predict/booster.h"
#include "core/model/predict/predictor.h"
#include "core/model/threshold_choice.h"
#include "core/model/training_capsule.h"
#include "core/model/training_check_sample.h"
#include "core/model/training_label.h"
#include "core/model/training_matrix.h"
#include "core/stats/classification_metrics.h"

#include <algorithm>
#include <cmath>
#include <thread>

namespace perch::model {

namespace {

constexpr std::size_t kSmallTable = 50'000;
constexpr std::size_t kCheckRows = 1'000;
constexpr std::size_t kScoredRows = 65'536;

/// The three parts of the rows. The validation part is cut from the training part, and only if something needs it.
struct Parts {
    data::Rows train, validation, test;
};

Result<void> checkParameters(const TrainRequest& request) {
    const spec::TrainingSpec& training = request.training;
    const auto wrong = [](std::string_view what, std::string_view range) {
        return fail(ErrorCode::InvalidInput, "The training parameter {} must be {}.", what, range);
    };
    if (training.rounds < 1 || training.rounds > 100'000)
        return wrong("rounds", "from 1 to 100000");
    if (!(training.learningRate > 0 && training.learningRate <= 1))
        return wrong("learning_rate", "above 0 and at most 1");
    if (training.depth < 1 || training.depth > 16)
        return wrong("depth", "from 1 to 16");
    if (!(training.split.testShare > 0 && training.split.testShare < 1))
        return wrong("test_share", "between 0 and 1");
    const spec::ThresholdSpec& threshold = request.threshold;
    if (threshold.rule == spec::ThresholdSpec::Rule::Fixed && !(threshold.value >= 0 && threshold.value <= 1))
        return wrong("threshold", "from 0 to 1");
    const bool costs = threshold.falseNegativeCost > 0 && threshold.falsePositiveCost > 0 &&
                       std::isfinite(threshold.falseNegativeCost) && std::isfinite(threshold.falsePositiveCost);
    if (threshold.rule == spec::ThresholdSpec::Rule::Cost && !costs)
        return wrong("threshold", "two costs above 0");
    return {};
}

Parts splitRows(const TrainRequest& request, const BinaryLabel& label) {
    const spec::TrainingSpec& training = request.training;
    data::Split test =
        data::stratifiedSplit(data::allRows(request.table->rows), label.classOf, training.split.testShare, training.seed);
    if (request.threshold.rule == spec::ThresholdSpec::Rule::Fixed)
        return {std::move(test.kept), {}, std::move(test.cut)};
    data::Split validation = data::stratifiedSplit(test.kept, label.classOf, kValidationShare, training.seed + 1);
    return {std::move(validation.kept), std::move(validation.cut), std::move(test.cut)};
}

Result<std::vector<std::size_t>> featuresOf(const data::Table& table, const std::string& label) {
    std::vector<std::size_t> features;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (table.columns[i].name != label)
            features.push_back(i);
    }
    if (features.empty())
        return fail(ErrorCode::InvalidInput, "{} has no column beside the label \"{}\".", table.fingerprint.source,
                    label);
    return features;
}

/// Runs the rounds.
class Fit {
public:
    Fit(const XgboostLibrary& library, const TrainRequest& request, const ReportProgress& report, std::stop_token stop)
        : m_library(library), m_request(request), m_report(report), m_stop(std::move(stop)) {}

    Result<Booster> run(const Matrix& matrix, const data::RowTransform& transform, std::uint32_t threads) {
        const Matrix* const matrices[] = {&matrix};
        Booster booster = TRY(Booster::create(m_library, matrices));
        for (const auto& [name, value] : boosterParameters(m_request.training, threads))
            TRY(booster.setParameter(name.c_str(), value));
        TRY(booster.setFeatures(transform.names(), transform.xgboostTypes()));
        m_start = m_request.clock->steadyNow();
        for (std::uint32_t round = 0; round < m_request.training.rounds; ++round) {
            if (m_stop.stop_requested())
                return fail(ErrorCode::Cancelled, "The training of {} was cancelled in round {} of {}.",
                            m_request.model.text(), round + 1, m_request.training.rounds);
            TRY(booster.update(static_cast<int>(round), matrix));
            TRY(report(booster, matrix, round + 1));
        }
        return booster;
    }

private:
    Result<void> report(const Booster& booster, const Matrix& matrix, std::uint32_t done) {
        if (!m_report)
            return {};
        const std::uint32_t rounds = m_request.training.rounds;
        if (done % 10 == 0 || done == 1 || done == rounds)
            m_logLoss = TRY(booster.evaluate(static_cast<int>(done - 1), matrix, "train"));
        const Seconds elapsed = m_request.clock->steadyNow() - m_start;
        m_report({done, rounds, m_logLoss, elapsed, elapsed / done * (rounds - done)});
        return {};
    }

    const XgboostLibrary& m_library;
    const TrainRequest& m_request;
    const ReportProgress& m_report;
    std::stop_token m_stop;
    SteadyTime m_start{};
    double m_logLoss = 0;
};

Result<std::vector<double>> gainsByField(const Booster& booster, const data::RowTransform& transform) {
    std::vector<double> gains(transform.width());
    for (const auto& [name, gain] : TRY(booster.totalGain())) {
        if (const std::optional<std::size_t> field = transform.find(name))
            gains[*field] = gain;
    }
    return gains;
}

/// The check sample with the scores of the saved model, as a reader of the package will compute them.
Result<std::string> makeCheck(const XgboostLibrary& library, const PackageParts& parts, std::uint64_t seed) {
    CheckSample sample = drawCheckSample(parts.transform, parts.reference, kCheckRows, seed);
    const std::vector<float> values = TRY(sample.encode(parts.transform));
    Booster saved = TRY(Booster::create(library));
    TRY(saved.load(parts.booster));
    TRY(saved.setParameter("nthread", "1"));
    sample.scores = TRY(saved.predict(values, parts.transform.width()));
    return sample.toJson();
}

Package packageOf(const PackageParts& parts) {
    return {.card = parts.card,
            .transform = parts.transform,
            .reference = parts.reference,
            .booster = parts.booster,
            .check = parts.check};
}

struct Scored {
    std::vector<float> scores;
    std::vector<std::uint8_t> labels;
};

Result<Scored> scoreRows(const Predictor& predictor, const data::TableEncoder& encoder, const data::Rows& rows,
                         std::span<const std::uint8_t> classOf) {
    Scored scored;
    for (std::size_t from = 0; from < rows.size(); from += kScoredRows) {
        const auto part = std::span(rows).subspan(from, std::min(kScoredRows, rows.size() - from));
        const std::vector<float> scores = TRY(predictor.score(encoder.encode(part)));
        scored.scores.insert(scored.scores.end(), scores.begin(), scores.end());
    }
    for (const std::uint32_t row : rows)
        scored.labels.push_back(classOf[row]);
    return scored;
}

/// An undefined metric is absent.
std::map<std::string, double> metricsOf(const Scored& scored, double threshold) {
    const stats::ConfusionMatrix matrix = stats::confusionAt(scored.scores, scored.labels, threshold);
    const stats::RankingMetrics ranking = stats::rankingMetrics(scored.scores, scored.labels);
    std::map<std::string, double> metrics;
    const auto add = [&](const char* name, std::optional<double> value) {
        if (value)
            metrics[name] = *value;
    };
    add("accuracy", stats::accuracy(matrix));
    add("precision", stats::precision(matrix));
    add("recall", stats::recall(matrix));
    add("f1", stats::f1(matrix));
    add("roc_auc", ranking.rocAuc);
    add("log_loss", ranking.logLoss);
    return metrics;
}

/// The card but for threshold and metrics, which need scores.
ModelCard makeCard(const TrainRequest& request, const BinaryLabel& label, const Parts& parts) {
    return {
        .model = request.model,
        .task = Task::Binary,
        .label = request.label,
        .classes = label.classes,
        .threshold = 0.5,
        .thresholdRule = thresholdRuleText(request.threshold),
        .trainedAt = request.clock->now(),
        .rows = {{"train", parts.train.size()}, {"validation", parts.validation.size()}, {"test", parts.test.size()}}};
}

} // namespace

std::uint32_t trainingThreads(std::size_t rows) {
    return rows < kSmallTable ? 1 : std::max(1U, std::thread::hardware_concurrency());
}

Result<TrainOutcome> train(const XgboostLibrary& library, const TrainRequest& request, const ReportProgress& report,
                           std::stop_token stop) {
    TRY(checkParameters(request));
    const data::Table& table = *request.table;
    const BinaryLabel label = TRY(readBinaryLabel(table, request.label, request.positive));
    const std::vector<std::size_t> features = TRY(featuresOf(table, request.label));
    const Parts parts = splitRows(request, label);
    const auto imputation = request.training.impute ? data::Imputation::MedianAndMode : data::Imputation::Off;

    TrainOutcome outcome{.fingerprint = table.fingerprint};
    PackageParts& package = outcome.parts;
    package.transform = TRY(data::learnTransform(table, features, parts.train, imputation));
    const data::TableEncoder encoder = TRY(data::TableEncoder::create(table, package.transform));
    const std::uint32_t threads = request.threads > 0 ? request.threads : trainingThreads(table.rows);
    std::vector<double> gains;
    {
        // The quantized rows live only here: the table is in memory beside them.
        const SteadyTime start = request.clock->steadyNow();
        const Matrix matrix =
            TRY(makeTrainingMatrix(library, encoder, package.transform, parts.train, label.classOf, threads));
        Fit fit(library, request, report, std::move(stop));
        const Booster booster = TRY(fit.run(matrix, package.transform, threads));
        outcome.fit = request.clock->steadyNow() - start;
        package.booster = TRY(booster.save());
        gains = TRY(gainsByField(booster, package.transform));
    }
    package.reference = data::buildProfile(table, package.transform, parts.train, gains);
    package.card = makeCard(request, label, parts);
    package.check = TRY(makeCheck(library, package, request.training.seed));
    const auto predictor = TRY(Predictor::create(library, packageOf(package)));
    package.card.threshold = request.threshold.value;
    if (!parts.validation.empty()) {
        const Scored scored = TRY(scoreRows(*predictor, encoder, parts.validation, label.classOf));
        package.card.threshold = cheapestThreshold(scored.scores, scored.labels, request.threshold.falseNegativeCost,
                                                   request.threshold.falsePositiveCost);
    }
    package.card.metrics =
        metricsOf(TRY(scoreRows(*predictor, encoder, parts.test, label.classOf)), package.card.threshold);
    package.capsule = capsuleText(library, request, package.card, threads);
    return outcome;
}

} // namespace perch::model
