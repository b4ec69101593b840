/// Does a dragged threshold change every number on Evaluate within a frame?
///
///     QT_QPA_PLATFORM=offscreen build/release/bin/bench_threshold [rows]
///
/// Two versions scored the same rows, 1,000,000 by default. The threshold is dragged from 0.01 to 0.99 and back as the
/// window does it: the screen's value is made anew, shown and painted. Of three drags the fastest counts for each
/// position, for what else the machine does is no part of it. Printed are the median and the longest of all positions;
/// exits 1 if the longest took more than 16 ms.
#include "core/evaluate/evaluated_model.h"
#include "core/present/evaluate_screen.h"
#include "widgets/evaluate/evaluate_page.h"
#include "widgets/support/perch_style.h"

#include <QApplication>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <vector>

namespace {

using namespace perch;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr double kFrame = 16; // milliseconds

Result<evaluate::EvaluatedModel> evaluated(const char* title, double skill, std::size_t rows) {
    std::mt19937_64 random(7);
    std::normal_distribution<double> noise;
    std::vector<float> scores;
    std::vector<std::uint8_t> labels;
    for (std::size_t i = 0; i < rows; ++i) {
        labels.push_back(random() % 4 == 0 ? 1 : 0);
        const double logit = (labels.back() == 1 ? skill : -skill) - 0.8 + 1.5 * noise(random);
        scores.push_back(static_cast<float>(1 / (1 + std::exp(-logit))));
    }
    evaluate::EvaluationOptions options;
    options.resamples = 100; // intervals that a threshold does not move
    evaluate::EvaluatedModel model = TRY(evaluate::evaluateScores(scores, labels, 0.5, options, {}));
    model.title = title;
    return model;
}

Result<evaluate::Evaluation> evaluation(std::size_t rows) {
    evaluate::Evaluation evaluation;
    evaluation.model = *ModelName::parse("bench");
    evaluation.positive = "yes";
    evaluation.candidate = TRY(evaluated("v2", 1.1, rows));
    evaluation.baseline = TRY(evaluated("v1", 0.8, rows));
    const auto& matrix = evaluation.candidate.confusion;
    evaluation.positives = matrix.truePositives + matrix.falseNegatives;
    evaluation.rows = rows;
    return evaluation;
}

} // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    widgets::applyLook();
    const std::size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    const Result<evaluate::Evaluation> shown = evaluation(rows);
    if (!shown) {
        fmt::print(stderr, "bench_threshold: {}\n", shown.error().message);
        return 2;
    }
    widgets::EvaluatePage page;
    page.resize(1'394, 900);
    page.setValue(present::makeEvaluateScreen(*shown));
    page.show();
    QCoreApplication::processEvents();
    std::vector<double> took(197, std::numeric_limits<double>::infinity());
    for (int drag = 0; drag < 3; ++drag)
        for (int step = 1; step < 198; ++step) {
            const double threshold = (step < 99 ? step : 198 - step) / 100.0;
            const auto begin = std::chrono::steady_clock::now();
            page.setValue(present::makeEvaluateScreen(*shown, threshold));
            QCoreApplication::processEvents(); // paints what has changed
            const double time = Milliseconds(std::chrono::steady_clock::now() - begin).count();
            took[step - 1] = std::min(took[step - 1], time);
        }
    std::ranges::sort(took);
    fmt::print("{} rows, {} positions of the threshold: median {:.1f} ms, longest {:.1f} ms (a frame: {} ms)\n", rows,
               took.size(), took[took.size() / 2], took.back(), kFrame);
    return took.back() <= kFrame ? 0 : 1;
}
