#include "core/base/machine.h"

#include "core/base/file.h"

#include <algorithm>
#include <sstream>

#include <sys/statvfs.h>

namespace perch {

MachineReader::MachineReader(std::filesystem::path folder, std::filesystem::path proc)
    : m_folder(std::move(folder)), m_proc(std::move(proc)) {}

Result<MachineSample> MachineReader::read(SystemTime now) {
    MachineSample sample;
    sample.at = now;
    TRY(readProcessor(sample));
    TRY(readMemory(sample));
    TRY(readDisk(sample));
    return sample;
}

/// The line `cpu user nice system idle iowait irq softirq steal`; each `cpuN` line is one thread.
Result<void> MachineReader::readProcessor(MachineSample& sample) {
    const std::filesystem::path file = m_proc / "stat";
    std::istringstream lines(TRY(readFile(file)));
    Ticks now;
    for (std::string line; std::getline(lines, line) && line.starts_with("cpu");) {
        if (!line.starts_with("cpu ")) {
            ++sample.threads;
            continue;
        }
        std::istringstream fields(line.substr(4));
        constexpr int kFields = 8, kIdle = 3, kWaiting = 4;
        std::uint64_t ticks = 0;
        for (int field = 0; field < kFields && fields >> ticks; ++field) {
            now.all += ticks;
            now.busy += field == kIdle || field == kWaiting ? 0 : ticks;
        }
    }
    if (sample.threads == 0 || now.all == 0)
        return fail(ErrorCode::Corrupt, "{} does not tell about processors.", file.string());
    if (m_before && now.all > m_before->all && now.busy >= m_before->busy) {
        const double share =
            static_cast<double>(now.busy - m_before->busy) / static_cast<double>(now.all - m_before->all);
        sample.busyThreads = std::min(1.0, share) * sample.threads;
    }
    m_before = now;
    return {};
}

Result<void> MachineReader::readMemory(MachineSample& sample) const {
    const std::filesystem::path file = m_proc / "meminfo";
    std::istringstream lines(TRY(readFile(file)));
    constexpr std::uint64_t kKibi = 1'024;
    std::uint64_t available = 0;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        std::string name;
        std::uint64_t kibibytes = 0;
        fields >> name >> kibibytes;
        if (name == "MemTotal:")
            sample.memoryTotal = kibibytes * kKibi;
        else if (name == "MemAvailable:")
            available = kibibytes * kKibi;
    }
    if (sample.memoryTotal == 0 || available > sample.memoryTotal)
        return fail(ErrorCode::Corrupt, "{} does not tell about memory.", file.string());
    sample.memoryUsed = sample.memoryTotal - available;
    return {};
}

Result<void> MachineReader::readDisk(MachineSample& sample) const {
    struct statvfs disk {};
    if (::statvfs(m_folder.c_str(), &disk) != 0)
        return fileError(m_folder, "read");
    sample.diskTotal = std::uint64_t{disk.f_blocks} * disk.f_frsize;
    sample.diskFree = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    return {};
}

} // namespace perch
