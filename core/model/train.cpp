#include "core/model/train.h"

#include "core/base/file.h"
#include "core/base/number_format.h"
#include "core/base/parallel.h"
#include "core/data/learned_transform.h"
#include "core/data/profile_builder.h"
#include "core/model/predict/predictor.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/threshold_choice.h"
#include "core/model/training_capsule.h"
#include "core/model/training_check_sample.h"
#include "core/model/training_device.h"
#include "core/model/training_fit.h"
#include "core/model/training_folds.h"
#include "core/model/training_metrics.h"
#include "core/model/training_weights.h"

#include <algorithm>
#include <thread>

namespace perch::model {

namespace {

constexpr std::size_t kSmallTable = 50'000;
constexpr std::size_t kCheckRows = 1'000;
constexpr std::size_t kScoredRows = 8'192; // a predictor does not share out so few again
constexpr const char* kCachePrefix = "perch-matrix-";

/// All columns but the label and those that only say how to split and weigh.
Result<std::vector<std::size_t>> featuresOf(const data::Table& table, const TrainRequest& request) {
    std::vector<std::size_t> features;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const std::string& name = table.columns[i].name;
        if (name != request.label && name != request.training.split.column && name != request.training.weightColumn &&
            !request.noFeatures.contains(name))
            features.push_back(i);
    }
    if (features.empty())
        return fail(ErrorCode::InvalidInput, "{} has no column beside the label \"{}\".", table.fingerprint.source,
                    request.label);
    return features;
}

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

Result<ScoredPart> scoreRows(const Predictor& predictor, const data::TableEncoder& encoder, const data::Rows& rows) {
    std::vector<Result<std::vector<float>>> parts((rows.size() + kScoredRows - 1) / kScoredRows);
    inParallel(parts.size(), [&](std::size_t i) {
        const std::size_t from = i * kScoredRows;
        parts[i] = predictor.score(encoder.encode(std::span(rows).subspan(from, std::min(kScoredRows, rows.size() - from))));
    });
    ScoredPart scored{.outputs = predictor.outputs()};
    for (Result<std::vector<float>>& part : parts) {
        const std::vector<float> scores = TRY(std::move(part));
        scored.scores.insert(scored.scores.end(), scores.begin(), scores.end());
    }
    return scored;
}

/// One training from the table to the package.
class Training {
public:
    Training(const XgboostLibrary& library, const TrainRequest& request, TrainingWatch* watch, std::stop_token stop)
        : m_library(library),
          m_request(request),
          m_training(request.training),
          m_watch(watch != nullptr ? *watch : m_silent),
          m_stop(std::move(stop)),
          m_threads(request.threads > 0 ? request.threads : trainingThreads(request.table->rows)) {}

    Result<TrainOutcome> run() {
        TRY(checkParameters(m_training, m_request.threshold));
        TRY(m_watch.stepBegan("split"));
        TRY(prepare());
        const data::TableEncoder encoder = TRY(data::TableEncoder::create(*m_request.table, m_outcome.parts.transform));
        TRY(chooseMemory());
        TRY(searchAndValidate(encoder));
        TRY(m_watch.stepBegan("train"));
        TRY(fitAll(encoder));
        TRY(m_watch.stepBegan("test"));
        TRY(judge(encoder));
        m_outcome.test = std::move(m_parts.test);
        m_outcome.label = std::move(m_label);
        return std::move(m_outcome);
    }

private:
    Result<void> prepare() {
        const data::Table& table = *m_request.table;
        m_outcome.fingerprint = table.fingerprint;
        m_label = TRY(readLabel(table, m_request.label, m_request.positive, m_training.task));
        const std::vector<std::size_t> features = TRY(featuresOf(table, m_request));
        m_parts = TRY(splitRows(table, m_label, m_training, m_request.threshold));
        m_weights = TRY(rowWeights(table, m_label, m_training, m_parts.train));
        const auto imputation = m_training.impute ? data::Imputation::MedianAndMode : data::Imputation::Off;
        m_outcome.parts.transform = TRY(data::learnTransform(table, features, m_parts.train, imputation));
        const TrainingDevice device = chooseDevice(m_library, m_training.device);
        m_device = device.name;
        if (!device.fallback.empty())
            TRY(m_watch.noted("warning", device.fallback));
        return plan();
    }

