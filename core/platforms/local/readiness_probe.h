#pragma once

#include "core/base/clock.h"

#include <cstdint>
#include <optional>
#include <string>

namespace perch::local {

/// One `GET` to a process on this machine, without ever blocking: the supervisor's loop advances many at a time.
class ReadinessProbe {
public:
    ReadinessProbe(std::uint16_t port, std::string path);
    ReadinessProbe(ReadinessProbe&& other) noexcept;
    ReadinessProbe& operator=(ReadinessProbe&& other) noexcept;
    ~ReadinessProbe();

    /// Does what can be done now. The status code once there is an answer, 0 if there will be none (nobody listens or the
    /// connection broke); nothing while it is under way. The caller gives up on it by letting it go.
    std::optional<int> advance();

private:
    enum class Stage { Connecting, Reading, Failed } m_stage = Stage::Failed;
    int m_socket = -1;
    std::string m_request;
    std::string m_answer;
};

} // namespace perch::local
