#include "core/rollout/audit.h"

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/rollout/audit_chain.h"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace perch::rollout {

namespace {

/// The longest that one append may have to wait for another process's.
constexpr std::chrono::seconds kLockDeadline{2};

/// The chain's file, locked; what is in it is read once.
class ChainFile {
public:
    static Result<ChainFile> open(const std::filesystem::path& file) {
        ChainFile chain(file, ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        if (chain.m_descriptor < 0)
            return fileError(file, "write");
        const auto deadline = std::chrono::steady_clock::now() + kLockDeadline;
        while (::flock(chain.m_descriptor, LOCK_EX | LOCK_NB) != 0) {
            if (std::chrono::steady_clock::now() > deadline)
                return fail(ErrorCode::Timeout, "Another process holds the audit file {}.", file.string());
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return chain;
    }
    ChainFile(ChainFile&& other) noexcept
        : m_file(std::move(other.m_file)), m_descriptor(std::exchange(other.m_descriptor, -1)) {}
    ~ChainFile() {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }

    /// The last whole line; a torn one behind it is cut off.
    Result<std::string> lastLine() {
        struct stat status {};
        if (::fstat(m_descriptor, &status) != 0)
            return fileError(m_file, "read");
        std::string tail;
        off_t start = status.st_size;
        // Backwards until the tail holds two line ends, or everything.
        while (start > 0 && std::ranges::count(tail, '\n') < 2) {
            const off_t piece = std::min<off_t>(start, 1 << 16);
            std::string bytes(static_cast<std::size_t>(piece), '\0');
            if (::pread(m_descriptor, bytes.data(), bytes.size(), start - piece) != piece)
                return fileError(m_file, "read");
            tail.insert(0, bytes);
            start -= piece;
        }
        const auto end = tail.rfind('\n');
        m_size = end == std::string::npos ? start : start + static_cast<off_t>(end) + 1;
        if (m_size < status.st_size && ::ftruncate(m_descriptor, m_size) != 0)
            return fileError(m_file, "repair");
        if (end == std::string::npos)
            return std::string();
        const auto before = end == 0 ? std::string::npos : tail.rfind('\n', end - 1);
        const std::size_t begin = before == std::string::npos ? 0 : before + 1;
        return tail.substr(begin, end - begin);
    }

    Result<void> append(std::string_view line) {
        off_t place = m_size;
        while (!line.empty()) {
            const ssize_t written = ::pwrite(m_descriptor, line.data(), line.size(), place);
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0) {
                Error error = fileError(m_file, "write");
                // Nothing half-written stays; a failure here is repaired by the next append.
                (void)(::ftruncate(m_descriptor, m_size) == 0);
                return error;
            }
            line.remove_prefix(static_cast<std::size_t>(written));
            place += written;
        }
        if (::fsync(m_descriptor) != 0)
            return fileError(m_file, "sync");
        return {};
    }

private:
    ChainFile(std::filesystem::path file, int descriptor) : m_file(std::move(file)), m_descriptor(descriptor) {}
    std::filesystem::path m_file;
    int m_descriptor = -1;
    off_t m_size = 0;
};

std::string asFileName(std::string_view text) {
    std::string name;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '@' ||
                           c == '.' || c == '_' || c == '-';
        name += plain ? c : '_';
    }
    return name;
}

} // namespace

Result<std::string> installationOf(const Workspace& workspace) {
    const std::filesystem::path file = workspace.root() / "installation";
    auto existing = readFile(file, 64);
    if (existing || existing.error().code != ErrorCode::NotFound)
        return existing;
    const auto lock = FileLock::acquire(workspace.locks() / "installation.lock");
    if (!lock)
        return lock.error();
    if (auto made = readFile(file, 64))
        return made;
    const std::string id = makeRandomId().substr(0, 12);
    TRY(writeFileAtomically(file, id));
    return id;
}

Result<AuditLog> AuditLog::open(const Workspace& workspace, const std::string& identity) {
    const std::string installation = TRY(installationOf(workspace));
    return AuditLog(workspace.audit(), asFileName(installation + "-" + identity));
}

Result<AuditHead> AuditLog::append(AuditRecord record) {
    const std::filesystem::path path = m_folder / (m_writer + ".jsonl");
    ChainFile file = TRY(ChainFile::open(path));
    const std::string last = TRY(file.lastLine());
    record.writer = m_writer;
    record.sequence = 1;
    record.previous.clear();
    if (!last.empty()) {
        const auto previous = parseAuditLine(last);
        if (!previous) {
            return fail(ErrorCode::Corrupt, "The last record of {} is damaged: {} See perch audit verify.", path.string(),
                previous.error().message);
        }
        if (!record.planId.empty() && previous->planId == record.planId && previous->result == record.result)
            return AuditHead{m_writer, previous->sequence, previous->hash};
        record.sequence = previous->sequence + 1;
        record.previous = previous->hash;
    }
    record.evidenceHash = sha256(record.evidence).hex();
    record.hash = hashOf(record);
    const std::string line = toJson(record).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    TRY(file.append(line));
    return AuditHead{m_writer, record.sequence, record.hash};
}

Result<void> AuditLog::checkWritable() const {
    const std::filesystem::path path = m_folder / (m_writer + ".jsonl");
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return fileError(path, "write");
    ::close(descriptor);
    return {};
}

Result<std::vector<AuditRecord>> AuditLog::read() const {
    std::vector<AuditRecord> records;
    for (const AuditChain& chain : TRY(readAuditChains(m_folder))) {
        for (const std::string& line : chain.lines) {
            // A damaged record is what verification reports; the others can still be read.
            if (auto record = parseAuditLine(line))
                records.push_back(*std::move(record));
        }
    }
    std::ranges::stable_sort(records, {}, &AuditRecord::at);
    return records;
}

} // namespace perch::rollout
