#include "core/data/source/read_ahead.h"
#include "tests/support/test_support.h"

#include <arrow/api.h>

#include <atomic>
#include <stdexcept>

namespace perch::data {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

/// Some batches of one row each, then the end, an error or an exception.
class PlayedSource final : public BatchSource {
public:
    enum class End { Good, Error, Exception };
    PlayedSource(std::size_t batches, End end) : m_batches(batches), m_end(end) {}

    const std::vector<std::string>& columns() const override { return m_columns; }
    Result<std::optional<SourceBatch>> next(std::stop_token) override {
        EXPECT_FALSE(m_used.exchange(true)) << "used by two threads";
        const std::size_t row = ++m_given;
        m_used = false;
        if (row <= m_batches)
            return SourceBatch{arrow::RecordBatch::Make(arrow::schema({}), 1, arrow::ArrayVector()), row};
        if (m_end == End::Exception)
            throw std::runtime_error("thrown");
        if (m_end == End::Error)
            return fail(ErrorCode::Unavailable, "the cable is cut");
        return std::optional<SourceBatch>();
    }
    std::string place(std::uint64_t row) const override {
        EXPECT_FALSE(m_used.exchange(true)) << "used by two threads";
        m_used = false;
        return fmt::format("row {}", row);
    }
    Digest content() const override { return {}; }
    const SourceCounts& counts() const override { return m_counts; }
    std::string name() const override { return "played"; }
    double share() const override { return static_cast<double>(m_given) / static_cast<double>(m_batches + 1); }
    std::size_t given() const { return m_given; }

private:
    std::vector<std::string> m_columns;
    SourceCounts m_counts;
    std::size_t m_batches;
    End m_end;
    std::size_t m_given = 0;
    mutable std::atomic<bool> m_used = false;
};

/// Takes the batches in order, asking for places meanwhile.
void takeAll(ReadAhead& ahead, std::size_t batches) {
    for (std::size_t row = 1; row <= batches; ++row) {
        const std::optional<SourceBatch> batch = valueOf(ahead.next());
        ASSERT_TRUE(batch);
        EXPECT_EQ(batch->firstRow, row);
        EXPECT_DOUBLE_EQ(ahead.share(), static_cast<double>(row) / static_cast<double>(batches + 1));
        EXPECT_EQ(ahead.place(row), fmt::format("row {}", row));
    }
}

TEST(ReadAhead, GivesEveryBatchOnceAndThenTheEnd) {
    PlayedSource source(40, PlayedSource::End::Good);
    ReadAhead ahead(source, {});
    takeAll(ahead, 40);
    EXPECT_FALSE(valueOf(ahead.next()));
    EXPECT_FALSE(valueOf(ahead.next()));
    EXPECT_EQ(source.given(), 41U);
}

TEST(ReadAhead, GivesAnErrorInItsPlace) {
    PlayedSource failing(5, PlayedSource::End::Error);
    ReadAhead ahead(failing, {});
    takeAll(ahead, 5);
    EXPECT_THAT(ahead.next(), failsWith(ErrorCode::Unavailable, HasSubstr("the cable is cut")));
    PlayedSource throwing(5, PlayedSource::End::Exception);
    ReadAhead other(throwing, {});
    takeAll(other, 5);
    EXPECT_THROW((void)other.next(), std::runtime_error);
}

TEST(ReadAhead, StaysAFewBatchesAhead) {
    PlayedSource source(1'000, PlayedSource::End::Good);
    {
        ReadAhead ahead(source, {});
        valueOf(ahead.next());
        valueOf(ahead.next());
    }
    EXPECT_LE(source.given(), 8U);
}

} // namespace
} // namespace perch::data
