#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace perch {

/// What this machine has and what is in use, at one moment. Bytes.
struct MachineSample {
    SystemTime at{};
    std::uint32_t threads = 0;         ///< that can run at once
    std::optional<double> busyThreads; ///< on average since the sample before; nothing for the first one
    std::uint64_t memoryTotal = 0;
    std::uint64_t memoryUsed = 0;      ///< total less what programs could still get
    std::uint64_t diskTotal = 0;       ///< of the file system of the folder given
    std::uint64_t diskFree = 0;        ///< for this user
};

/// Reads /proc and statvfs. One thread at a time; a sample takes well under a millisecond.
class MachineReader {
public:
    /// `folder` says which disk is meant; `proc` is where the system tells about itself.
    explicit MachineReader(std::filesystem::path folder, std::filesystem::path proc = "/proc");

    /// Unavailable or Corrupt with the name of the file that cannot be read or understood.
    Result<MachineSample> read(SystemTime now);

private:
    /// Jiffies of all processors since the start.
    struct Ticks {
        std::uint64_t busy = 0;
        std::uint64_t all = 0;
    };
    Result<void> readProcessor(MachineSample& sample);
    Result<void> readMemory(MachineSample& sample) const;
    Result<void> readDisk(MachineSample& sample) const;

    std::filesystem::path m_folder;
    std::filesystem::path m_proc;
    std::optional<Ticks> m_before;
};

} // namespace perch
