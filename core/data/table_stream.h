#pragma once

#include "core/data/read_table.h"

#include <memory>

namespace perch::data {

/// A source as tables of a bounded number of rows, so that files larger than memory can be scored and measured. The
/// next table is read on a thread of its own while the caller works on the last one. One thread at a time.
class TableStream {
public:
    static constexpr std::size_t kRowsAtOnce = 262'144;

    /// Every column that is kept must have a declared type: it would otherwise be inferred anew for each table.
    static Result<TableStream> open(const spec::SourceSpec& source, const SourceContext& context,
                                    const ReadOptions& options, std::size_t rowsAtOnce = kRowsAtOnce,
                                    std::stop_token stop = {});
    TableStream(TableStream&&) noexcept;
    TableStream& operator=(TableStream&&) noexcept;
    ~TableStream(); ///< waits for the table under way; `stop` makes that quick

    /// Nothing at the end. Errors are those of readTable; rows are counted over the whole source.
    Result<std::optional<Table>> next(std::stop_token stop = {});
    const std::vector<std::string>& columns() const;
    std::string name() const;
    /// How much of the source has been read, 0 if that is unknown.
    double share() const;
    /// The digest of the bytes that were read. Valid at the end.
    Digest content() const;

private:
    struct State;
    explicit TableStream(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace perch::data
