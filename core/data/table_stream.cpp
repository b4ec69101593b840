#include "core/data/table_stream.h"

#include <arrow/record_batch.h>

#include <atomic>
#include <future>

namespace perch::data {

namespace {

/// A part of a source that ends after so many rows. The first batch of each part is fetched ahead, so that the end of
/// the source is known before a part begins.
class SourcePart final : public BatchSource {
public:
    SourcePart(BatchSource& source, std::size_t limit) : m_source(&source), m_limit(limit) {}

    /// Whether there is another part.
    Result<bool> begin(const std::stop_token& stop) {
        m_before += m_given;
        m_given = 0;
        m_ahead = TRY(m_source->next(stop));
        return m_ahead.has_value();
    }

    const std::vector<std::string>& columns() const override { return m_source->columns(); }
    Result<std::optional<SourceBatch>> next(std::stop_token stop) override {
        std::optional<SourceBatch> batch = std::exchange(m_ahead, std::nullopt);
        if (!batch && m_given < m_limit)
            batch = TRY(m_source->next(std::move(stop)));
        if (batch)
            m_given += static_cast<std::size_t>(batch->rows->num_rows());
        return batch;
    }
    std::string place(std::uint64_t row) const override { return m_source->place(m_before + row); }
    Digest content() const override { return {}; }
    const SourceCounts& counts() const override { return m_source->counts(); }
    std::string name() const override { return m_source->name(); }
    bool hasHeader() const override { return m_source->hasHeader(); }

private:
    BatchSource* m_source;
    std::size_t m_limit;
    std::size_t m_given = 0;
    std::uint64_t m_before = 0;
    std::optional<SourceBatch> m_ahead;
};

} // namespace

struct TableStream::State {
    std::unique_ptr<BatchSource> source;
    const Clock* clock = nullptr;
    ReadOptions options;
    std::unique_ptr<SourcePart> part;
    std::atomic<double> share{0};
    bool any = false;
    std::future<Result<std::optional<Table>>> ahead; ///< last: its thread ends before what it uses goes

    Result<std::optional<Table>> read(const std::stop_token& stop) {
        if (!TRY(part->begin(stop))) {
            if (any)
                return std::optional<Table>();
            return fail(ErrorCode::InvalidInput, "{} has {}no rows.", source->name(),
                        source->hasHeader() ? "a header but " : "");
        }
        any = true;
        Table table = TRY(readTable(*part, *clock, options, stop));
        share = source->share();
        return std::optional(std::move(table));
    }
};

TableStream::TableStream(std::unique_ptr<State> state) : m_state(std::move(state)) {}
TableStream::TableStream(TableStream&&) noexcept = default;
TableStream& TableStream::operator=(TableStream&&) noexcept = default;
TableStream::~TableStream() = default;

Result<TableStream> TableStream::open(const spec::SourceSpec& source, const SourceContext& context,
                                      const ReadOptions& options, std::size_t rowsAtOnce, std::stop_token stop) {
    auto state = std::make_unique<State>();
    state->source = TRY(openSource(source, context, std::move(stop)));
    state->clock = context.clock;
    state->options = options;
    state->part = std::make_unique<SourcePart>(*state->source, rowsAtOnce);
    return TableStream(std::move(state));
}

Result<std::optional<Table>> TableStream::next(std::stop_token stop) {
    State& state = *m_state;
    Result<std::optional<Table>> table = state.ahead.valid() ? state.ahead.get() : state.read(stop);
    if (table && *table)
        state.ahead = std::async(std::launch::async, [&state, stop] { return state.read(stop); });
    return table;
}

const std::vector<std::string>& TableStream::columns() const {
    return m_state->source->columns();
}

std::string TableStream::name() const {
    return m_state->source->name();
}

double TableStream::share() const {
    return m_state->share;
}

Digest TableStream::content() const {
    return m_state->source->content();
}

} // namespace perch::data
