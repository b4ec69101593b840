#include "core/base/digest.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/fuzz/table_text.h"

/// A stored file: plain, gzip or zstd by its first bytes. What is plain comes out as it is, what is compressed stays in
/// bounds, and the digest is that of the stored bytes.
PERCH_FUZZER(byte_stream) {
    using namespace perch;
    auto stream = fuzz::streamOf(bytes);
    fuzz::requireSentence(stream);
    if (!stream)
        return;
    constexpr std::size_t kMostKept = 1 << 20;
    std::string all, part(64 * 1024 + 1, '\0');
    for (;;) {
        const Result<std::size_t> read = (*stream)->read(part.data(), part.size(), {});
        fuzz::requireSentence(read);
        if (!read)
            return;
        if (all.size() < kMostKept)
            all.append(part, 0, *read);
        if (*read < part.size())
            break;
    }
    const std::uint64_t given = (*stream)->bytesGiven();
    fuzz::require(given <= data::kExpansionAllowance + part.size() || given / data::kLargestExpansion <= bytes.size(),
                  "what is decompressed is bounded");
    if (!bytes.starts_with("\x1F\x8B") && !bytes.starts_with("\x28\xB5\x2F\xFD")) {
        fuzz::require(all == bytes.substr(0, all.size()) && given == bytes.size(), "plain bytes come out as they are");
        fuzz::require((*stream)->finish() == sha256(bytes), "the digest is that of the stored bytes");
    }
}
