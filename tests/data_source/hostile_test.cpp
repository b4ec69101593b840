#include "core/data/source/csv_file.h"
#include "core/data/source/csv_splitter.h"
#include "core/data/source/glob.h"
#include "core/data/source/json_record.h"
#include "core/data/source/link_header.h"
#include "core/data/source/page_fetcher.h"
#include "tests/data_source/data_files.h"
#include "tests/data_source/source_reading.h"

#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>
#include <random>

namespace perch::data {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

class Hostile : public testing::Test {
protected:
    Result<SourceRows> read(std::string_view name, std::string_view bytes) {
        std::ofstream(m_folder / name, std::ios::binary) << bytes;
        return readRows(fileSource((m_folder / name).string()), {});
    }
    test::Folder m_folder;
};

TEST_F(Hostile, ALineOfTwoGigabytesEndsAfterItsFirstMegabyte) {
    const auto file = m_folder / "line.csv";
    std::ofstream(file, std::ios::binary) << "a,b\n1,";
    std::filesystem::resize_file(file, std::uintmax_t{2} << 30); // a hole: zeros without a line break
    rusage before{}, after{};
    getrusage(RUSAGE_SELF, &before);
    EXPECT_THAT(readRows(fileSource(file.string()), {}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("row 2 is longer than 1 MiB")));
    const auto lines = m_folder / "line.jsonl";
    std::ofstream(lines, std::ios::binary) << "{\"a\":1}\n{\"a\":\"";
    std::filesystem::resize_file(lines, std::uintmax_t{2} << 30);
    EXPECT_THAT(readRows(fileSource(lines.string()), {}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("longer than 1 MiB")));
    getrusage(RUSAGE_SELF, &after);
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 64 * 1024); // KiB
}

TEST_F(Hostile, AMillionColumns) {
    std::string header(1'999'999, 'c');
    for (std::size_t i = 1; i < header.size(); i += 2)
        header[i] = ',';
    EXPECT_THAT(read("wide.csv", header + "\n"), failsWith(ErrorCode::InvalidInput, HasSubstr("more than 16384 columns")));
}

TEST_F(Hostile, ZipBombs) {
    const std::string lines(std::size_t{20} << 20, '\n');
    std::string bomb = compressed("a\n", Compression::Gzip);
    bomb += compressed(lines, Compression::Gzip);
    EXPECT_THAT(read("bomb.csv.gz", bomb), failsWith(ErrorCode::InvalidInput, HasSubstr("a zip bomb")));
}

TEST_F(Hostile, DamagedArchivesSaySo) {
    std::string text = "a,b\n";
    std::mt19937 random(3);
    for (int i = 0; i < 4'000; ++i)
        text += fmt::format("{},{}\n", random(), random());
    for (const auto kind : {Compression::Gzip, Compression::Zstd}) {
        std::string bytes = compressed(text, kind);
        EXPECT_THAT(read("cut.csv.gz", bytes.substr(0, bytes.size() / 2)),
                    failsWith(ErrorCode::InvalidInput, HasSubstr("is cut off")));
        for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 200; ++i)
            bytes[i] = static_cast<char>(~bytes[i]);
        EXPECT_THAT(read("bad.csv.gz", bytes), failsWith(ErrorCode::InvalidInput, HasSubstr("bad.csv.gz")));
    }
}

