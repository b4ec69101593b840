#pragma once

#include "core/base/ids.h"

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace perch::local {

/// One server of a backend: a replica behind HAProxy.
struct RouterServer {
    std::string backend; ///< `churn.0`
    std::string name;    ///< `churn-v2-0`
    std::uint16_t port = 0;
    enum class State { Ready, Drain, Maintenance } state = State::Ready;

    std::string path() const { return backend + "/" + name; }
    auto operator<=>(const RouterServer&) const = default;
};

/// A model as HAProxy sees it: four backends `churn.0` to `churn.3` and an alias path.
struct RouterModel {
    ModelName model;
    std::string path;
    auto operator<=>(const RouterModel&) const = default;
};

/// Everything HAProxy's configuration file depends on. The traffic split is in the map beside it.
struct RouterLayout {
    std::uint16_t predictPort = 0;
    std::uint16_t metricsPort = 0; ///< HAProxy's own Prometheus exporter
    std::uint16_t truthPort = 0;
    std::vector<RouterModel> models;
    std::vector<RouterServer> servers; ///< Ready ones; a restarted HAProxy begins with them
    bool operator==(const RouterLayout&) const = default;
};

/// The backend of a slot of a model: `churn.0`.
std::string backendName(const ModelName& model, int slot);

/// How HAProxy checks a replica: two failed checks take it out, one good check brings it back.
inline constexpr const char* kServerOptions = "check inter 500 fastinter 100 downinter 100 fall 2 rise 1";

/// The text of haproxy.cfg. File names in it are relative to its folder.
std::string haproxyConfiguration(const RouterLayout& layout);
/// The text of paths.map: alias path -> model.
std::string pathMapText(const RouterLayout& layout);

} // namespace perch::local
