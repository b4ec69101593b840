#include "core/data/build/key_index.h"

#include "core/data/build/partition_file.h"
#include "tests/support/test_support.h"

#include <map>
#include <random>

namespace perch::data {
namespace {

/// Keys on either side of the length that fits into a slot, many of which differ in the last byte or in length only.
TEST(KeyIndex, NumbersKeysAsAMapDoes) {
    std::mt19937_64 random(3);
    std::map<std::string, std::uint32_t> expected;
    KeyIndex index;
    std::vector<std::string> keys;
    for (int i = 0; i < 20'000; ++i) {
        std::string key(random() % 16, '\0');
        for (std::size_t at = key.size() - std::min<std::size_t>(key.size(), 2); at < key.size(); ++at)
            key[at] = static_cast<char>(random() % 40);
        if (random() % 2 == 0)
            key += std::to_string(random() % 5'000);
        EXPECT_EQ(index.add(key), expected.try_emplace(key, static_cast<std::uint32_t>(expected.size())).first->second);
        keys.push_back(std::move(key));
    }
    EXPECT_EQ(index.size(), expected.size());
    EXPECT_GT(expected.size(), 3'000u); // it has grown
    keys.insert(keys.end(), {"never", "never seen before", std::string(11, '\xFF'), std::string(12, '\xFF')});
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    const std::vector<std::uint32_t> found = index.find(views);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto entry = expected.find(keys[i]);
        EXPECT_EQ(found[i], entry == expected.end() ? KeyIndex::kNone : entry->second);
        EXPECT_EQ(index.find(keys[i]).value_or(KeyIndex::kNone), found[i]);
    }
    std::map<std::string, std::uint32_t> visited;
    index.forEach([&](std::string_view key, std::uint32_t number) { visited.emplace(key, number); });
    EXPECT_EQ(visited, expected);
}

/// In memory, in a file, and in a file after some were in memory.
TEST(PartitionFile, GivesTheRecordsOfAPartitionInOrder) {
    const test::Folder folder;
    for (const std::size_t inMemory : {std::size_t{0}, std::size_t{300'000}, std::size_t{1} << 30}) {
        PartitionFile file(folder.path(), inMemory);
        std::vector<std::string> expected(PartitionFile::kPartitions);
        for (std::uint32_t i = 0; i < 100'000; ++i) {
            const std::size_t partition = i % 7 == 0 ? 63 : i % 5;
            std::string record;
            putValue(record, i);
            expected[partition] += record;
            ASSERT_TRUE(test::succeeded(file.append(partition, record)));
        }
        ASSERT_TRUE(test::succeeded(file.finish()));
        EXPECT_EQ(file.inFile(), inMemory < 400'000);
        for (std::size_t partition = 0; partition < PartitionFile::kPartitions; ++partition) {
            PartitionFile::Reader reader(file, partition);
            std::string read;
            for (std::string_view records = test::valueOf(reader.next()); !records.empty();
                 records = test::valueOf(reader.next()))
                read += records;
            EXPECT_EQ(read, expected[partition]) << partition;
        }
    }
}

} // namespace
} // namespace perch::data
