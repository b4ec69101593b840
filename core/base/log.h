#pragma once

#include <fmt/core.h>

#include <string_view>
#include <utility>

/// Logs go to stderr, one line each: `2026-11-22T04:05:06.789Z warning supervisor: ...`. Safe from any thread.
namespace perch::log {

enum class Level { Debug, Info, Warning, Error };

/// Lines below the level are dropped; Warning at start. Set once in `main`.
void setLevel(Level level);
void write(Level level, std::string_view component, std::string_view message);

template <typename... Args>
void debug(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
    write(Level::Debug, component, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
    write(Level::Info, component, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
    write(Level::Warning, component, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
    write(Level::Error, component, fmt::format(format, std::forward<Args>(args)...));
}

} // namespace perch::log
