#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

namespace arrow::io {
class InputStream;
}

namespace perch::data {

/// A compressed file may grow so many times past its own size; more is a bomb. Checked after `kExpansionAllowance`.
constexpr std::uint64_t kLargestExpansion = 250;
constexpr std::uint64_t kExpansionAllowance = std::uint64_t{16} << 20;

/// The bytes of one file from front to back: gzip and zstd are recognized by their first bytes and decompressed, and
/// what is read is digested as it is stored. One thread.
class ByteStream {
public:
    /// `name` and `size` (0: unknown) are those of the stored file.
    static Result<std::unique_ptr<ByteStream>> open(std::shared_ptr<arrow::io::InputStream> file, std::string name,
                                                    std::uint64_t size);
    ~ByteStream();

    /// Fills `out` unless the end comes first; returns how much was read. InvalidInput for a stream that is cut in the
    /// middle, not what its first bytes say, or grows past `kLargestExpansion`; Unavailable if reading fails.
    Result<std::size_t> read(char* out, std::size_t count, const std::stop_token& stop);
    const std::string& name() const;
    std::uint64_t bytesRead() const; ///< as stored
    std::uint64_t bytesGiven() const;
    std::uint64_t size() const;
    Digest finish(); ///< of the stored bytes; once, at the end

private:
    struct State;
    explicit ByteStream(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace perch::data
