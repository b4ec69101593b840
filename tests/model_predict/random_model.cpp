#include "tests/model_predict/random_model.h"

#include "core/data/seeded_random.h"
#include "core/model/predict/booster.h"
#include "tests/support/test_support.h"

#include <array>
#include <cmath>
#include <limits>

namespace perch::test {

namespace {

using data::SeededRandom;
using model::arrayInterface;
using Parameters = std::vector<std::pair<std::string, std::string>>;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// Numbers lie on a grid, so that rows meet thresholds exactly.
float gridNumber(SeededRandom& random) {
    return std::floor(static_cast<float>(random.uniform() * 65) - 32) / 8;
}

/// The rows of one matrix, handed over as a single batch.
struct Batch {
    const model::XgboostFunctions& functions;
    void* proxy;
    std::size_t columns;
    std::vector<float> values, labels, weights;
    std::vector<std::string> types;
    bool given = false;

    static void reset(void* self) { static_cast<Batch*>(self)->given = false; }
    static int next(void* self) { return static_cast<Batch*>(self)->give(); }

    int give() {
        if (given)
            return 0;
        given = true;
        const std::vector<const char*> typeTexts = model::toPointers(types);
        const auto set = [&](const char* field, const std::vector<float>& list) {
            return list.empty() || functions.matrixSetInfo(proxy, field, arrayInterface(list).c_str()) == 0;
        };
        const bool taken =
            functions.proxySetDense(proxy, arrayInterface(values, labels.size(), columns).c_str()) == 0 &&
            set("label", labels) && set("weight", weights) &&
            functions.matrixSetFeatureInfo(proxy, "feature_type", const_cast<const char**>(typeTexts.data()),
                                           typeTexts.size()) == 0;
        return taken ? 1 : 0;
    }
};

std::string oneOf(SeededRandom& random, std::initializer_list<const char*> values) {
    return std::data(values)[random.below(values.size())];
}

Parameters parametersOf(SeededRandom& random, std::uint32_t classes, const std::vector<std::uint32_t>& categories) {
    Parameters parameters = {{"nthread", "1"},
                             {"tree_method", "hist"},
                             {"eta", oneOf(random, {"0.05", "0.3", "1"})},
                             {"max_depth", std::to_string(1 + random.below(8))},
                             {"lambda", oneOf(random, {"0", "1"})},
                             {"min_child_weight", oneOf(random, {"0", "1"})},
                             {"max_cat_to_onehot", oneOf(random, {"1", "4", "100"})},
                             {"subsample", oneOf(random, {"1", "0.7"})},
                             {"seed", std::to_string(random.below(1000))}};
    parameters.emplace_back("objective", classes == 0   ? "reg:squarederror"
                                         : classes == 2 ? "binary:logistic"
                                                        : "multi:softprob");
    if (classes > 2)
        parameters.emplace_back("num_class", std::to_string(classes));
    if (random.below(3) == 0)
        parameters.emplace_back("num_parallel_tree", "3");
    if (random.below(3) == 0)
        parameters.emplace_back("base_score", oneOf(random, {"0.5", "0.013", "0.99"}));
    if (random.below(4) == 0) {
        parameters.emplace_back("grow_policy", "lossguide");
        parameters.emplace_back("max_leaves", "31");
    }
    if (random.below(3) == 0) {
        std::string directions;
        for (const std::uint32_t count : categories)
            directions += fmt::format("{}{}", directions.empty() ? "(" : ",",
                                      count > 0 ? 0 : static_cast<int>(random.below(3)) - 1);
        parameters.emplace_back("monotone_constraints", directions + ")");
    }
    return parameters;
}

model::Matrix matrixOf(const model::XgboostLibrary& library, Batch& batch) {
    void* out = nullptr;
    const int code = batch.functions.quantileMatrixCreate(&batch, batch.proxy, nullptr, &Batch::reset, &Batch::next,
                                                          R"({"missing":NaN,"nthread":1,"max_bin":256})", &out);
    if (code != 0)
        throw std::runtime_error(library.lastError("preparing random rows").message);
    return model::Matrix(library, out);
}

/// Trains on random rows with the categories that `made` names. `classes` 0: a regression.
void trainOn(const model::XgboostLibrary& library, SeededRandom& random, std::size_t rows, std::uint32_t classes,
             const Parameters& parameters, int rounds, RandomModel& made) {
    void* proxy = nullptr;
    EXPECT_EQ(library.functions().proxyCreate(&proxy), 0);
    const model::Matrix owner(library, proxy);
    Batch batch{library.functions(), proxy, made.categories.size(), {}, {}, {}, {}};
    for (const std::uint32_t count : made.categories)
        batch.types.emplace_back(count > 0 ? "c" : "q");
    const bool weighted = random.below(3) == 0;
    const double missing = random.below(2) == 0 ? 0 : 0.15;
    std::vector<double> effects(made.categories.size() * 80);
    for (double& effect : effects)
        effect = random.uniform() - 0.5;
    for (std::size_t row = 0; row < rows; ++row) {
        double sum = 0;
        for (std::size_t i = 0; i < made.categories.size(); ++i) {
            const std::uint32_t count = made.categories[i];
            const float value = count > 0 ? static_cast<float>(random.below(count)) : gridNumber(random);
            sum += count > 0 ? 2 * effects[i * 80 + static_cast<std::size_t>(value)] : effects[i] * std::sin(value);
            batch.values.push_back(random.uniform() < missing ? kNaN : value);
        }
        sum += 0.4 * (random.uniform() - 0.5);
        const double label = classes == 0 ? 100 * sum : std::floor(std::abs(sum) * 3);
        batch.labels.push_back(classes == 0 ? static_cast<float>(label)
                                            : static_cast<float>(static_cast<std::uint32_t>(label) % classes));
        if (weighted)
            batch.weights.push_back(static_cast<float>(0.5 + random.uniform()));
    }
    const model::Matrix matrix = matrixOf(library, batch);
    const std::array<const model::Matrix*, 1> matrices = {&matrix};
    model::Booster booster = valueOf(model::Booster::create(library, matrices));
    for (const auto& [name, value] : parameters) {
        valueOf(booster.setParameter(name.c_str(), value));
        made.description += fmt::format("{}={} ", name, value);
    }
    for (int round = 0; round < rounds; ++round)
        valueOf(booster.update(round, matrix));
    made.ubj = valueOf(booster.save());
}

} // namespace

RandomModel RandomModel::train(const model::XgboostLibrary& library, std::uint64_t seed, int rounds) {
    SeededRandom random(seed);
    RandomModel made;
    for (std::size_t i = 0, count = 2 + random.below(10); i < count; ++i)
        made.categories.push_back(random.below(3) == 0 ? static_cast<std::uint32_t>(2 + random.below(80)) : 0);
    const std::array<std::uint32_t, 4> tasks = {0, 2, 3, 5};
    const std::uint32_t classes = tasks[random.below(tasks.size())];
    trainOn(library, random, 400, classes, parametersOf(random, classes, made.categories), rounds, made);
    return made;
}

RandomModel RandomModel::ofUsualSize(const model::XgboostLibrary& library, std::size_t categories) {
    SeededRandom random(1);
    RandomModel made;
    made.categories.resize(20 - categories, 0);
    made.categories.resize(20, 12);
    trainOn(library, random, 5'000, 2,
            {{"objective", "binary:logistic"}, {"tree_method", "hist"}, {"max_depth", "5"}, {"nthread", "1"}, {"eta", "0.05"}}, 500, made);
    return made;
}

std::vector<float> RandomModel::rows(std::size_t count, std::uint64_t seed) const {
    SeededRandom random(seed);
    std::vector<float> values;
    values.reserve(count * categories.size());
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    constexpr std::array kOddNumbers = {kInfinity, -kInfinity, -0.0F, 1e30F, -1e30F, 1e-42F};
    constexpr std::array kOddCodes = {-1.0F, -0.5F, 0.7F, 16'777'215.0F, 16'777'216.0F, 3e9F, 1e30F, kInfinity};
    for (std::size_t row = 0; row < count; ++row) {
        const bool whole = random.below(2) == 0;
        for (const std::uint32_t codes : categories) {
            const std::uint64_t odd = random.below(16);
            if (!whole && odd < 2)
                values.push_back(kNaN);
            else if (codes > 0)
                values.push_back(odd == 2   ? kOddCodes[random.below(kOddCodes.size())]
                                 : odd == 3 ? static_cast<float>(codes + random.below(40))
                                            : static_cast<float>(random.below(codes)));
            else if (odd == 2)
                values.push_back(kOddNumbers[random.below(kOddNumbers.size())]);
            else
                values.push_back(odd < 9 ? gridNumber(random) : static_cast<float>(random.uniform() * 9 - 4.5));
        }
    }
    return values;
}

} // namespace perch::test
