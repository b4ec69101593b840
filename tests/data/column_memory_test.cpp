#include "core/data/column_memory.h"
#include "core/data/learned_transform.h"
#include "core/data/read_table.h"
#include "core/data/table_encoder.h"
#include "tests/support/test_support.h"

#include <bit>
#include <cstring>
#include <fstream>
#include <random>

namespace perch::data {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

/// Large enough for columns that lie in files.
class TableInFiles : public testing::Test {
protected:
    static constexpr int kRows = 140'000;

    void SetUp() override {
        std::mt19937_64 random(3);
        std::string text = "n,home,flag\n";
        for (int i = 0; i < kRows; ++i)
            text += fmt::format("{},{},{}\n", random() % 9 == 0 ? "" : fmt::format("{}", random() % 100'000),
                                random() % 7 == 0 ? "NA" : fmt::format("h{}", random() % 40),
                                random() % 2 == 0 ? "true" : "false");
        std::ofstream(m_folder / "t.csv") << text;
    }
    Result<Table> read(std::size_t inMemory) const {
        return readTable(sourceOfPath((m_folder / "t.csv").string()), {.clock = &m_clock},
                         {.inMemory = inMemory, .folder = m_folder / "spill"});
    }
    static std::vector<std::uint32_t> bitsOf(const std::vector<float>& values) {
        std::vector<std::uint32_t> bits;
        for (const float value : values)
            bits.push_back(std::bit_cast<std::uint32_t>(value));
        return bits;
    }

    test::Folder m_folder;
    ManualClock m_clock{fromMillis(1'000)};
};

TEST_F(TableInFiles, IsTheSameTable) {
    const Table inMemory = valueOf(read(kTableInMemory)); // needs no folder
    std::filesystem::create_directory(m_folder / "spill");
    const Table inFiles = valueOf(read(0));
    EXPECT_TRUE(std::filesystem::is_empty(m_folder / "spill")) << "the files have names";
    ASSERT_EQ(inFiles.rows, inMemory.rows);
    EXPECT_EQ(inFiles.fingerprint.digest(), inMemory.fingerprint.digest());
    inFiles.release(); // nothing is lost
    const Table copy = inFiles;
    for (std::size_t i = 0; i < inMemory.columns.size(); ++i) {
        const Column &a = inMemory.columns[i], &b = inFiles.columns[i], &c = copy.columns[i];
        EXPECT_EQ(b.missing, a.missing);
        EXPECT_EQ(b.categories, a.categories);
        EXPECT_TRUE(std::ranges::equal(b.codes, a.codes) && std::ranges::equal(c.codes, a.codes));
        ASSERT_EQ(b.numbers.size(), a.numbers.size());
        ASSERT_EQ(c.numbers.size(), a.numbers.size());
        if (a.numbers.empty())
            continue;
        EXPECT_EQ(std::memcmp(b.numbers.data(), a.numbers.data(), a.numbers.size() * sizeof(double)), 0);
        EXPECT_EQ(std::memcmp(c.numbers.data(), a.numbers.data(), a.numbers.size() * sizeof(double)), 0);
    }
    const Rows rows = allRows(inMemory.rows);
    const auto transform = valueOf(learnTransform(inMemory, {0, 1, 2}, rows, Imputation::Off));
    const auto encoded = [&](const Table& table) {
        return bitsOf(valueOf(TableEncoder::create(table, transform)).encode(rows));
    };
    EXPECT_EQ(encoded(inFiles) == encoded(inMemory), true);
}

TEST_F(TableInFiles, WithoutRoomOnTheDiskItDoesNotFit) {
    EXPECT_THAT(read(0), failsWith(ErrorCode::Unavailable, HasSubstr("does not fit into memory")));
}

TEST(ColumnMemory, KeepsToItsBound) {
    const test::Folder folder;
    ColumnMemory memory(folder.path(), 3 << 20);
    void* onHeap = memory.allocate(2 << 20);
    void* inFile = memory.allocate(2 << 20);
    std::memset(onHeap, 1, 2 << 20);
    std::memset(inFile, 2, 2 << 20);
    memory.release(onHeap);
    memory.release(inFile);
    EXPECT_EQ(static_cast<char*>(onHeap)[(2 << 20) - 1], 1);
    EXPECT_EQ(static_cast<char*>(inFile)[(2 << 20) - 1], 2);
    memory.deallocate(onHeap, 2 << 20);
    std::filesystem::remove_all(folder.path());
    void* again = memory.allocate(2 << 20); // there is room on the heap again, and no folder for a file
    EXPECT_THROW(memory.allocate(2 << 20), std::bad_alloc);
    memory.deallocate(again, 2 << 20);
    memory.deallocate(inFile, 2 << 20);
}

} // namespace
} // namespace perch::data
