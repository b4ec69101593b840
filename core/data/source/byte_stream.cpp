#include "core/data/source/byte_stream.h"

#include "core/base/digest.h"
#include "core/data/source/arrow_error.h"

#include <arrow/buffer.h>
#include <arrow/io/compressed.h>
#include <arrow/io/interfaces.h>
#include <arrow/util/compression.h>

#include <algorithm>
#include <cstring>

namespace perch::data {

namespace {

constexpr std::size_t kSmallestRead = 16;

/// Hands on the bytes of a file and digests them on the way: what is fingerprinted is what was read. The first bytes
/// can be looked at before they are handed on.
class DigestingStream final : public arrow::io::InputStream {
public:
    explicit DigestingStream(std::shared_ptr<arrow::io::InputStream> file) : m_file(std::move(file)) {}

    arrow::Status Close() override { return m_file->Close(); }
    bool closed() const override { return m_file->closed(); }
    arrow::Result<std::int64_t> Tell() const override { return static_cast<std::int64_t>(m_bytes); }
    arrow::Result<std::int64_t> Read(std::int64_t count, void* out) override {
        if (!m_head.empty()) {
            const std::size_t taken = std::min(m_head.size(), static_cast<std::size_t>(count));
            std::memcpy(out, m_head.data(), taken);
            m_head.erase(0, taken);
            return static_cast<std::int64_t>(taken);
        }
        return take(count, static_cast<char*>(out));
    }
    arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t count) override {
        ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(count));
        ARROW_ASSIGN_OR_RAISE(const std::int64_t read, Read(count, buffer->mutable_data()));
        ARROW_RETURN_NOT_OK(buffer->Resize(read, false));
        return std::shared_ptr<arrow::Buffer>(std::move(buffer));
    }

    arrow::Result<std::string_view> peek() {
        m_head.resize(kSmallestRead);
        std::int64_t have = 0;
        for (std::int64_t read = 1; read > 0 && have < static_cast<std::int64_t>(kSmallestRead); have += read) {
            ARROW_ASSIGN_OR_RAISE(read, take(static_cast<std::int64_t>(kSmallestRead) - have, m_head.data() + have));
        }
        m_head.resize(static_cast<std::size_t>(have));
        return std::string_view(m_head);
    }
    std::uint64_t bytes() const { return m_bytes; }
    bool failed() const { return m_failed; } ///< the store failed, not a codec above
    Digest digest() { return m_sha.finish(); }

private:
    arrow::Result<std::int64_t> take(std::int64_t count, char* out) {
        const auto got = m_file->Read(count, out);
        m_failed = !got.ok();
        ARROW_ASSIGN_OR_RAISE(const std::int64_t read, got);
        m_sha.update({out, static_cast<std::size_t>(read)});
        m_bytes += static_cast<std::uint64_t>(read);
        return read;
    }

    std::shared_ptr<arrow::io::InputStream> m_file;
    std::string m_head;
    std::uint64_t m_bytes = 0;
    bool m_failed = false;
    Sha256 m_sha;
};

} // namespace

struct ByteStream::State {
    std::string name;
    std::uint64_t size = 0;
    std::uint64_t given = 0;
    std::shared_ptr<DigestingStream> stored;
    std::unique_ptr<arrow::util::Codec> codec;
    const char* compression = nullptr;
    std::shared_ptr<arrow::io::InputStream> plain;

    Error wrong(const arrow::Status& status) const {
        if (compression == nullptr || stored->failed())
            return arrowError(status, name);
        if (status.message().find("runcated") != std::string::npos)
            return fail(ErrorCode::InvalidInput, "{} is cut off: its {} data end in the middle.", name, compression);
        return fail(ErrorCode::InvalidInput, "{} is damaged: its {} data cannot be decompressed.", name, compression);
    }
};

ByteStream::ByteStream(std::unique_ptr<State> state) : m_state(std::move(state)) {}
ByteStream::~ByteStream() = default;

Result<std::unique_ptr<ByteStream>> ByteStream::open(std::shared_ptr<arrow::io::InputStream> file, std::string name,
                                                     std::uint64_t size) {
    auto state = std::make_unique<State>();
    state->name = std::move(name);
    state->size = size;
    state->stored = std::make_shared<DigestingStream>(std::move(file));
    const auto head = state->stored->peek();
    if (!head.ok())
        return state->wrong(head.status());
    auto kind = arrow::Compression::UNCOMPRESSED;
    if (head->starts_with("\x1F\x8B")) {
        kind = arrow::Compression::GZIP;
        state->compression = "gzip";
    } else if (head->starts_with("\x28\xB5\x2F\xFD")) {
        kind = arrow::Compression::ZSTD;
        state->compression = "zstd";
    }
    state->plain = state->stored;
    if (state->compression != nullptr) {
        auto codec = arrow::util::Codec::Create(kind);
        if (!codec.ok())
            return state->wrong(codec.status());
        state->codec = *std::move(codec);
        auto opened = arrow::io::CompressedInputStream::Make(state->codec.get(), state->stored);
        if (!opened.ok())
            return state->wrong(opened.status());
        state->plain = *opened;
    }
    return std::unique_ptr<ByteStream>(new ByteStream(std::move(state)));
}

Result<std::size_t> ByteStream::read(char* out, std::size_t count, const std::stop_token& stop) {
    std::size_t have = 0;
    while (have < count) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "Reading {} was cancelled.", m_state->name);
        const auto read = m_state->plain->Read(static_cast<std::int64_t>(count - have), out + have);
        if (!read.ok())
            return m_state->wrong(read.status());
        if (*read == 0)
            break;
        have += static_cast<std::size_t>(*read);
        m_state->given += static_cast<std::uint64_t>(*read);
        if (m_state->codec && m_state->given > kExpansionAllowance &&
            m_state->given / kLargestExpansion > m_state->stored->bytes())
            return fail(ErrorCode::InvalidInput, "{} grows more than {} times when it is decompressed: a zip bomb.",
                        m_state->name, kLargestExpansion);
    }
    return have;
}

const std::string& ByteStream::name() const {
    return m_state->name;
}
std::uint64_t ByteStream::bytesRead() const {
    return m_state->stored->bytes();
}
std::uint64_t ByteStream::bytesGiven() const {
    return m_state->given;
}
std::uint64_t ByteStream::size() const {
    return m_state->size;
}
Digest ByteStream::finish() {
    return m_state->stored->digest();
}

} // namespace perch::data
