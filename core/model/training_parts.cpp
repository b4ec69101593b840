#include "core/model/training_parts.h"

#include "core/data/seeded_random.h"
#include "core/data/split_kinds.h"

#include <algorithm>
#include <map>

namespace perch::model {

namespace {

using Kind = spec::SplitSpec::Kind;

bool byColumn(Kind kind) {
    return kind == Kind::Group || kind == Kind::Time;
}

Result<data::Split> cut(const data::Rows& rows, const TrainingLabel& label, std::span<const double> keys, Kind kind,
                        double share, std::uint64_t seed) {
    switch (kind) {
    case Kind::Group:
        return data::groupSplit(rows, keys, share, seed);
    case Kind::Time:
        return data::timeSplit(rows, keys, share);
    case Kind::Stratified:
        if (label.task != Task::Regression)
            return data::stratifiedSplit(rows, label.classOf, share, seed);
        break;
    case Kind::Random:
        break;
    }
    return data::randomSplit(rows, share, seed);
}

/// Rows with the number of their fold, dealt out one by one within what must be spread evenly.
std::vector<data::Rows> dealOut(std::map<double, data::Rows> piles, std::uint32_t folds, std::uint64_t seed) {
    std::vector<data::Rows> parts(folds);
    data::SeededRandom random(seed);
    std::size_t next = 0;
    for (auto& [ignored, pile] : piles) {
        random.shuffle(std::span(pile));
        for (const std::uint32_t row : pile)
            parts[next++ % folds].push_back(row);
    }
    return parts;
}

std::vector<data::Rows> dealGroups(std::map<double, data::Rows> groups, std::uint32_t folds, std::uint64_t seed) {
    std::vector<const data::Rows*> order;
    for (const auto& [ignored, members] : groups)
        order.push_back(&members);
    data::SeededRandom random(seed);
    random.shuffle(std::span(order));
    std::vector<data::Rows> parts(folds);
    for (const data::Rows* members : order) {
        data::Rows& smallest = *std::ranges::min_element(parts, {}, &data::Rows::size);
        smallest.insert(smallest.end(), members->begin(), members->end());
    }
    return parts;
}

/// Blocks in the order of time; ties stay in one block.
std::vector<data::Rows> blocksOf(const std::map<double, data::Rows>& times, std::size_t rows, std::uint32_t blocks) {
    std::vector<data::Rows> parts(blocks);
    std::size_t done = 0;
    for (const auto& [ignored, members] : times) {
        data::Rows& part = parts[std::min<std::size_t>(done * blocks / rows, blocks - 1)];
        part.insert(part.end(), members.begin(), members.end());
        done += members.size();
    }
    return parts;
}

std::vector<Fold> rollingFolds(const std::vector<data::Rows>& blocks) {
    std::vector<Fold> folds;
    data::Rows before;
    for (std::size_t i = 0; i + 1 < blocks.size(); ++i) {
        before.insert(before.end(), blocks[i].begin(), blocks[i].end());
        folds.push_back({before, blocks[i + 1]});
    }
    return folds;
}

std::vector<Fold> leaveOneOut(const std::vector<data::Rows>& parts) {
    std::vector<Fold> folds;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        Fold& fold = folds.emplace_back(Fold{{}, parts[i]});
        for (std::size_t j = 0; j < parts.size(); ++j) {
            if (j != i)
                fold.train.insert(fold.train.end(), parts[j].begin(), parts[j].end());
        }
    }
    return folds;
}

} // namespace

std::string_view toString(Kind kind) {
    switch (kind) {
    case Kind::Stratified:
        return "stratified";
    case Kind::Random:
        return "random";
    case Kind::Group:
        return "group";
    case Kind::Time:
        return "time";
    }
    return "unknown";
}

bool needsValidation(const spec::TrainingSpec& training, const spec::ThresholdSpec& threshold, Task task) {
    return training.earlyStopping > 0 || (task == Task::Binary && threshold.rule == spec::ThresholdSpec::Rule::Cost);
}

Result<TrainingParts> splitRows(const data::Table& table, const TrainingLabel& label,
                                const spec::TrainingSpec& training, const spec::ThresholdSpec& threshold) {
    const spec::SplitSpec& split = training.split;
    std::vector<double> keys;
    if (byColumn(split.kind))
        keys = TRY(data::splitKeys(table, split.column));
    data::Split test = TRY(cut(data::allRows(table.rows), label, keys, split.kind, split.testShare, training.seed));
    if (!needsValidation(training, threshold, label.task))
        return TrainingParts{std::move(test.kept), {}, std::move(test.cut)};
    data::Split validation = TRY(cut(test.kept, label, keys, split.kind, split.validationShare, training.seed + 1));
    return TrainingParts{std::move(validation.kept), std::move(validation.cut), std::move(test.cut)};
}

Result<std::vector<Fold>> foldRows(const data::Table& table, const data::Rows& rows, const TrainingLabel& label,
                                   const spec::TrainingSpec& training, std::uint32_t count) {
    const Kind kind = training.split.kind;
    std::vector<double> keys;
    if (byColumn(kind))
        keys = TRY(data::splitKeys(table, training.split.column));
    const bool classes = kind == Kind::Stratified && label.task != Task::Regression;
    std::map<double, data::Rows> piles;
    for (const std::uint32_t row : rows)
        piles[byColumn(kind) ? keys[row] : classes ? label.classOf[row] : 0].push_back(row);
    std::vector<Fold> folds = kind == Kind::Time    ? rollingFolds(blocksOf(piles, rows.size(), count + 1))
                              : kind == Kind::Group ? leaveOneOut(dealGroups(std::move(piles), count, training.seed + 2))
                                                    : leaveOneOut(dealOut(std::move(piles), count, training.seed + 2));
    for (Fold& fold : folds) {
        if (fold.train.empty() || fold.validation.empty())
            return fail(ErrorCode::InvalidInput, "{} rows cannot be cut into {} folds by {}.", rows.size(), count,
                        toString(kind));
        std::ranges::sort(fold.train);
        std::ranges::sort(fold.validation);
    }
    return folds;
}

} // namespace perch::model
