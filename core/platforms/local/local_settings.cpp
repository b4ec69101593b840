#include "core/platforms/local/local_settings.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>

namespace perch::local {

namespace {

constexpr const char* kSetting = "platform";
constexpr const char* kSettingsFile = "The settings of the local platform";

/// Listens on a port of loopback for a moment; 0 lets the system choose. The port, or 0 if it is taken.
std::uint16_t tryPort(std::uint16_t port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0)
        return 0;
    const int yes = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool bound = ::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       ::listen(listener, 1) == 0 &&
                       ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(listener);
    return bound ? ntohs(address.sin_port) : std::uint16_t{0};
}

std::string url(std::uint16_t port) {
    return fmt::format("http://127.0.0.1:{}", port);
}

} // namespace

std::string LocalSettings::predictUrl() const {
    return url(predictPort);
}

std::string LocalSettings::prometheusUrl() const {
    return url(prometheusPort);
}

std::string LocalSettings::truthUrl() const {
    return url(truthPort);
}

Result<std::optional<LocalSettings>> LocalSettings::load(LocalStore& store) {
    const std::optional<std::string> text = TRY(store.setting(kSetting));
    if (!text)
        return std::optional<LocalSettings>();
    const nlohmann::json document = TRY(parseJson(*text, kSettingsFile));
    LocalSettings settings;
    const auto port = [&](std::string_view name) -> Result<std::uint16_t> {
        return static_cast<std::uint16_t>(TRY(jsonInteger(document, name, kSettingsFile)));
    };
    settings.predictPort = TRY(port("predict_port"));
    settings.truthPort = TRY(port("truth_port"));
    settings.prometheusPort = TRY(port("prometheus_port"));
    settings.routerMetricsPort = TRY(port("router_metrics_port"));
    settings.timeFactor = TRY(jsonNumber(document, "time_factor", kSettingsFile));
    settings.environment = TRY(jsonString(document, "environment", kSettingsFile));
    return std::optional(settings);
}

Result<void> LocalSettings::save(LocalStore& store) const {
    const nlohmann::json document = {{"predict_port", predictPort},       {"truth_port", truthPort},
                                     {"prometheus_port", prometheusPort}, {"router_metrics_port", routerMetricsPort},
                                     {"time_factor", timeFactor},         {"environment", environment}};
    return store.setSetting(kSetting, document.dump());
}

Result<std::uint16_t> findFreePort() {
    const std::uint16_t port = tryPort(0);
    if (port == 0)
        return fail(ErrorCode::Unavailable, "There is no free port on 127.0.0.1: {}.", std::strerror(errno));
    return port;
}

bool isPortFree(std::uint16_t port) {
    return tryPort(port) == port;
}

} // namespace perch::local
