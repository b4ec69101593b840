#include "core/base/json.h"
#include "tests/build/build_fixture.h"

#include <arrow/memory_pool.h>
#include <nlohmann/json.hpp>

#include <random>
#include <set>

namespace perch::data {
namespace {

namespace fs = std::filesystem;
using test::failsWith;
using test::valueOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class Dataset : public BuildTest {
protected:
    /// What lies in a folder, below it too, but for the folder of locks.
    std::vector<std::string> filesIn(const fs::path& folder) const {
        std::vector<std::string> names;
        std::error_code code;
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, code)) {
            if (entry.path().filename() != ".lock")
                names.push_back(fs::relative(entry.path(), folder).string());
        }
        std::sort(names.begin(), names.end());
        return names;
    }
};

constexpr const char* kTyped = "data: a.csv\ntypes: {spent: money, since: timestamp, active: boolean, zip: category}\n";
constexpr const char* kCells = "id,spent,since,active,zip,note\n"
                               "1,\"1,234.50\",2026-05-01T12:00:00+02:00,yes,00123,=1+1\n"
                               "2,(3.10),2026-05-01,no,NA,plain\n"
                               "3,=1+1,soon,perhaps,7,\n";

TEST_F(Dataset, ABadCellStopsTheBuild) {
    write("a.csv", kCells);
    EXPECT_THAT(tryBuild(kTyped), failsWith(ErrorCode::InvalidInput,
                                            HasSubstr("row 4: the column \"spent\" holds \"=1+1\" where an amount of money")));
    EXPECT_FALSE(fs::exists(m_folder / "out"));
}

TEST_F(Dataset, ABadCellBecomesMissingAndIsCounted) {
    write("a.csv", kCells);
    const BuildReport report = build(std::string(kTyped) + "bad_cells: missing\n");
    // A text stays as it was; who reads it says that it is no number.
    EXPECT_THAT(rows({.declared = {{"zip", FieldType::Category}}}), ElementsAre(Pair("1", "1234.5 1.77763e+09 true 00123 =1+1"), Pair("2", "-3.1 1.77759e+09 false - plain"),
                                    Pair("3", "- - - 7 -")));
    ASSERT_EQ(report.badColumns.size(), 3u);
    const BadColumn& bad = report.badColumns[2];
    EXPECT_EQ(bad.column, "spent");
    EXPECT_EQ(bad.count, 1u);
    ASSERT_EQ(bad.first.size(), 1u);
    EXPECT_THAT(bad.first[0].place, HasSubstr("row 4"));
    EXPECT_EQ(bad.first[0].text, "=1+1");
    EXPECT_EQ(report.rowsRejected, 0u);
}

TEST_F(Dataset, ARowWithABadCellIsRejected) {
    write("a.csv", kCells);
    const BuildReport report = build(std::string(kTyped) + "bad_cells: reject\n");
    EXPECT_EQ(rows().size(), 2u);
    EXPECT_EQ(report.rowsRead, 3u);
    EXPECT_EQ(report.rowsRejected, 1u);
    EXPECT_EQ(report.rowsWritten, 2u);
    write("a.csv", "id,spent,since,active,zip,note\n1,x,,,,\n");
    EXPECT_THAT(tryBuild(std::string(kTyped) + "bad_cells: reject\n"),
                failsWith(ErrorCode::InvalidInput, HasSubstr("no rows that are not rejected")));
    EXPECT_EQ(rows().size(), 2u); // the build before is still there
}

TEST_F(Dataset, TheNewestRowOfAKeyStays) {
    write("a.csv", "email,name,updated\nA@x.org,old,2026-01-01\na@x.org ,new,2026-03-01T00:00:00+01:00\na@X.org,middle,2026-02-01\n"
                   "b@x.org,first,2026-01-01\nb@x.org,last,2026-01-01\n,nobody,2026-01-01\n,nobody either,\n");
    const BuildReport report = build("data: a.csv\ndeduplicate: {by: email, ignore_case: true, newest: updated}\n");
    std::set<std::string> names;
    const Table built = table();
    for (std::size_t row = 0; row < built.rows; ++row)
        names.insert(shown(valueOf(built.column("name"))->cell(row)));
    EXPECT_THAT(names, ElementsAre("last", "new", "nobody", "nobody either"));
    EXPECT_EQ(report.rowsDuplicate, 3u);
    build("data: a.csv\ndeduplicate: {by: email}\n"); // letter case counts, the last row wins
    EXPECT_EQ(table().rows, 6u);
}

