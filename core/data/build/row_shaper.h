#pragma once

#include "core/data/build/bad_cells.h"
#include "core/data/row/row_transform.h"
#include "core/spec/build_spec.h"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace arrow {
class RecordBatch;
}

namespace perch::data {

/// A column of the rows on their way through a build.
struct ShapedColumn {
    enum class Kind { Number, Timestamp, Boolean, Text } kind = Kind::Text;
    std::string name;
    std::optional<spec::ColumnType> declared = {};
    bool mayBeNumber = false, mayBeBoolean = false; ///< Text without a declared type: what all cells so far allow
    bool anyValue = false;

    /// What the column is in the end: the same as an undeclared column of any table.
    Kind finalKind() const;
};

/// `number`, `timestamp`, `boolean`, `category`
std::string_view toString(ShapedColumn::Kind kind);

/// Gives the rows of the table their declared types, batch by batch. What is a key or a label stays a text.
/// One thread at a time.
class RowShaper {
public:
    /// `build` must outlive it. `keys` are texts whatever is declared, so that `007` stays `007`; `times` are
    /// timestamps; the label is a text unless a type is declared for it.
    RowShaper(const spec::BuildSpec& build, std::string source, std::set<std::string> keys,
              std::set<std::string> times, std::string label);

    /// The batch without rejected rows: float64, timestamp[us, UTC], bool and utf8 columns. Null is missing. `place`
    /// names a row of the batch.
    Result<std::shared_ptr<arrow::RecordBatch>> shape(const arrow::RecordBatch& batch, BadCellLog& bad,
                                                      const std::function<std::string(std::int64_t)>& place);
    const std::vector<ShapedColumn>& columns() const { return m_columns; }
    std::uint64_t rejected() const { return m_rejected; }

private:
    void learnColumns(const arrow::RecordBatch& batch);

    const spec::BuildSpec* m_build;
    std::string m_source;
    std::set<std::string> m_keys, m_times;
    std::string m_label;
    std::vector<ShapedColumn> m_columns;
    std::uint64_t m_rejected = 0;
};

/// The columns in their final kinds: texts that are all numbers or all true and false become such.
Result<std::shared_ptr<arrow::RecordBatch>> toFinalKinds(const arrow::RecordBatch& batch,
                                                         const std::vector<ShapedColumn>& columns);

} // namespace perch::data
