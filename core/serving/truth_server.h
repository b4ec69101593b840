#pragma once

#include "core/http/server.h"
#include "core/serving/truth_store.h"

#include <memory>
#include <stop_token>
#include <thread>

namespace perch::serving {

/// `perch-server truth`: the truth store behind HTTP on loopback.
///   POST /v1/versions   {"model","model_version","classes":[...]}          204
///   POST /v1/records    {"records":[...]}                                  204, 409: a version is not announced
///   POST /v1/feedback   {"model","request_id","truth"} or a list of them   202 {"outcome":"joined"} or
///                                                                              {"outcomes":{"joined":2,"waiting":1}}
///   GET /metrics /healthz /readyz
class TruthServer {
public:
    struct Options {
        std::string address = "127.0.0.1";
        std::uint16_t port = 0;
        TruthStore::Options store;
        std::string programVersion;
    };
    static Result<std::unique_ptr<TruthServer>> start(
        const std::filesystem::path& file, Options options, const Clock& clock);
    ~TruthServer();

    std::uint16_t port() const { return m_server->port(); }
    bool drain(std::chrono::milliseconds deadline) { return m_server->drain(deadline); }

private:
    TruthServer() = default;
    http::Response answer(const http::IncomingRequest& request);
    http::Response onFeedback(std::string_view body);
    Result<void> onVersion(std::string_view body);
    Result<void> onRecords(std::string_view body);
    void keepPruning(const std::stop_token& stop);

    Exposition m_exposition;
    std::unique_ptr<TruthStore> m_store;
    std::jthread m_pruning;
    std::unique_ptr<http::Server> m_server;
};

} // namespace perch::serving