    Result<void> plan() {
        m_parameters = TRY(boosterParameters(m_training, m_label, m_outcome.parts.transform, m_threads, m_device));
        TrainingPlan plan{.task = m_label.task,
                          .train = m_parts.train.size(),
                          .validation = m_parts.validation.size(),
                          .test = m_parts.test.size(),
                          .metric = metricOf(m_label.task),
                          .rounds = m_training.rounds,
                          .threads = m_threads,
                          .device = m_device,
                          .parameters = {m_parameters.begin(), m_parameters.end()}};
        if (m_label.task == Task::Binary)
            plan.positiveShare =
                static_cast<double>(std::ranges::count(m_label.classOf, 1)) / static_cast<double>(m_label.classOf.size());
        return m_watch.planned(plan);
    }

    /// In memory or in files.
    Result<void> chooseMemory() {
        const std::size_t cells = m_parts.train.size() * m_outcome.parts.transform.width();
        if (cells <= m_request.cellsInMemory)
            return {};
        removeLeftCaches();
        m_cache = TRY(TemporaryFolder::create(kCachePrefix, m_request.cache));
        return m_watch.noted("info", fmt::format("{} cells to train on are more than {}: they are kept in files",
                                                 formatCount(cells), formatCount(m_request.cellsInMemory)));
    }

    /// Of this training before it was killed.
    void removeLeftCaches() const {
        if (m_request.cache.empty())
            return;
        std::error_code code;
        std::vector<std::filesystem::path> left;
        for (const auto& entry : std::filesystem::directory_iterator(m_request.cache, code)) {
            if (entry.path().filename().string().starts_with(kCachePrefix))
                left.push_back(entry.path());
        }
        for (const std::filesystem::path& folder : left)
            std::filesystem::remove_all(folder, code);
    }

    FoldContext foldContext(const data::TableEncoder& encoder) const {
        return {.library = &m_library,
                .encoder = &encoder,
                .transform = &m_outcome.parts.transform,
                .label = &m_label,
                .weights = m_weights,
                .table = m_request.table,
                .rows = &m_parts.train,
                .threads = m_threads,
                .device = m_device,
                .clock = m_request.clock,
                .cache = m_cache ? m_cache->path() : std::filesystem::path()};
    }

    Result<void> searchAndValidate(const data::TableEncoder& encoder) {
        if (m_training.search.candidates == 0 && m_training.folds == 0)
            return {};
        const FoldContext context = foldContext(encoder);
        if (m_training.search.candidates > 0) {
            TRY(m_watch.stepBegan("search"));
            SearchOutcome found = TRY(searchParameters(context, m_training, m_stop));
            m_training = std::move(found.best);
            TRY(m_watch.searched(found.candidates));
            TRY(plan());
        }
        // The search is the same again after an interruption; what the folds said is in the run already.
        if (m_training.folds > 0 && m_request.from == nullptr) {
            TRY(m_watch.stepBegan("validate"));
            const ValidationResult folds = TRY(crossValidate(context, m_training, m_stop));
            TRY(m_watch.validated(folds));
        }
        return {};
    }

    /// The quantized rows live only here: the table is in memory beside them.
    Result<void> fitAll(const data::TableEncoder& encoder) {
        PackageParts& package = m_outcome.parts;
        const FoldContext context = foldContext(encoder);
        const TrainingMatrix train = TRY(TrainingMatrix::create(context.matrixPlan(m_parts.train)));
        m_outcome.fit = train.taking();
        std::optional<TrainingMatrix> validation;
        if (!m_parts.validation.empty()) {
            validation = TRY(TrainingMatrix::create(context.matrixPlan(m_parts.validation, &train)));
            m_outcome.fit += validation->taking();
        }
        const FitPlan plan{.library = &m_library,
                           .train = &train.matrix(),
                           .validation = validation ? &validation->matrix() : nullptr,
                           .transform = &package.transform,
                           .parameters = m_parameters,
                           .metric = metricOf(m_label.task),
                           .rounds = m_training.rounds,
                           .earlyStopping = m_training.earlyStopping,
                           .columnsSampled = m_training.columnSample < 1,
                           .timeBudget = m_training.timeBudget,
                           .checkpointEvery = m_request.checkpointEvery,
                           .from = m_request.from,
                           .clock = m_request.clock,
                           .watch = &m_watch,
                           .what = fmt::format("The training of {}", m_request.model.text())};
        FitOutcome fitted = TRY(fit(plan, m_stop));
        m_outcome.fit += fitted.inXgboost;
        m_outcome.rounds = fitted.rounds;
        m_outcome.end = toString(fitted.end);
        m_outcome.stoppedEarly = fitted.end == FitEnd::TimeBudget || fitted.end == FitEnd::Asked;
        m_keptRounds = fitted.kept;
        package.booster = TRY(fitted.booster.save());
        const std::vector<double> gains = TRY(gainsByField(fitted.booster, package.transform));
        package.reference = data::buildProfile(*m_request.table, package.transform, m_parts.train, gains);
        return {};
    }

