#include "tests/data_source/data_files.h"

#include <arrow/api.h>
#include <arrow/io/compressed.h>
#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <arrow/util/compression.h>
#include <parquet/arrow/writer.h>

namespace perch::data {

namespace {

void must(const arrow::Status& status) {
    if (!status.ok())
        throw std::runtime_error(status.ToString());
}

} // namespace

std::string compressed(std::string_view text, Compression compression) {
    const auto kind = compression == Compression::Gzip ? arrow::Compression::GZIP : arrow::Compression::ZSTD;
    const auto codec = arrow::util::Codec::Create(kind).ValueOrDie();
    const auto memory = arrow::io::BufferOutputStream::Create().ValueOrDie();
    const auto stream = arrow::io::CompressedOutputStream::Make(codec.get(), memory).ValueOrDie();
    must(stream->Write(text.data(), static_cast<std::int64_t>(text.size())));
    must(stream->Close());
    return memory->Finish().ValueOrDie()->ToString();
}

void writeParquet(const std::filesystem::path& file, int rows) {
    arrow::Int64Builder id;
    arrow::DoubleBuilder amount;
    arrow::BooleanBuilder member;
    arrow::StringDictionaryBuilder home;
    arrow::TimestampBuilder at(arrow::timestamp(arrow::TimeUnit::MILLI), arrow::default_memory_pool());
    constexpr std::int64_t kFirstDay = 1'767'225'600'000;
    for (int i = 0; i < rows; ++i) {
        must(i == 1 ? id.AppendNull() : id.Append(i));
        must(amount.Append(i / 2.0));
        must(member.Append(i % 2 == 1));
        must(home.Append(i % 2 == 1 ? "own" : "rent"));
        must(at.Append(kFirstDay + i * std::int64_t{86'400'000}));
    }
    arrow::ArrayVector arrays(5);
    must(id.Finish(&arrays[0]));
    must(amount.Finish(&arrays[1]));
    must(member.Finish(&arrays[2]));
    must(home.Finish(&arrays[3]));
    must(at.Finish(&arrays[4]));
    const char* names[] = {"id", "amount", "member", "home", "at"};
    arrow::FieldVector fields;
    for (std::size_t i = 0; i < arrays.size(); ++i)
        fields.push_back(arrow::field(names[i], arrays[i]->type()));
    const auto table = arrow::Table::Make(arrow::schema(fields), arrays);
    const auto out = arrow::io::FileOutputStream::Open(file.string()).ValueOrDie();
    must(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), out, 2));
    must(out->Close());
}

} // namespace perch::data