TEST_F(Hostile, BytesThatAreNoText) {
    EXPECT_THAT(read("a.csv", std::string_view("a\0,b\n1,2\n", 9)), failsWith(ErrorCode::InvalidInput, HasSubstr("not UTF-8")));
    EXPECT_THAT(read("b.csv", "\xFF\xFE" "a,b\n1,2\n"), failsWith(ErrorCode::InvalidInput, HasSubstr("not UTF-8")));
    EXPECT_THAT(read("c.jsonl", "{\"a\":\"\xFF\"}\n"), failsWith(ErrorCode::InvalidInput, HasSubstr("not valid JSON")));
    EXPECT_THAT(read("d.csv", "a,b\n1,\"2\n3,4\n"), failsWith(ErrorCode::InvalidInput, HasSubstr("never closed")));
    EXPECT_THAT(read("e.parquet", "PAR1 this is none PAR1"), failsWith(ErrorCode::InvalidInput, HasSubstr("e.parquet")));
    EXPECT_THAT(read("f.parquet", ""), failsWith(ErrorCode::InvalidInput, HasSubstr("f.parquet")));
    EXPECT_THAT(read("g.jsonl", std::string(9'000, '[') + std::string(9'000, ']') + "\n"), failsWith(ErrorCode::InvalidInput, HasSubstr("deeper")));
    EXPECT_THAT(read("h.csv", ""), failsWith(ErrorCode::InvalidInput, HasSubstr("is empty")));
}

TEST_F(Hostile, SaysWhatIsWrongWithAHeader) {
    EXPECT_THAT(read("a.csv", "\n\r\n\n"), failsWith(ErrorCode::InvalidInput, HasSubstr("a.csv holds empty lines only.")));
    EXPECT_THAT(read("b.csv", "   \n1\n"), failsWith(ErrorCode::InvalidInput, HasSubstr("column 1 has no name")));
    EXPECT_THAT(read("c.csv", "a,a\n1,2\n"), failsWith(ErrorCode::InvalidInput, HasSubstr("\"a\" is there twice")));
    EXPECT_THAT(read("d.csv", std::string_view("\xFF\xFE" "a\0,\0b\0", 8)),
                failsWith(ErrorCode::InvalidInput, HasSubstr("d.csv is UTF-16, not UTF-8: save it as UTF-8.")));
}

TEST_F(Hostile, APipeIsNotWaitedFor) {
    const std::string pipe = (m_folder / "pipe.csv").string();
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_THAT(readRows(fileSource(pipe), {}), failsWith(ErrorCode::InvalidInput, HasSubstr("is a pipe or socket")));
    EXPECT_THAT(readFile(pipe), failsWith(ErrorCode::InvalidInput, HasSubstr("is a pipe or socket")));
}

TEST_F(Hostile, DamagedParquetSaysSo) {
    writeParquet(m_folder / "whole.parquet", 5);
    std::ifstream stream(m_folder / "whole.parquet", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_THAT(read("cut.parquet", bytes.substr(0, bytes.size() / 2)),
                failsWith(ErrorCode::InvalidInput, HasSubstr("cut.parquet is cut off or no Parquet file")));
    EXPECT_THAT(read("empty.parquet", ""), failsWith(ErrorCode::InvalidInput, HasSubstr("empty.parquet is empty.")));
    // Whatever is damaged in between, it is an error or other values, never a crash.
    std::mt19937 random(9);
    for (int round = 0; round < 40; ++round) {
        std::string damaged = bytes;
        for (int i = 0; i < 8; ++i)
            damaged[random() % damaged.size()] = static_cast<char>(random());
        const auto rows = read("damaged.parquet", damaged);
        EXPECT_TRUE(rows.has_value() || !rows.error().message.empty());
    }
}

TEST_F(Hostile, StopsSoon) {
    std::ofstream(m_folder / "a.csv") << "a\n1\n";
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THAT(readRows(fileSource((m_folder / "a.csv").string()), {}, stop.get_token()),
                failsWith(ErrorCode::Cancelled, HasSubstr("a.csv")));
}

/// Every way of cutting a text into two gives the same cells as the whole.
TEST(CsvSplitting, IsTheSameWhereverTheTextIsCut) {
    static constexpr char kBytes[] = "a,\"\n\r1 \t;";
    std::mt19937 random(11);
    for (int round = 0; round < 600; ++round) {
        std::string text;
        for (std::size_t i = 0, size = random() % 40; i < size; ++i)
            text += kBytes[random() % (sizeof kBytes - 1)];
        const auto split = [&](std::size_t cut) {
            std::vector<std::string> cells;
            CsvSplitter splitter(',');
            bool last = cut >= text.size();
            const char* at = text.data();
            for (RowEnd end = RowEnd::Complete; at != text.data() + text.size();) {
                const char* stop = last ? text.data() + text.size() : text.data() + cut;
                std::vector<std::string> row;
                end = at == stop ? RowEnd::Incomplete
                                 : splitter.splitRow(at, stop, last, [&](std::string_view cell) { row.emplace_back(cell); });
                if (end == RowEnd::OpenQuote) {
                    cells.push_back("open quote");
                    break;
                }
                if (end == RowEnd::Complete) {
                    cells.insert(cells.end(), row.begin(), row.end());
                    cells.push_back("/");
                } else {
                    EXPECT_FALSE(last);
                    last = true;
                }
            }
            return cells;
        };
        const auto whole = split(text.size());
        for (std::size_t cut = 0; cut < text.size(); ++cut)
            ASSERT_EQ(split(cut), whole) << "cut at " << cut << " of " << testing::PrintToString(text);
    }
}

TEST(ForeignBytes, RandomOnesNeverDoMoreThanFail) {
    std::mt19937 random(5);
    static constexpr char kLink[] = "<>;,=\" relnxthp:/\\@[]\0?";
    static constexpr char kJson[] = "{}[]\",:0123456789.eE+-truefalsn\\u\xC3\xFF ";
    for (int round = 0; round < 4'000; ++round) {
        std::string link, json;
        for (std::size_t i = 0, size = random() % 30; i < size; ++i) {
            link += kLink[random() % (sizeof kLink - 1)];
            json += kJson[random() % (sizeof kJson - 1)];
        }
        EXPECT_NE(link.find(nextLink(link).value_or("")), std::string::npos);
        EXPECT_EQ(originOf(link).value_or("").find('@'), std::string::npos);
        (void)http::retryAfter(link);
        (void)matchesGlob(link, json);
        if (const auto value = parseForeignJson(json, "x"); value && value->is_object())
            (void)flattenRecord(*value);
    }
}

TEST(LinkHeader, FollowsNextOnly) {
    EXPECT_EQ(nextLink("<https://a/x?p=2>; rel=\"next\""), "https://a/x?p=2");
    EXPECT_EQ(nextLink("<https://a/1>; rel=\"previous\", <https://a/3>; title=\"a, b; c\"; REL=next"), "https://a/3");
    EXPECT_EQ(nextLink("<https://a/1>; rel=\"last next\""), "https://a/1");
    EXPECT_EQ(nextLink("<https://a/1>; rel=\"nextish\""), std::nullopt);
    EXPECT_EQ(nextLink("https://a/1; rel=next"), std::nullopt);
    EXPECT_EQ(nextLink("<https://a/1; rel=next"), std::nullopt);
    EXPECT_EQ(originOf("HTTPS://Shop.Example/x"), "https://shop.example:443");
    EXPECT_EQ(originOf("http://h:81?x"), "http://h:81");
    EXPECT_EQ(originOf("http://[::1]/x"), "http://[::1]:80");
    for (const char* bad : {"http://shop@evil/", "ftp://a/", "//a/", "/x", "http://", "http://a\\@b/", "http://a b/"})
        EXPECT_EQ(originOf(bad), std::nullopt) << bad;
}

TEST(Glob, Matches) {
    EXPECT_TRUE(matchesGlob("a/*.csv", "a/b.csv"));
    EXPECT_FALSE(matchesGlob("a/*.csv", "a/b/c.csv"));
    EXPECT_TRUE(matchesGlob("a/**/*.csv", "a/b/c.csv"));
    EXPECT_TRUE(matchesGlob("a/**/*.csv", "a/c.csv"));
    EXPECT_TRUE(matchesGlob("a/x?[0-9].csv", "a/xy7.csv"));
    EXPECT_FALSE(matchesGlob("a/x[!0-9].csv", "a/x7.csv"));
    EXPECT_FALSE(matchesGlob("a/*", "a/.hidden"));
    EXPECT_FALSE(matchesGlob("a/[", "a/["));
    EXPECT_EQ(globBase("/d/e/*/x.csv"), "/d/e");
    EXPECT_EQ(globBase("*.csv"), "");
    EXPECT_EQ(globDepth("/d/*/x?.csv"), 2U);
    EXPECT_EQ(globDepth("*.csv"), 1U);
    EXPECT_EQ(globDepth("a/**"), 0U);
    const std::string stars(200, '*');
    EXPECT_FALSE(matchesGlob(stars + "b", std::string(5'000, 'a')));
}

} // namespace
} // namespace perch::data
