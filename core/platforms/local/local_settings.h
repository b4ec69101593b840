#pragma once

#include "core/platforms/local/local_store.h"

#include <cstdint>

namespace perch::local {

/// What `perch local up` chose once for the workspace: addresses (all on 127.0.0.1), the time factor of a demo and
/// the kind of environment.
struct LocalSettings {
    std::uint16_t predictPort = 0;    ///< HAProxy: the address of the models
    std::uint16_t truthPort = 0;      ///< truth store: feedback and its metrics
    std::uint16_t prometheusPort = 0;
    std::uint16_t routerMetricsPort = 0; ///< HAProxy's own metrics
    double timeFactor = 1;            ///< story seconds per second
    std::string environment = "development";

    std::string predictUrl() const;
    std::string prometheusUrl() const;
    std::string truthUrl() const;

    /// Nothing before the first `up`.
    static Result<std::optional<LocalSettings>> load(LocalStore& store);
    Result<void> save(LocalStore& store) const;
};

/// A port of 127.0.0.1 that nobody uses at this moment.
Result<std::uint16_t> findFreePort();
/// Whether a server could listen on a port of 127.0.0.1 now.
bool isPortFree(std::uint16_t port);

} // namespace perch::local
