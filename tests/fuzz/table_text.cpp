#include "tests/fuzz/table_text.h"

#include "tests/fuzz/fuzzer.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

namespace perch::fuzz {

Result<std::unique_ptr<data::ByteStream>> streamOf(std::string_view bytes) {
    auto reader = std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(std::string(bytes)));
    return data::ByteStream::open(std::move(reader), "input", bytes.size());
}

void readToEnd(std::string_view bytes, bool validText,
               const std::function<Result<std::unique_ptr<data::FileReader>>(std::unique_ptr<data::ByteStream>,
                                                                             data::FileContext)>& open) {
    auto stream = streamOf(bytes);
    requireSentence(stream);
    if (!stream)
        return;
    data::SourceCounts counts;
    std::vector<std::uint64_t> skipped;
    auto reader = open(*std::move(stream), {.name = "input", .badRows = data::BadRows::Skip, .counts = &counts,
                                            .skipped = &skipped});
    requireSentence(reader);
    if (!reader)
        return;
    const auto columns = (*reader)->allColumns().size();
    require(columns > 0 && (*reader)->schema()->num_fields() == static_cast<int>(columns), "all columns are kept");
    for (std::uint64_t rows = 0;;) {
        const auto batch = (*reader)->next({});
        requireSentence(batch);
        if (!batch || !*batch)
            break;
        const arrow::Status valid = (*batch)->ValidateFull();
        require(valid.ok() || !validText, "the batch is valid: " + valid.ToString());
        require((*batch)->Validate().ok(), "the batch is whole");
        require((*batch)->num_rows() > 0, "a batch has a row");
        rows += static_cast<std::uint64_t>((*batch)->num_rows());
    }
    require(counts.places.size() <= data::kPlacesKept, "few places are kept");
    require(counts.malformedRows <= skipped.size(), "each malformed row is skipped");
    require((*reader)->share() >= 0 && (*reader)->share() <= 1, "a share is from 0 to 1");
}

} // namespace perch::fuzz
