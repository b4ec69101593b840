// TreeWalker against XGBoost's own call: the same bits on many random models and rows, and the time of one row and of
// 1,000 rows through 500 trees of depth 5 on 20 features. One thread, processor time. Prints one JSON document; exits 1 if a bit
// differs, if one row takes more than 10 us, or if a batch takes more than 1.2 times as long as XGBoost's call.
#include "core/model/predict/booster.h"
#include "core/model/predict/tree_walker.h"
#include "tests/model_predict/random_model.h"
#include "tests/support/test_support.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <ctime>
#include <iostream>

namespace {

using namespace perch;
using test::RandomModel;
using test::valueOf;

/// The two ways to evaluate one model.
struct Engines {
    model::TreeWalker walker;
    model::Booster booster;

    static Engines of(const model::XgboostLibrary& library, const RandomModel& random) {
        model::Booster booster = valueOf(model::Booster::create(library));
        valueOf(booster.load(random.ubj));
        valueOf(booster.setParameter("nthread", "1"));
        return {model::TreeWalker(valueOf(model::TreeEnsemble::parse(random.ubj))), std::move(booster)};
    }
};

/// How many scores differ in a bit.
std::size_t differences(const Engines& engines, std::span<const float> rows) {
    std::vector<float> own(rows.size() / engines.walker.features() * engines.walker.outputs());
    engines.walker.score(rows, own);
    const std::vector<float> theirs = valueOf(engines.booster.predict(rows, engines.walker.features()));
    if (own.size() != theirs.size())
        return own.size();
    std::size_t different = 0;
    for (std::size_t i = 0; i < own.size(); ++i)
        different += std::bit_cast<std::uint32_t>(own[i]) != std::bit_cast<std::uint32_t>(theirs[i]) ? 1 : 0;
    return different;
}

nlohmann::ordered_json compareBits(const model::XgboostLibrary& library, std::size_t models, std::size_t rows) {
    constexpr std::size_t kPart = 1'000;
    std::size_t compared = 0, different = 0;
    for (std::uint64_t seed = 1; seed <= models; ++seed) {
        const RandomModel random = RandomModel::train(library, seed, 40);
        const Engines engines = Engines::of(library, random);
        for (std::size_t part = 0; part < rows / models; part += kPart) {
            const std::vector<float> values = random.rows(kPart, seed * 1'000'003 + part);
            compared += kPart;
            const std::size_t found = differences(engines, values);
            if (found > 0)
                std::cerr << "seed " << seed << ": " << found << " scores differ: " << random.description << '\n';
            different += found;
        }
    }
    return {{"models", models}, {"rows", compared}, {"different_scores", different}};
}

/// Of this thread on a processor: other programs on the machine do not count.
double processorMicroseconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

/// The median time of `repeat` calls, in microseconds.
template <typename Call>
double medianMicroseconds(std::size_t repeat, Call call) {
    std::vector<double> times;
    for (std::size_t i = 0; i < repeat; ++i) {
        const double begin = processorMicroseconds();
        call(i);
        times.push_back(processorMicroseconds() - begin);
    }
    std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(repeat / 2));
    return times[repeat / 2];
}

nlohmann::ordered_json timeEngines(const RandomModel& random, const Engines& engines, std::size_t count,
                                   std::size_t repeat) {
    const std::size_t width = engines.walker.features();
    const std::vector<float> rows = random.rows(std::max<std::size_t>(10'000, count), 7);
    std::vector<float> scores(count);
    const auto part = [&](std::size_t i) {
        return std::span(rows).subspan(i * count % (rows.size() / width - count + 1) * width, count * width);
    };
    const double own = medianMicroseconds(repeat, [&](std::size_t i) { engines.walker.score(part(i), scores); });
    const double theirs =
        medianMicroseconds(repeat, [&](std::size_t i) { valueOf(engines.booster.predict(part(i), width)); });
    return {{"perch_us", own}, {"xgboost_us", theirs},
            {"ratio", theirs / own}};
}

nlohmann::ordered_json timeEngines(const model::XgboostLibrary& library, std::size_t categories) {
    const RandomModel random = RandomModel::ofUsualSize(library, categories);
    const Engines engines = Engines::of(library, random);
    return {{"one_row", timeEngines(random, engines, 1, 10'000)}, {"rows_1000", timeEngines(random, engines, 1'000, 60)}};
}

} // namespace

int main(int argc, char** argv) {
    std::size_t models = 50, rows = 1'000'000;
    CLI::App app("Compares the two engines.");
    app.add_option("--models", models)->capture_default_str();
    app.add_option("--rows", rows, "Over all models")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    const auto library = valueOf(model::XgboostLibrary::load());
    nlohmann::ordered_json document = {{"bits", compareBits(*library, models, rows)},
                                       {"numbers", timeEngines(*library, 0)},
                                       {"with_categories", timeEngines(*library, 8)}};
    std::cout << document.dump(2) << std::endl;
    bool kept = document["bits"]["different_scores"] == 0;
    for (const char* kind : {"numbers", "with_categories"})
        kept = kept && document[kind]["one_row"]["perch_us"].get<double>() <= 10 &&
               document[kind]["rows_1000"]["ratio"].get<double>() >= 1 / 1.2;
    return kept ? 0 : 1;
}
