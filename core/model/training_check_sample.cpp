#include "core/model/training_check_sample.h"

#include "core/data/seeded_random.h"

#include <algorithm>
#include <numeric>

namespace perch::model {

namespace {

using data::Cell;
using data::FeatureBins;
using data::Field;
using data::FieldType;
using data::SeededRandom;

std::size_t drawBin(const FeatureBins& bins, SeededRandom& random) {
    const std::uint64_t total = std::accumulate(bins.counts.begin(), bins.counts.end(), std::uint64_t{0});
    std::uint64_t left = random.below(std::max<std::uint64_t>(total, 1));
    for (std::size_t bin = 0; bin + 1 < bins.counts.size(); ++bin) {
        if (left < bins.counts[bin])
            return bin;
        left -= bins.counts[bin];
    }
    return bins.counts.size() - 1;
}

/// The outer bins have no outer edge: there a number is drawn from an interval as wide as the whole inner range.
double drawNumber(const FeatureBins& bins, std::size_t bin, SeededRandom& random) {
    if (bins.edges.empty())
        return 0;
    const double width = std::max(bins.edges.back() - bins.edges.front(), 1.0);
    const double low = bin == 0 ? bins.edges.front() - width : bins.edges[bin - 1];
    const double high = bin == bins.edges.size() ? bins.edges.back() + width : bins.edges[bin];
    return high - (high - low) * random.uniform();
}

Cell drawCategory(const Field& field, SeededRandom& random) {
    return field.categories.empty() ? Cell() : Cell(field.categories[random.below(field.categories.size())]);
}

Cell drawCell(const Field& field, const FeatureBins* bins, SeededRandom& random) {
    if (bins == nullptr)
        return field.type == FieldType::Category ? drawCategory(field, random) : Cell();
    const std::size_t bin = drawBin(*bins, random);
    if (bin == bins->binOfMissing())
        return Cell();
    if (field.type == FieldType::Number)
        return drawNumber(*bins, bin, random);
    if (field.type == FieldType::Boolean)
        return bin == 1;
    const auto named = std::find_if(field.categories.begin(), field.categories.end(), [&](const std::string& category) {
        return data::categoryBinLabel(category) == bins->labels[bin];
    });
    return named != field.categories.end() ? Cell(*named) : drawCategory(field, random);
}

} // namespace

CheckSample drawCheckSample(const data::RowTransform& transform, const data::ReferenceProfile& profile,
                            std::size_t rows, std::uint64_t seed) {
    std::vector<const FeatureBins*> binsOf(transform.width(), nullptr);
    for (const FeatureBins& bins : profile.features)
        binsOf[*transform.find(bins.feature)] = &bins;
    SeededRandom random(seed);
    CheckSample sample;
    for (std::size_t row = 0; row < rows; ++row) {
        std::vector<Cell>& cells = sample.rows.emplace_back();
        for (std::size_t i = 0; i < transform.width(); ++i)
            cells.push_back(drawCell(transform.fields()[i], binsOf[i], random));
    }
    return sample;
}

} // namespace perch::model
