#include "core/model/predict/predictor.h"

#include "core/base/log.h"
#include "core/base/parallel.h"
#include "core/model/predict/booster.h"
#include "core/model/predict/check_sample.h"
#include "core/model/predict/tree_walker.h"
#include "core/stats/multiclass_metrics.h"

#include <algorithm>
#include <cstring>
#include <thread>

namespace perch::model {

namespace {

/// From this many rows on, the rows are shared out over threads: the start of the threads is paid back.
constexpr std::size_t kRowsPerThread = 8192;
constexpr std::size_t kExplainedRowsPerThread = 64;

/// A booster of the package's bytes.
Result<Booster> boosterOf(const XgboostLibrary& library, const Package& package) {
    Booster booster = TRY(Booster::create(library));
    // One row is scored faster by the calling thread than by a team; batches are shared out by us.
    TRY(booster.setParameter("nthread", "1"));
    TRY(booster.load(package.booster));
    // Loading takes the parameters of the file; ours again.
    TRY(booster.setParameter("nthread", "1"));
    return booster;
}

/// What does not depend on who evaluates the trees.
class PackagePredictor : public Predictor {
public:
    PackagePredictor(const XgboostLibrary& library, Package package)
        : m_library(&library), m_package(std::move(package)) {}

    const Package& package() const override { return m_package; }

    Result<std::vector<float>> score(std::span<const float> rows) const override {
        return inParts(rows, kRowsPerThread, [&](std::span<const float> part) { return scorePart(part); });
    }

    Result<std::vector<float>> margins(std::span<const float> rows) const override {
        const Booster booster = TRY(boosterOf(*m_library, m_package));
        return booster.predictMargin(rows, width());
    }

    /// SHAP values are XGBoost's own, whoever evaluates the trees: a booster for the time of the call and each thread.
    Result<std::vector<float>> contributions(std::span<const float> rows) const override {
        const std::vector<std::string> names = m_package.transform.names(), types = m_package.transform.xgboostTypes();
        return inParts(rows, kExplainedRowsPerThread,
                       [&](std::span<const float> part) -> Result<std::vector<float>> {
                           const Booster booster = TRY(boosterOf(*m_library, m_package));
                           return booster.contributions(part, names, types);
                       });
    }

    std::size_t outputs() const override {
        return m_package.card.task == Task::MultiClass ? m_package.card.classes.size() : 1;
    }

    Prediction decide(std::span<const float> scores) const override {
        if (m_package.card.task == Task::MultiClass) {
            const auto answer = static_cast<std::uint32_t>(stats::mostProbable(scores));
            return {scores[answer], answer, static_cast<double>(scores[answer])};
        }
        if (m_package.card.task == Task::Regression)
            return {scores[0], 0, 0};
        const auto probability = static_cast<double>(scores[0]);
        const bool positive = probability >= m_package.card.threshold;
        return {scores[0], positive ? 1U : 0U, positive ? probability : 1 - probability};
    }

    Package takePackage() && { return std::move(m_package); }

protected:
    std::size_t width() const { return m_package.transform.width(); }

private:
    /// On the calling thread.
    virtual Result<std::vector<float>> scorePart(std::span<const float> rows) const = 0;

    /// Rows do not depend on each other, so the parts, each on a thread, give the same as one call.
    template <typename Compute>
    Result<std::vector<float>> inParts(std::span<const float> rows, std::size_t rowsPerThread,
                                       const Compute& compute) const {
        const std::size_t count = rows.size() / width();
        const std::size_t threadCount =
            std::min<std::size_t>(std::max(1U, std::thread::hardware_concurrency()), count / rowsPerThread);
        if (threadCount < 2)
            return compute(rows);
        const std::size_t step = (count + threadCount - 1) / threadCount * width();
        std::vector<Result<std::vector<float>>> parts((rows.size() + step - 1) / step);
        inParallel(parts.size(), [&](std::size_t i) {
            parts[i] = compute(rows.subspan(i * step, std::min(step, rows.size() - i * step)));
        });
        std::vector<float> values;
        for (Result<std::vector<float>>& part : parts) {
            const std::vector<float> ofPart = TRY(std::move(part));
            values.insert(values.end(), ofPart.begin(), ofPart.end());
        }
        return values;
    }