/// Keys that went through a file, from the first one or after some, leave the same rows.
TEST_F(Dataset, KeysInAFileLeaveTheSameRows) {
    std::mt19937_64 random(5);
    std::string text = "row,email,name,updated\n";
    for (int i = 0; i < 3'000; ++i)
        text += fmt::format("{},{},{},{}\n", i, random() % 20 == 0 ? "" : fmt::format("{}{}@x.org", random() % 2 == 0 ? "A" : "a", random() % 700),
                            random() % 3, random() % 10 == 0 ? "" : fmt::format("2026-01-{:02}", 1 + random() % 28));
    write("a.csv", text);
    const char* yaml = "data: a.csv\ndeduplicate: {by: [email, name], ignore_case: true, newest: updated}\n";
    build(yaml);
    const auto expected = rows();
    EXPECT_LT(expected.size(), 2'500u);
    for (const std::size_t inMemory : {0u, 40'000u}) {
        const BuildReport report = valueOf(tryBuild(yaml, {.inMemory = inMemory}));
        EXPECT_EQ(rows(), expected) << inMemory;
        EXPECT_EQ(report.rowsWritten, expected.size());
    }
}

TEST_F(Dataset, WhatWasInFilesIsGone) {
    write("rows.csv", "id,seen\n1,2026-05-01\n1,2026-05-02\n2,2026-05-01\n");
    write("events.csv", "id,at\n1,2026-04-01\n2,2026-04-02\n");
    const char* yaml = "sources: {rows: {path: rows.csv}, events: {path: events.csv}}\ntable: rows\n"
                       "deduplicate: {by: id, newest: seen}\nfeatures: {as_of: seen, "
                       "columns: [{name: n, from: events, key: id, time: at, aggregate: count}]}\n";
    std::vector<std::string> seen; // in the scratch folder, while events and keys are in files
    const auto sink = valueOf(ParquetDataset::create(m_folder / "out"));
    const auto look = [&](const BuildProgress&) {
        for (const std::string& name : filesIn(sink->scratch()))
            seen.push_back(name);
    };
    const BuildReport report = valueOf(buildDataset(specOf(yaml), context(), *sink, look, {}, {.inMemory = 0}));
    EXPECT_EQ(report.rowsWritten, 2u);
    EXPECT_THAT(seen, testing::Each(testing::AnyOf("staged.arrow", HasSubstr("parquet"), HasSubstr("date="))));
    EXPECT_THAT(filesIn(m_folder / "out" / "current"), testing::Each(testing::AnyOf("_manifest.json", HasSubstr("date="))));
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THAT(buildDataset(specOf(yaml), context(), *sink, {}, stop.get_token(), {.inMemory = 0}),
                failsWith(ErrorCode::Cancelled, testing::_));
}

TEST_F(Dataset, UndeclaredColumnsAreWhatTheyAreInEveryTable) {
    std::string text = "n,flag,text,nothing,label\n";
    for (int i = 0; i < 3'000; ++i)
        text += fmt::format("{},{},{},,{}\n", i, i % 2 == 0 ? "true" : "False", i == 2'999 ? "last" : "12", i % 2);
    write("a.csv", text);
    const BuildReport report = build("data: a.csv\nlabel: label\n");
    std::string types;
    for (const BuiltColumn& column : report.columns)
        types += column.name + ":" + column.type + ":" + column.role + " ";
    EXPECT_EQ(types, "n:number: flag:boolean: text:category: nothing:number: label:category:label ");
    EXPECT_EQ(rows().at("7"), "false 12 - 1");
}

TEST_F(Dataset, ReadersSeeOneBuildOrTheNext) {
    write("a.csv", "a,b\n1,2\n");
    const BuildReport first = build("data: a.csv\n");
    const fs::path seen = fs::canonical(m_folder / "out" / "current");
    EXPECT_THAT(filesIn(seen), ElementsAre("_manifest.json", "part-0.parquet"));
    write("a.csv", "a,b\n1,2\n3,4\n");
    m_clock.advance(std::chrono::seconds(1));
    const BuildReport second = build("data: a.csv\n");
    EXPECT_EQ(table().rows, 2u);
    EXPECT_TRUE(fs::exists(seen / "part-0.parquet")); // for those who still read it
    EXPECT_NE(first.digest(), second.digest());
    m_clock.advance(std::chrono::seconds(1));
    EXPECT_EQ(build("data: a.csv\n").digest(), second.digest());
    EXPECT_FALSE(fs::exists(seen));
    const nlohmann::json manifest =
        valueOf(parseJson(valueOf(readFile(m_folder / "out" / "current" / "_manifest.json")), "manifest"));
    EXPECT_EQ(manifest["rows"]["written"], 2);
    EXPECT_EQ(manifest["sources"][0]["rows"], 2);
    EXPECT_EQ(manifest["sources"][0]["content"], second.sources[0].content.hex());
    EXPECT_EQ(manifest["digest"], second.digest().hex());
}

TEST_F(Dataset, AFailedSourceLeavesNothing) {
    write("rows.csv", "id,seen\n1,2026-05-01\n");
    write("events.csv", "id,at\n1,2026-04-01\n1\n");
    const char* yaml = "sources: {rows: {path: rows.csv}, events: {path: events.csv}}\ntable: rows\nfeatures: {as_of: seen, "
                       "columns: [{name: n, from: events, key: id, time: at, aggregate: count}]}\n";
    EXPECT_THAT(tryBuild(yaml), failsWith(ErrorCode::InvalidInput, HasSubstr("events.csv")));
    EXPECT_FALSE(fs::exists(m_folder / "out"));
    write("events.csv", "id,at\n1,2026-04-01\n");
    build(yaml);
    const std::vector<std::string> before = filesIn(m_folder / "out");
    write("events.csv", "id,at\n1,2026-04-01\n1\n");
    EXPECT_FALSE(tryBuild(yaml).has_value());
    EXPECT_EQ(filesIn(m_folder / "out"), before);
}

TEST_F(Dataset, WhatIsWrongIsNamed) {
    write("a.csv", "id,seen,n\n1,2026-05-01,2\n");
    const std::string head = "sources: {a: {path: a.csv}}\n";
    const auto feature = [](const char* name, const char* key) {
        return fmt::format("features: {{as_of: seen, columns: [{{name: {}, from: a, key: {}, time: seen, aggregate: count}}]}}\n",
                           name, key);
    };
    EXPECT_THAT(tryBuild(head + feature("c", "ids")),
                failsWith(ErrorCode::InvalidInput, HasSubstr("no column \"ids\", which feature c")));
    EXPECT_THAT(tryBuild(head + feature("n", "id")), failsWith(ErrorCode::InvalidInput, HasSubstr("has a column \"n\" already")));
    EXPECT_THAT(tryBuild("data: a.csv\ntypes: {ni: money}\n"),
                failsWith(ErrorCode::InvalidInput, HasSubstr("no column \"ni\", which types of perch.yaml names; the nearest is")));
    EXPECT_THAT(tryBuild("data: a.csv\ndeduplicate: {by: mail}\n"), failsWith(ErrorCode::InvalidInput, HasSubstr("deduplicate.by")));
    EXPECT_THAT(tryBuild("label: x\n"), failsWith(ErrorCode::InvalidInput, HasSubstr("names no data")));
    write("out", "a file");
    EXPECT_THAT(tryBuild("data: a.csv\n"), failsWith(ErrorCode::Conflict, HasSubstr("neither an empty folder")));
}

/// What a build holds does not grow with the table: a few batches on their way from reader to writer and a round of
/// waiting rows, however they are scheduled.
TEST_F(Dataset, MemoryDoesNotGrowWithTheTable) {
    constexpr int kRows = 70'000;
    std::string text = "a,b\n";
    for (int i = 0; i < kRows; ++i)
        text += fmt::format("{},{:0400}\n", i, kRows - i);
    write("a.csv", text);
    const auto sink = valueOf(ParquetDataset::create(m_folder / "out", 1 << 18));
    std::int64_t peak = 0;
    const BuildReport report =
        valueOf(buildDataset(specOf("data: a.csv\ntypes: {b: category}\n"), context(), *sink, [&](const BuildProgress&) {
            peak = std::max(peak, arrow::default_memory_pool()->bytes_allocated());
        }));
    EXPECT_EQ(report.rowsWritten, static_cast<std::uint64_t>(kRows));
    EXPECT_GT(peak, 0);
    EXPECT_LT(peak, static_cast<std::int64_t>(text.size()) / 4);
}

TEST_F(Dataset, OneBuildAtATime) {
    write("a.csv", "a\n1\n");
    const auto other = valueOf(ParquetDataset::create(m_folder / "out"));
    EXPECT_THAT(tryBuild("data: a.csv\n"), failsWith(ErrorCode::Conflict, HasSubstr("Another build is writing")));
}

TEST_F(Dataset, RowsOfManyDatesAreAllThere) {
    std::string rowText = "id,seen\n";
    for (int i = 0; i < 140; ++i) // more than are open at a time
        rowText += fmt::format("{},2026-{:02}-{:02}\n", i, 1 + i % 5, 1 + i % 14);
    write("rows.csv", rowText);
    write("events.csv", "id,at\n3,2025-01-01\n");
    const BuildReport report =
        build("sources: {rows: {path: rows.csv}, events: {path: events.csv}}\ntable: rows\nfeatures: {as_of: seen, "
              "columns: [{name: n, from: events, key: id, time: at, aggregate: count}]}\n");
    EXPECT_EQ(report.parts.size(), 70u);
    EXPECT_EQ(table().rows, 140u);
}

} // namespace
} // namespace perch::data
