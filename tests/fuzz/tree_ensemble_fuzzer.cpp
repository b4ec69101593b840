#include "core/model/predict/tree_walker.h"
#include "tests/fuzz/fuzzer.h"

#include <cmath>
#include <limits>

/// The model.ubj of a package: what is read as trees leads every row to leaves.
PERCH_FUZZER(tree_ensemble) {
    using namespace perch;
    Result<model::TreeEnsemble> trees = model::TreeEnsemble::parse(bytes);
    fuzz::requireSentence(trees);
    constexpr std::size_t kMostFeatures = 4'096;
    if (!trees || trees->features > kMostFeatures)
        return;
    fuzz::require(!trees->base.empty() && trees->features > 0, "a model has features and outputs");
    fuzz::require(trees->nodes.size() <= bytes.size(), "a model has no more nodes than bytes");
    const model::TreeWalker walker(*std::move(trees));
    constexpr float kValues[] = {0, 1, -1, 3, 31, 32, 16'777'216, 1e30F, -1e30F, std::numeric_limits<float>::infinity(),
                                 std::numeric_limits<float>::quiet_NaN()};
    // More rows than go through a tree in step, and a rest.
    constexpr std::size_t kRows = 19;
    std::vector<float> rows(kRows * walker.features()), scores(kRows * walker.outputs());
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i] = kValues[(i + i / walker.features()) % std::size(kValues)];
    walker.score(rows, scores);
    std::vector<float> alone(walker.outputs());
    walker.score(std::span(rows).first(walker.features()), alone);
    for (std::size_t i = 0; i < alone.size(); ++i)
        fuzz::require(alone[i] == scores[i] || (std::isnan(alone[i]) && std::isnan(scores[i])),
                      "a row alone scores as among others");
}
