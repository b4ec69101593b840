#include "core/training/unseen_rows.h"

#include "core/data/split_kinds.h"

namespace perch::training {

namespace {

using Kind = spec::SplitSpec::Kind;

bool sameSplit(const model::Capsule& a, const model::Capsule& b) {
    const spec::SplitSpec &one = a.training.split, &two = b.training.split;
    return one.kind == two.kind && one.column == two.column && one.testShare == two.testShare &&
           a.training.seed == b.training.seed && a.label == b.label && a.positive == b.positive &&
           a.training.task == b.training.task;
}

data::Rows newerThan(const data::Column& column, const data::Rows& rows, const data::Cell& time) {
    data::Rows newer;
    for (const std::uint32_t row : rows) {
        const data::Cell cell = column.cell(row);
        if (cell.index() == time.index() && time < cell)
            newer.push_back(row);
    }
    return newer;
}

} // namespace

Result<UnseenRows> findUnseenRows(const model::Capsule& candidate, const model::Capsule& production,
                                  const data::Table& table, const data::Rows& test, const data::Table* holdout) {
    if (holdout != nullptr) {
        const std::string content = holdout->fingerprint.content.hex();
        if (content == candidate.content || content == production.content)
            return fail(ErrorCode::InvalidInput, "{} is what {} was trained on; rows held out must be others.",
                        holdout->fingerprint.source,
                        content == candidate.content ? "the new version" : "production");
        return UnseenRows{holdout, data::allRows(holdout->rows),
                          fmt::format("the rows of {}", holdout->fingerprint.source)};
    }
    if (candidate.fingerprint == production.fingerprint && sameSplit(candidate, production))
        return UnseenRows{&table, test, "the test part, which is the same for both"};
    const spec::SplitSpec &one = candidate.training.split, &two = production.training.split;
    if (one.kind == Kind::Time && two.kind == Kind::Time && one.column == two.column &&
        production.trainedUntil.index() != 0) {
        const data::Column* column = TRY(table.column(one.column));
        return UnseenRows{&table, newerThan(*column, test, production.trainedUntil),
                          fmt::format("the test rows that are newer in {} than all that either learned from", one.column)};
    }
    return UnseenRows{&table, {}, "no rows are known that neither version was trained on; name some with --holdout"};
}

} // namespace perch::training
