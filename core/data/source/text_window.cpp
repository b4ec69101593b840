#include "core/data/source/text_window.h"

#include <cstring>

namespace perch::data {

namespace {

constexpr std::size_t kReadAtOnce = std::size_t{512} << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

} // namespace

TextWindow::TextWindow(std::unique_ptr<ByteStream> stream)
    : m_stream(std::move(stream)), m_buffer(kLongestRow + kReadAtOnce, '\0') {
    at = end = m_buffer.data();
}

Result<bool> TextWindow::fill(const std::stop_token& stop) {
    const auto left = static_cast<std::size_t>(end - at);
    if (left > kLongestRow)
        return false;
    std::memmove(m_buffer.data(), at, left);
    const std::size_t read = TRY(m_stream->read(m_buffer.data() + left, kReadAtOnce, stop));
    last = read < kReadAtOnce;
    at = m_buffer.data();
    end = at + left + read;
    return true;
}

void TextWindow::skipByteOrderMark() {
    if (text().starts_with(kByteOrderMark))
        at += kByteOrderMark.size();
}

double TextWindow::share() const {
    if (m_stream->size() == 0 || m_stream->bytesGiven() == 0)
        return 0;
    const auto given = static_cast<double>(m_stream->bytesGiven());
    const double read = static_cast<double>(m_stream->bytesRead()) / static_cast<double>(m_stream->size());
    return read * (given - static_cast<double>(end - at)) / given;
}

} // namespace perch::data
