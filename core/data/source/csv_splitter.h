#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace perch::data {

/// How a row ends.
enum class RowEnd { Complete, Incomplete, OpenQuote };

/// Takes CSV text apart, row by row and without copying: cells are separated by the delimiter, rows by LF, CRLF or CR;
/// a cell that begins with a double quote runs to the next lone one and may hold delimiters and line breaks; two quotes
/// in it are one. What follows the closing quote belongs to the cell as it is. Knows nothing of headers or columns.
class CsvSplitter {
public:
    explicit CsvSplitter(char delimiter) : m_delimiter(delimiter) {}

    /// Calls `onCell(std::string_view)` for each cell of the row at `at` and moves `at` behind the row. `last` says that
    /// nothing follows `end`; without it a row that may go on is Incomplete and must be split again with more text.
    template <typename OnCell>
    RowEnd splitRow(const char*& at, const char* end, bool last, OnCell&& onCell);

private:
    const char* findEnd(const char* at, const char* end) const;
    template <typename OnCell>
    RowEnd splitQuoted(const char*& at, const char* end, bool last, OnCell&& onCell);

    char m_delimiter;
    std::string m_unescaped;
};

/// The next delimiter or line break, or `end`.
inline const char* CsvSplitter::findEnd(const char* at, const char* end) const {
#if defined(__SSE2__)
    const __m128i delimiter = _mm_set1_epi8(m_delimiter);
    const __m128i lineFeed = _mm_set1_epi8('\n');
    const __m128i carriageReturn = _mm_set1_epi8('\r');
    for (; end - at >= 16; at += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i found = _mm_or_si128(_mm_cmpeq_epi8(bytes, delimiter),
                                           _mm_or_si128(_mm_cmpeq_epi8(bytes, lineFeed),
                                                        _mm_cmpeq_epi8(bytes, carriageReturn)));
        if (const int mask = _mm_movemask_epi8(found); mask != 0)
            return at + __builtin_ctz(static_cast<unsigned>(mask));
    }
#endif
    while (at != end && *at != m_delimiter && *at != '\n' && *at != '\r')
        ++at;
    return at;
}

template <typename OnCell>
RowEnd CsvSplitter::splitQuoted(const char*& at, const char* end, bool last, OnCell&& onCell) {
    const char* from = at + 1;
    m_unescaped.clear();
    for (const char* search = from;;) {
        const auto* quote = static_cast<const char*>(
            std::memchr(search, '"', static_cast<std::size_t>(end - search)));
        if (quote == nullptr)
            return last ? RowEnd::OpenQuote : RowEnd::Incomplete;
        if (quote + 1 == end && !last)
            return RowEnd::Incomplete;
        if (quote + 1 != end && quote[1] == '"') {
            m_unescaped.append(from, quote + 1);
            from = search = quote + 2;
            continue;
        }
        const char* cellEnd = findEnd(quote + 1, end);
        if (cellEnd == end && !last)
            return RowEnd::Incomplete;
        if (m_unescaped.empty() && cellEnd == quote + 1) {
            onCell(std::string_view(from, quote));
        } else {
            m_unescaped.append(from, quote);
            m_unescaped.append(quote + 1, cellEnd);
            onCell(std::string_view(m_unescaped));
        }
        at = cellEnd;
        return RowEnd::Complete;
    }
}

template <typename OnCell>
RowEnd CsvSplitter::splitRow(const char*& at, const char* end, bool last, OnCell&& onCell) {
    for (const char* p = at;;) {
        if (p != end && *p == '"') {
            if (const RowEnd cell = splitQuoted(p, end, last, onCell); cell != RowEnd::Complete)
                return cell;
        } else {
            const char* cellEnd = findEnd(p, end);
            if (cellEnd == end && !last)
                return RowEnd::Incomplete;
            onCell(std::string_view(p, cellEnd));
            p = cellEnd;
        }
        if (p == end) {
            at = p;
            return RowEnd::Complete;
        }
        if (*p == m_delimiter) {
            ++p;
            continue;
        }
        const bool mayBeTwo = *p == '\r';
        ++p;
        if (mayBeTwo && p == end && !last)
            return RowEnd::Incomplete;
        if (mayBeTwo && p != end && *p == '\n')
            ++p;
        at = p;
        return RowEnd::Complete;
    }
}

} // namespace perch::data
