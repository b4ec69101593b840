#include "core/base/nameless_file.h"

#include "core/base/file.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace perch {

Result<NamelessFile> NamelessFile::create(std::filesystem::path folder) {
    std::error_code code;
    if (folder.empty())
        folder = std::filesystem::temp_directory_path(code);
    int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0) { // not every file system knows them
        std::string name = (folder / ".perch-XXXXXX").string();
        descriptor = ::mkostemp(name.data(), O_CLOEXEC);
        if (descriptor < 0)
            return fileError(folder / "a temporary file", "create");
        ::unlink(name.c_str());
    }
    return NamelessFile(std::move(folder), descriptor);
}

NamelessFile& NamelessFile::operator=(NamelessFile&& other) noexcept {
    std::swap(m_folder, other.m_folder);
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

NamelessFile::~NamelessFile() {
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

Error NamelessFile::error(std::string_view verb, int number) const {
    errno = number;
    return fileError(m_folder / "a temporary file", verb);
}

Result<void> NamelessFile::reserve(std::size_t bytes) const {
    const int problem = ::posix_fallocate(m_descriptor, 0, static_cast<off_t>(bytes));
    return problem == 0 ? Result<void>() : error("write", problem);
}

Result<void> NamelessFile::write(std::uint64_t position, const char* bytes, std::size_t count) const {
    while (count > 0) {
        const ssize_t written = ::pwrite(m_descriptor, bytes, count, static_cast<off_t>(position));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return error("write", errno);
        bytes += written;
        position += static_cast<std::uint64_t>(written);
        count -= static_cast<std::size_t>(written);
    }
    return {};
}

Result<void> NamelessFile::read(std::uint64_t position, char* out, std::size_t count) const {
    while (count > 0) {
        const ssize_t got = ::pread(m_descriptor, out, count, static_cast<off_t>(position));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return error("read", got < 0 ? errno : EIO);
        out += got;
        position += static_cast<std::uint64_t>(got);
        count -= static_cast<std::size_t>(got);
    }
    return {};
}

} // namespace perch
