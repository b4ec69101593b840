#include "core/base/file.h"

#include "core/base/ids.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace perch {

namespace {

ErrorCode codeOf(int number) {
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return ErrorCode::NotFound;
    case EACCES:
    case EPERM:
    case EROFS:
        return ErrorCode::Denied;
    case EISDIR:
    case ENAMETOOLONG:
    case EINVAL:
        return ErrorCode::InvalidInput;
    default:
        return ErrorCode::Unavailable;
    }
}

class Descriptor {
public:
    explicit Descriptor(int value) : m_value(value) {}
    Descriptor(const Descriptor&) = delete;
    ~Descriptor() {
        if (m_value >= 0)
            ::close(m_value);
    }
    int value() const { return m_value; }
    int close() {
        const int result = ::close(m_value);
        m_value = -1;
        return result;
    }

private:
    int m_value;
};

bool writeAll(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

} // namespace

Error fileError(const std::filesystem::path& file, std::string_view verb) {
    const int number = errno;
    Error error = fail(codeOf(number), "Cannot {} {}: {}.", verb, file.string(), std::strerror(number));
    error.where = file.string();
    return error;
}

Result<std::string> readFile(const std::filesystem::path& file, std::size_t limit) {
    // Opening a pipe would wait for a writer, perhaps for ever.
    Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (descriptor.value() < 0)
        return fileError(file, "read");
    struct stat status {};
    if (::fstat(descriptor.value(), &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode))) {
        Error error = fail(ErrorCode::InvalidInput, "{} is a pipe or socket, not a file.", file.string());
        error.where = file.string();
        return error;
    }
    std::string bytes;
    char buffer[1 << 16];
    for (;;) {
        const ssize_t count = ::read(descriptor.value(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fileError(file, "read");
        if (count == 0)
            return bytes;
        bytes.append(buffer, static_cast<std::size_t>(count));
        if (bytes.size() > limit)
            return fail(ErrorCode::InvalidInput, "{} is larger than {} bytes.", file.string(), limit);
    }
}

Result<void> writeFileAtomically(const std::filesystem::path& file, std::string_view bytes) {
    const std::filesystem::path sibling = file.string() + ".new-" + makeRandomId().substr(0, 8);
    Descriptor descriptor(::open(sibling.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (descriptor.value() < 0)
        return fileError(file, "write");
    const bool written = writeAll(descriptor.value(), bytes) && ::fsync(descriptor.value()) == 0 &&
                         descriptor.close() == 0 && ::rename(sibling.c_str(), file.c_str()) == 0;
    if (!written) {
        Error error = fileError(file, "write");
        ::unlink(sibling.c_str());
        return error;
    }
    return syncPath(file.has_parent_path() ? file.parent_path() : std::filesystem::path("."));
}

Result<void> makePrivateFolder(const std::filesystem::path& folder) {
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    if (code || ::chmod(folder.c_str(), 0700) != 0) {
        if (code)
            errno = code.value();
        return fileError(folder, "create the folder");
    }
    return {};
}

Result<void> syncPath(const std::filesystem::path& path) {
    Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (descriptor.value() < 0 || ::fsync(descriptor.value()) != 0)
        return fileError(path, "sync");
    return {};
}

Result<TemporaryFolder> TemporaryFolder::create(std::string_view prefix, const std::filesystem::path& parent) {
    std::error_code code;
    const auto base = parent.empty() ? std::filesystem::temp_directory_path(code) : parent;
    std::string pattern = (base / (std::string(prefix) + "XXXXXX")).string();
    if (::mkdtemp(pattern.data()) == nullptr)
        return fileError(pattern, "create the folder");
    return TemporaryFolder(pattern);
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : m_path(std::exchange(other.m_path, {})) {}

TemporaryFolder& TemporaryFolder::operator=(TemporaryFolder&& other) noexcept {
    std::swap(m_path, other.m_path);
    return *this;
}

TemporaryFolder::~TemporaryFolder() {
    if (!m_path.empty()) {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
}

std::filesystem::path TemporaryFolder::release() {
    return std::exchange(m_path, {});
}

Result<FileLock> FileLock::acquire(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return fileError(file, "lock");
    FileLock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
        return fail(ErrorCode::Conflict, "Another process holds the lock {}.", file.string());
    return lock;
}

FileLock::FileLock(FileLock&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

FileLock::~FileLock() {
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

} // namespace perch