    Result<void> judge(const data::TableEncoder& encoder) {
        PackageParts& package = m_outcome.parts;
        package.card = makeCard();
        package.check = TRY(makeCheck(m_library, package, m_training.seed));
        const auto predictor = TRY(Predictor::create(m_library, packageOf(package)));
        if (m_label.task == Task::Binary && m_request.threshold.rule == spec::ThresholdSpec::Rule::Cost) {
            const ScoredPart scored = TRY(scoreRows(*predictor, encoder, m_parts.validation));
            std::vector<std::uint8_t> labels;
            for (const std::uint32_t row : m_parts.validation)
                labels.push_back(m_label.classOf[row]);
            package.card.threshold = cheapestThreshold(
                scored.scores, labels, m_request.threshold.falseNegativeCost, m_request.threshold.falsePositiveCost);
        }
        const ScoredPart tested = TRY(scoreRows(*predictor, encoder, m_parts.test));
        package.card.metrics = metricsOf(tested, m_label, m_parts.test, package.card.threshold);
        package.capsule = capsuleText(m_library, m_request, package,
                                      {m_parameters, m_training, m_threads, m_keptRounds, m_device, trainedUntil(),
                                       m_cache.has_value()});
        return {};
    }

    /// The newest time among the rows that were learned from; nothing unless they were split by time.
    data::Cell trainedUntil() const {
        const std::optional<std::size_t> column = m_training.split.kind == spec::SplitSpec::Kind::Time
                                                      ? m_request.table->find(m_training.split.column)
                                                      : std::nullopt;
        if (!column)
            return {};
        const data::Column& times = m_request.table->columns[*column];
        data::Cell newest;
        for (const data::Rows* part : {&m_parts.train, &m_parts.validation}) {
            for (const std::uint32_t row : *part) {
                if (data::Cell time = times.cell(row); newest < time)
                    newest = std::move(time);
            }
        }
        return newest;
    }

    /// The card but for the metrics, which need scores.
    ModelCard makeCard() const {
        return {.model = m_request.model,
                .task = m_label.task,
                .label = m_request.label,
                .classes = m_label.classes,
                .threshold = m_request.threshold.rule == spec::ThresholdSpec::Rule::Fixed ? m_request.threshold.value : 0.5,
                .thresholdRule = m_label.task == Task::Binary ? thresholdRuleText(m_request.threshold) : "none",
                .tolerance = m_label.task == Task::Regression ? m_request.training.tolerance : 0,
                .trainedAt = m_request.clock->now(),
                .rows = {{"train", m_parts.train.size()},
                         {"validation", m_parts.validation.size()},
                         {"test", m_parts.test.size()}}};
    }

    const XgboostLibrary& m_library;
    const TrainRequest& m_request;
    spec::TrainingSpec m_training; ///< with what the search found
    TrainingWatch m_silent;
    TrainingWatch& m_watch;
    std::stop_token m_stop;
    std::uint32_t m_threads;
    std::string m_device;
    std::optional<TemporaryFolder> m_cache; ///< of external memory
    TrainingLabel m_label;
    TrainingParts m_parts;
    std::vector<float> m_weights;
    BoosterParameters m_parameters;
    std::uint32_t m_keptRounds = 0;
    TrainOutcome m_outcome;
};

} // namespace

std::uint32_t trainingThreads(std::size_t rows) {
    return rows < kSmallTable ? 1 : std::max(1U, std::thread::hardware_concurrency());
}

Result<TrainOutcome> train(const XgboostLibrary& library, const TrainRequest& request, TrainingWatch* watch,
                           std::stop_token stop) {
    return Training(library, request, watch, std::move(stop)).run();
}

} // namespace perch::model
