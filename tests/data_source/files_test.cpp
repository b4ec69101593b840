#include "core/base/digest.h"
#include "core/data/read_table.h"
#include "tests/data_source/data_files.h"
#include "tests/data_source/source_reading.h"

#include <fstream>

namespace perch::data {
namespace {

using test::failsWith;
using test::valueOf;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class Files : public testing::Test {
protected:
    std::string write(std::string_view name, std::string_view bytes) {
        const std::filesystem::path file = m_folder / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << bytes;
        return file.string();
    }
    Result<SourceRows> read(const std::string& path, const SourceContext& context = {}) {
        return readRows(fileSource(path), context);
    }
    std::string path(std::string_view name) const { return (m_folder / name).string(); }

    test::Folder m_folder;
    ManualClock m_clock{fromMillis(1'000)};
};

TEST_F(Files, CsvWithQuotesAndOtherDelimiters) {
    const SourceRows comma = valueOf(read(write("a.csv", "\xEF\xBB\xBFx,\"y, z\"\r\n1,\"a \"\"b\"\"\r\nc\"\r\n,\n\n\"\",q\"q")));
    EXPECT_THAT(comma.columns, ElementsAre("x", "y, z"));
    EXPECT_THAT(comma.rows, ElementsAre("1|a \"b\"\r\nc", "|", "|q\"q"));
    EXPECT_THAT(comma.places[2], AllOf(HasSubstr("a.csv row 4")));
    EXPECT_THAT(valueOf(readRows(fileSource(write("b.csv", "x;y\n1,5;2\n"), ';'), {})).rows, ElementsAre("1,5|2"));
    EXPECT_THAT(valueOf(read(write("c.tsv", "x\ty\n1\t2,3\n"))).rows, ElementsAre("1|2,3"));
    EXPECT_THAT(valueOf(read(write("d.csv", "x,y\r1,2\r3,4"))).rows, ElementsAre("1|2", "3|4"));
    EXPECT_THAT(valueOf(read(write("e.csv", "x,y\n1,"))).rows, ElementsAre("1|"));
    EXPECT_THAT(valueOf(read(write("f.csv", "x\n\"a\"b\n"))).rows, ElementsAre("ab"));
}

TEST_F(Files, CompressedTextsAreTheSameRowsWithTheDigestOfTheStoredBytes) {
    const std::string text = "id,word\n1,one\n2,two\n";
    for (const auto kind : {Compression::Gzip, Compression::Zstd}) {
        const std::string bytes = compressed(text, kind);
        const SourceRows rows = valueOf(read(write("t.csv.gz", bytes)));
        EXPECT_THAT(rows.rows, ElementsAre("1|one", "2|two"));
        EXPECT_EQ(rows.content, sha256(bytes));
        EXPECT_EQ(rows.counts.bytes, bytes.size());
        EXPECT_THAT(valueOf(read(write("t.jsonl.zst", compressed("{\"a\":1}\n{\"a\":2}\n", kind)))).rows,
                    ElementsAre("1", "2"));
    }
    // Two members in one file, as `cat a.gz b.gz` makes it.
    const std::string two = compressed(text, Compression::Gzip) + compressed("3,three\n", Compression::Gzip);
    EXPECT_EQ(valueOf(read(write("two.csv.gz", two))).rows.size(), 3U);
}

TEST_F(Files, JsonLinesBecomeFlatTexts) {
    const SourceRows rows = valueOf(read(write(
        "r.jsonl", "{\"id\":9007199254740993,\"who\":{\"name\":\"Zoë\",\"ok\":true}}\n\n{\"id\":2,\"tags\":[1,\"a\"],\"n\":null}\r\n"
                   "{\"id\":1.5e3}")));
    EXPECT_THAT(rows.columns, ElementsAre("id", "who.name", "who.ok", "n", "tags"));
    EXPECT_THAT(rows.rows, ElementsAre("9007199254740993|Zoë|true||", "2||||[1,\"a\"]", "1500.0||||"));
    EXPECT_THAT(rows.places[1], HasSubstr("r.jsonl line 3"));
}

TEST_F(Files, ParquetKeepsTypesAndAFolderAddsItsKeys) {
    writeParquet(path("p.parquet"), 3);
    const SourceRows typed = valueOf(read(path("p.parquet")));
    EXPECT_THAT(typed.columns, ElementsAre("id", "amount", "member", "home", "at"));
    EXPECT_EQ(typed.rows[1], "-|0.5|true|own|2026-01-02 00:00:00.000");
    EXPECT_EQ(typed.content, valueOf(sha256File(path("p.parquet"))));
    std::filesystem::create_directories(m_folder / "set/day=2026-01-01/shop=k%C3%B6ln");
    std::filesystem::create_directories(m_folder / "set/day=2026-01-02/shop=__HIVE_DEFAULT_PARTITION__");
    writeParquet(path("set/day=2026-01-01/shop=k%C3%B6ln/a.parquet"), 2);
    writeParquet(path("set/day=2026-01-02/shop=__HIVE_DEFAULT_PARTITION__/b.parquet"), 2);
    write("set/_SUCCESS", "");
    const SourceRows parts = valueOf(read(path("set")));
    ASSERT_EQ(parts.rows.size(), 4U);
    EXPECT_THAT(parts.rows[0], testing::EndsWith("|2026-01-01|köln"));
    EXPECT_THAT(parts.rows[3], testing::EndsWith("|2026-01-02|-"));
    EXPECT_THAT(parts.places[3], HasSubstr("b.parquet row 2"));
    EXPECT_THAT(valueOf(read(path("set"), {.columns = {"day", "id"}})).columns, ElementsAre("id", "day"));
}

TEST_F(Files, SeveralFilesAreOneSource) {
    write("m/2.csv", "b,a\ny,2\n");
    write("m/1.csv", "a,b\n1,x\n");
    write("m/deep/3.csv", "a,b\n3,z\n");
    write("m/.hidden.csv", "c\n9\n");
    const SourceRows rows = valueOf(read(path("m/*.csv")));
    EXPECT_THAT(rows.rows, ElementsAre("1|x", "2|y"));
    EXPECT_THAT(rows.places[1], HasSubstr("2.csv row 2"));
    EXPECT_EQ(rows.content, sha256(fmt::format("{}\n{}\n", sha256("a,b\n1,x\n").hex(), sha256("b,a\ny,2\n").hex())));
    EXPECT_EQ(valueOf(read(path("m/**/*.csv"))).rows.size(), 3U);
    EXPECT_EQ(valueOf(read(path("m"))).rows.size(), 3U);
    write("m/4.csv", "a\n1\n");
    EXPECT_THAT(read(path("m/[14].csv")),
                failsWith(ErrorCode::InvalidInput, AllOf(HasSubstr("4.csv: the column \"b\" is missing"))));
    EXPECT_THAT(read(path("m/x*.csv")), failsWith(ErrorCode::NotFound, HasSubstr("No file matches")));
    EXPECT_THAT(read(path("none.csv")), failsWith(ErrorCode::NotFound, HasSubstr("none.csv")));
}

TEST_F(Files, MalformedRowsAreCountedWithTheirPlaces) {
    const std::string file = write("bad.csv", "a,b\n1,2\n3\n4,5,6\n7,8\n");
    EXPECT_THAT(read(file), failsWith(ErrorCode::InvalidInput, HasSubstr("row 3 has 1 cells where the header has 2")));
    const SourceRows rows = valueOf(read(file, {.badRows = BadRows::Skip}));
    EXPECT_THAT(rows.rows, ElementsAre("1|2", "7|8"));
    EXPECT_EQ(rows.counts.malformedRows, 2U);
    EXPECT_THAT(rows.counts.places, ElementsAre(HasSubstr("row 3 has 1"), HasSubstr("row 4 has 3")));
    EXPECT_THAT(rows.places[1], HasSubstr("bad.csv row 5"));
    const std::string lines = write("bad.jsonl", "{\"a\":1}\n{\"a\":\n[1]\n{\"a\":2}\n");
    EXPECT_THAT(read(lines), failsWith(ErrorCode::InvalidInput, HasSubstr("line 2 is not valid JSON")));
    const SourceRows records = valueOf(read(lines, {.badRows = BadRows::Skip}));
    EXPECT_THAT(records.rows, ElementsAre("1", "2"));
    EXPECT_EQ(records.counts.malformedRows, 2U);
    EXPECT_THAT(records.places[1], HasSubstr("line 4"));
}

TEST_F(Files, ALateFieldIsNotLost) {
    std::string text;
    for (int i = 0; i < 600; ++i)
        text += fmt::format("{{\"number\":\"{:01000}\"}}\n", i);
    const std::string file = write("late.jsonl", text + "{\"number\":1,\"new\":2}\n");
    EXPECT_THAT(read(file), failsWith(ErrorCode::InvalidInput,
                                      AllOf(HasSubstr("line 601"), HasSubstr("the field \"new\""))));
}

TEST_F(Files, ReadTableTakesEveryForm) {
    writeParquet(path("p.parquet"), 3);
    const auto table = [&](const std::string& name, const ReadOptions& options = {}) {
        return valueOf(readTable(fileSource(path(name)), {.clock = &m_clock}, options));
    };
    const Table parquet = table("p.parquet");
    EXPECT_EQ(parquet.fingerprint.schema, "id:number\namount:number\nmember:boolean\nhome:category\nat:number\n");
    EXPECT_EQ(parquet.columns[0].missing, 1U);
    EXPECT_EQ(parquet.columns[4].numbers[1], 1'767'312'000); // 2026-01-02
    const Table declared = table("p.parquet", {.declared = {{"member", FieldType::Category}}});
    EXPECT_THAT(declared.columns[2].categories, ElementsAre("false", "true"));
    write("z.csv.gz", compressed("zip,n\n1,2\nK,3\n", Compression::Gzip));
    EXPECT_THAT(table("z.csv.gz").columns[0].categories, ElementsAre("1", "K"));
    SourceCounts counts;
    write("r.csv", "a,b\n1,2\n3\n");
    EXPECT_EQ(valueOf(readTable(fileSource(path("r.csv")), {.clock = &m_clock, .badRows = BadRows::Skip},
                                {.counts = &counts}))
                  .rows,
              1U);
    EXPECT_EQ(counts.malformedRows, 1U);
}

} // namespace
} // namespace perch::data
