#include "core/platforms/local/haproxy_configuration.h"

#include "core/platforms/local/local_store.h"

namespace perch::local {

namespace {

constexpr const char* kGlobal =
    R"(# Written by Perch for each change of models or replicas. The traffic split is in split.map.
global
    maxconn 8192
    stats socket unix@haproxy.sock mode 600 level admin expose-fd listeners
    hard-stop-after 30s
    # A request is sent to another replica only while all of it is in this buffer: about 140 rows of 20 fields.
    tune.bufsize 65536

defaults
    mode http
    # On loopback a connection is there at once or refused; a retry waits as long as this, at most a second.
    timeout connect 250ms
    timeout client 60s
    timeout server 30s
    timeout queue 5s
    timeout http-request 10s
    timeout http-keep-alive 60s
    timeout check 1s
    option idle-close-on-response
    option redispatch 1
    option dontlog-normal
    retries 3
    # A prediction has no side effect that matters, so that a replica that dies with a request in hand costs none. What
    # is not here as a whole when it is sent cannot be sent again.
    retry-on conn-failure empty-response
    option http-buffer-request
    http-error status 502 content-type application/json string '{"error":{"code":"unavailable","message":"The replica that had this request went away."}}'
    http-error status 503 content-type application/json string '{"error":{"code":"unavailable","message":"No replica of this model is ready."}}'
    http-error status 504 content-type application/json string '{"error":{"code":"timeout","message":"The replica did not answer in time."}}'
)";

/// One map entry decides everything about a request; rand() is drawn once per request. A canary without a ready replica
/// gets nothing: its requests stay with stable.
constexpr const char* kFrontend = R"(
frontend predict
    bind 127.0.0.1:{predict}
    http-request return status 200 content-type text/plain string ok if {{ path /healthz /v2/health/live /v2/health/ready }}
    http-request set-var(txn.model) path,field(4,/),field(1,:) if {{ path_beg /v1/models/ /v2/models/ }}
    http-request set-var(txn.model) path,map(paths.map) if !{{ path_beg /v1/models/ /v2/models/ }}
    http-request set-var(txn.split) var(txn.model),map(split.map)
    http-request return status 404 content-type application/json string '{{"error":{{"code":"not_found","message":"There is no model at this path."}}}}' if !{{ var(txn.split) -m found }} !{{ path /v1/feedback }}
    http-request set-var(txn.stable) var(txn.split),field(1,:)
    http-request set-var(txn.canary) var(txn.split),field(2,:)
    http-request set-var(txn.weight) var(txn.split),field(3,:),add(0)
    http-request set-var(txn.role) str(stable)
    http-request set-var(txn.role) str(canary) if {{ rand(10000),sub(txn.weight) -m int lt 0 }} {{ var(txn.model),concat(.,txn.canary),nbsrv -m int gt 0 }}
    http-request set-var(txn.slot) var(txn.stable)
    http-request set-var(txn.slot) var(txn.canary) if {{ var(txn.role) -m str canary }}
    http-request set-header X-Perch-Role %[var(txn.role)]
    http-request del-header X-Perch-Mirror
    use_backend truth if {{ path /v1/feedback }}
    use_backend %[var(txn.model)].%[var(txn.slot)]

frontend metrics
    bind 127.0.0.1:{metrics}
    http-request use-service prometheus-exporter if {{ path /metrics }}
    http-request return status 404

backend truth
    server truth 127.0.0.1:{truth}
)";

} // namespace

std::string backendName(const ModelName& model, int slot) {
    return fmt::format("{}.{}", model.text(), slot);
}

std::string haproxyConfiguration(const RouterLayout& layout) {
    std::string text = kGlobal;
    text += fmt::format(fmt::runtime(kFrontend), fmt::arg("predict", layout.predictPort),
        fmt::arg("metrics", layout.metricsPort), fmt::arg("truth", layout.truthPort));
    for (const RouterModel& model : layout.models) {
        for (int slot = 0; slot < kSlotsPerModel; ++slot) {
            const std::string backend = backendName(model.model, slot);
            text += fmt::format("\nbackend {}\n    balance leastconn\n    option httpchk GET /readyz\n", backend);
            for (const RouterServer& server : layout.servers) {
                if (server.backend == backend && server.state == RouterServer::State::Ready)
                    text += fmt::format("    server {} 127.0.0.1:{} {}\n", server.name, server.port, kServerOptions);
            }
        }
    }
    return text;
}

std::string pathMapText(const RouterLayout& layout) {
    std::string text;
    for (const RouterModel& model : layout.models)
        text += fmt::format("{} {}\n", model.path, model.model.text());
    return text;
}

} // namespace perch::local
