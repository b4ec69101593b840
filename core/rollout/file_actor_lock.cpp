#include "core/rollout/file_actor_lock.h"

#include "core/base/file.h"
#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <optional>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace perch::rollout {

namespace {

constexpr std::size_t kFenceBytes = 512;
/// How long a taker-over waits for the one before to see the new fence.
constexpr std::chrono::milliseconds kTakeoverWait{1'000};

struct Fence {
    std::uint64_t number = 0;
    std::string identity;
    std::string program;
};

Fence parseFence(std::string_view bytes) {
    Fence fence;
    const auto json = parseJson(bytes.substr(0, bytes.find('\0')), "The fence");
    if (!json || !json->is_object())
        return fence;
    fence.number = json->value("fence", std::uint64_t{0});
    fence.identity = json->value("identity", std::string());
    fence.program = json->value("program", std::string());
    return fence;
}

std::string fenceBytes(const Fence& fence) {
    const nlohmann::json json = {{"fence", fence.number}, {"identity", fence.identity.substr(0, 180)},
        {"program", fence.program.substr(0, 60)}};
    std::string bytes = json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    bytes.resize(kFenceBytes, '\0');
    return bytes;
}

/// Numbers are read and raised under a lock of their own, held for a moment only.
class FenceFile {
public:
    static Result<FenceFile> open(const std::filesystem::path& file) {
        FenceFile fence(file, ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        if (fence.m_descriptor < 0)
            return fileError(file, "open");
        while (::flock(fence.m_descriptor, LOCK_EX) != 0) {
            if (errno != EINTR)
                return fileError(file, "lock");
        }
        return fence;
    }
    FenceFile(FenceFile&& other) noexcept
        : m_file(std::move(other.m_file)), m_descriptor(std::exchange(other.m_descriptor, -1)) {}
    ~FenceFile() {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    Fence read() const {
        std::string bytes(kFenceBytes, '\0');
        const ssize_t count = ::pread(m_descriptor, bytes.data(), bytes.size(), 0);
        return count > 0 ? parseFence(bytes) : Fence();
    }
    Result<void> write(const Fence& fence) const {
        const std::string bytes = fenceBytes(fence);
        if (::pwrite(m_descriptor, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
            return fileError(m_file, "write");
        return {};
    }

private:
    FenceFile(std::filesystem::path file, int descriptor) : m_file(std::move(file)), m_descriptor(descriptor) {}
    std::filesystem::path m_file;
    int m_descriptor = -1;
};

Result<std::uint64_t> raiseFence(const std::filesystem::path& file, const Actor& actor, std::uint64_t floor) {
    const FenceFile fence = TRY(FenceFile::open(file));
    const std::uint64_t number = std::max(fence.read().number, floor) + 1;
    TRY(fence.write({number, actor.identity, actor.program}));
    return number;
}

Error heldBy(const std::filesystem::path& fenceFile, const ModelName& model) {
    const auto bytes = readFile(fenceFile, kFenceBytes * 2);
    const Fence fence = bytes ? parseFence(*bytes) : Fence();
    return fail(ErrorCode::Conflict, "{} ({}) acts on {} at this moment.",
        fence.identity.empty() ? "Somebody" : fence.identity, fence.program.empty() ? "unknown" : fence.program,
        model.text());
}

std::optional<FileLock> lockWithin(const std::filesystem::path& file, std::chrono::milliseconds wait) {
    const auto deadline = std::chrono::steady_clock::now() + wait;
    for (;;) {
        if (auto lock = FileLock::acquire(file))
            return std::move(*lock);
        if (std::chrono::steady_clock::now() > deadline)
            return {};
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

class FileActorLock final : public ActorLock {
public:
    FileActorLock(std::filesystem::path fenceFile, ModelName model, std::uint64_t fence, std::optional<FileLock> lock)
        : m_fenceFile(std::move(fenceFile)), m_model(std::move(model)), m_fence(fence), m_lock(std::move(lock)) {}

    std::uint64_t fence() const override { return m_fence; }
    Result<void> check() const override {
        const std::string bytes = TRY(readFile(m_fenceFile, kFenceBytes * 2));
        const Fence fence = parseFence(bytes);
        if (fence.number == m_fence)
            return {};
        return fail(ErrorCode::Conflict, "{} ({}) took over {}: nothing further was written.", fence.identity,
                    fence.program, m_model.text());
    }

private:
    const std::filesystem::path m_fenceFile;
    const ModelName m_model;
    const std::uint64_t m_fence;
    const std::optional<FileLock> m_lock;
};

} // namespace

Result<std::unique_ptr<ActorLock>> FileActorLocks::acquire(const ModelName& model, const Actor& actor,
                                                           std::uint64_t floor, Takeover takeover, std::stop_token) {
    const std::filesystem::path lockFile = m_folder / (model.text() + ".lock");
    const std::filesystem::path fenceFile = m_folder / (model.text() + ".fence");
    if (takeover == Takeover::Yes) {
        const std::uint64_t fence = TRY(raiseFence(fenceFile, actor, floor));
        return std::make_unique<FileActorLock>(fenceFile, model, fence, lockWithin(lockFile, kTakeoverWait));
    }
    auto held = FileLock::acquire(lockFile);
    if (!held && held.error().code == ErrorCode::Conflict)
        return heldBy(fenceFile, model);
    FileLock own = TRY(std::move(held));
    const std::uint64_t fence = TRY(raiseFence(fenceFile, actor, floor));
    return std::make_unique<FileActorLock>(fenceFile, model, fence, std::move(own));
}

} // namespace perch::rollout
