#pragma once

#include "core/data/source/byte_stream.h"

#include <string_view>

namespace perch::data {

/// A row or line that is longer than this is an error, not a cut.
constexpr std::size_t kLongestRow = std::size_t{1} << 20;

/// The part of a text file that is being looked at: bounded by the longest row and one read.
class TextWindow {
public:
    explicit TextWindow(std::unique_ptr<ByteStream> stream);

    /// Keeps the bytes from `at` on and reads more behind them. False if what is left is longer than `kLongestRow`:
    /// then nothing was read.
    Result<bool> fill(const std::stop_token& stop);
    void skipByteOrderMark();
    std::string_view text() const { return {at, end}; }
    ByteStream& stream() { return *m_stream; }
    const ByteStream& stream() const { return *m_stream; }
    /// The part of the file before `at`, from 0 to 1; 0 if the size is unknown.
    double share() const;

    const char* at = nullptr;  ///< the first byte that is not taken yet
    const char* end = nullptr; ///< of the text in the window
    bool last = false;         ///< nothing follows

private:
    std::unique_ptr<ByteStream> m_stream;
    std::string m_buffer;
};

} // namespace perch::data