    const XgboostLibrary* m_library;
    Package m_package;
};

class WalkerPredictor final : public PackagePredictor {
public:
    WalkerPredictor(const XgboostLibrary& library, TreeWalker walker, Package package)
        : PackagePredictor(library, std::move(package)), m_walker(std::move(walker)) {}

private:
    Result<std::vector<float>> scorePart(std::span<const float> rows) const override {
        std::vector<float> scores(rows.size() / width() * m_walker.outputs());
        m_walker.score(rows, scores);
        return scores;
    }

    TreeWalker m_walker;
};

class BoosterPredictor final : public PackagePredictor {
public:
    BoosterPredictor(const XgboostLibrary& library, Booster booster, Package package, std::string reason)
        : PackagePredictor(library, std::move(package)), m_booster(std::move(booster)), m_reason(std::move(reason)) {}

    Engine engine() const override { return Engine::Xgboost; }
    std::string_view engineReason() const override { return m_reason; }

private:
    Result<std::vector<float>> scorePart(std::span<const float> rows) const override {
        return m_booster.predict(rows, width());
    }

    Booster m_booster;
    std::string m_reason;
};

Error corruptModel(const Package& package, const std::string& why) {
    const std::string file = (package.folder / "model.ubj").string();
    Error error = fail(ErrorCode::Corrupt, "The model of the package {} is not usable: {}", file, why);
    error.where = file;
    return error;
}

bool sameBits(float a, float b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

/// The first scoring also configures a booster, after which `score` may be called from several threads.
Result<void> reproduceCheckSample(const Predictor& predictor) {
    const Package& package = predictor.package();
    const CheckSample sample = TRY(CheckSample::parse(package.check));
    const std::vector<float> values = TRY(sample.encode(package.transform));
    const std::vector<float> scores = TRY(predictor.score(values));
    if (scores.size() != sample.rows.size() * predictor.outputs())
        return fail(ErrorCode::Corrupt, "it gives {} scores for {} rows, but the card says {} per row.", scores.size(),
                    sample.rows.size(), predictor.outputs());
    if (scores.size() != sample.scores.size())
        return fail(ErrorCode::Corrupt, "the check sample has {} scores instead of {}.", sample.scores.size(),
                    scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (!sameBits(scores[i], sample.scores[i]))
            return fail(ErrorCode::Corrupt, "row {} of the check sample scores {} instead of {}.",
                        i / predictor.outputs() + 1, scores[i], sample.scores[i]);
    }
    return {};
}

Result<void> checkWidth(std::size_t features, const Package& package) {
    if (features != 0 && features == package.transform.width())
        return {};
    return corruptModel(package, fmt::format("it reads {} features, but the row transform has {}.", features,
                                             package.transform.width()));
}

Result<std::unique_ptr<Predictor>> withXgboost(const XgboostLibrary& library, Package package, std::string reason) {
    Result<Booster> loaded = boosterOf(library, package);
    if (!loaded)
        return corruptModel(package, loaded.error().message);
    Booster booster = *std::move(loaded);
    TRY(checkWidth(TRY(booster.featureCount()), package));
    auto predictor = std::make_unique<BoosterPredictor>(library, std::move(booster), std::move(package), std::move(reason));
    if (const Result<void> checked = reproduceCheckSample(*predictor); !checked)
        return corruptModel(predictor->package(), checked.error().message);
    return predictor;
}

} // namespace

std::string_view toString(Engine engine) {
    return engine == Engine::Perch ? "perch" : "xgboost";
}

Result<std::unique_ptr<Predictor>> Predictor::create(const XgboostLibrary& library, Package package, Engine wanted) {
    Result<TreeEnsemble> trees = TreeEnsemble::parse(package.booster);
    // XGBoost follows the indices of a file unseen, so a damaged one is not left to it.
    if (!trees && trees.error().code == ErrorCode::Corrupt)
        return corruptModel(package, trees.error().message);
    if (wanted == Engine::Xgboost)
        return withXgboost(library, std::move(package), "asked for");
    if (!trees)
        return withXgboost(library, std::move(package), trees.error().message);
    TRY(checkWidth(trees->features, package));
    auto predictor = std::make_unique<WalkerPredictor>(library, TreeWalker(*std::move(trees)), std::move(package));
    const Result<void> checked = reproduceCheckSample(*predictor);
    if (checked)
        return predictor;
    log::warning("model", "{}: XGBoost evaluates the trees: {}", predictor->package().folder.string(),
                 checked.error().message);
    return withXgboost(library, std::move(*predictor).takePackage(), checked.error().message);
}

} // namespace perch::model
