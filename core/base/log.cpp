#include "core/base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace perch::log {

namespace {

spdlog::level::level_enum toSpdlog(Level level) {
    switch (level) {
    case Level::Debug:
        return spdlog::level::debug;
    case Level::Info:
        return spdlog::level::info;
    case Level::Warning:
        return spdlog::level::warn;
    case Level::Error:
        break;
    }
    return spdlog::level::err;
}

spdlog::logger& logger() {
    static const std::shared_ptr<spdlog::logger> instance = [] {
        auto created = std::make_shared<spdlog::logger>("perch", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        created->set_formatter(
            std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc));
        created->set_level(spdlog::level::warn);
        return created;
    }();
    return *instance;
}

} // namespace

void setLevel(Level level) {
    logger().set_level(toSpdlog(level));
}

void write(Level level, std::string_view component, std::string_view message) {
    logger().log(toSpdlog(level), "{}: {}", component, message);
}

} // namespace perch::log
