#include "core/serving/truth_server.h"

#include "core/base/log.h"
#include "core/http/client.h"

#include <nlohmann/json.hpp>
#include <prometheus/gauge.h>

namespace perch::serving {

namespace {

constexpr std::chrono::seconds kPruneInterval{30};

http::Response statusOf(const Result<void>& result) {
    if (!result)
        return http::errorResponse(result.error());
    return {204, {}, ""};
}

} // namespace

Result<std::unique_ptr<TruthServer>> TruthServer::start(
    const std::filesystem::path& file, Options options, const Clock& clock) {
    std::unique_ptr<TruthServer> server(new TruthServer);
    server->m_exposition.gauge("ml_build_info", "Version of the program.", {{"version", options.programVersion}}).Set(1);
    server->m_store = TRY(TruthStore::open(file, options.store, clock, server->m_exposition));
    http::Server::Options listener{.address = options.address, .port = options.port, .bodyLimit = std::size_t{16} << 20};
    server->m_server = TRY(http::Server::start(
        std::move(listener), [self = server.get()](const http::IncomingRequest& request) { return self->answer(request); }));
    server->m_pruning = std::jthread([self = server.get()](std::stop_token stop) { self->keepPruning(stop); });
    return server;
}

TruthServer::~TruthServer() = default;

void TruthServer::keepPruning(const std::stop_token& stop) {
    while (http::pause(kPruneInterval, stop)) {
        if (const Result<void> pruned = m_store->prune(); !pruned)
            log::error("truth store", "{}", pruned.error().message);
    }
}

http::Response TruthServer::answer(const http::IncomingRequest& request) {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (reads && request.path == "/metrics")
        return {200, {{"Content-Type", kExpositionType}}, m_exposition.text()};
    if (reads && (request.path == "/healthz" || request.path == "/readyz"))
        return {200, {}, "{}"};
    if (request.method == "POST" && request.path == "/v1/versions")
        return statusOf(onVersion(request.body));
    if (request.method == "POST" && request.path == "/v1/records")
        return statusOf(onRecords(request.body));
    if (request.method == "POST" && request.path == "/v1/feedback")
        return onFeedback(request.body);
    return http::errorResponse(
        fail(ErrorCode::NotFound, "There is no {} {}.", request.method.substr(0, 20), request.path.substr(0, 200)));
}

Result<void> TruthServer::onVersion(std::string_view body) {
    return m_store->announce(TRY(announcementFromJson(body)));
}

Result<void> TruthServer::onRecords(std::string_view body) {
    return m_store->addRecords(TRY(recordsFromJson(body)));
}

http::Response TruthServer::onFeedback(std::string_view body) {
    const Result<std::vector<Feedback>> feedback = feedbackFromJson(body);
    const Result<std::vector<FeedbackOutcome>> outcomes =
        feedback ? m_store->addFeedback(*feedback) : Result<std::vector<FeedbackOutcome>>(feedback.error());
    if (!outcomes) {
        const ErrorCode code = outcomes.error().code;
        if (code == ErrorCode::InvalidInput || code == ErrorCode::NotFound)
            m_store->countInvalid(feedback ? feedback->size() : 1);
        return http::errorResponse(outcomes.error());
    }
    nlohmann::json counts = nlohmann::json::object();
    for (const FeedbackOutcome outcome : *outcomes)
        counts[std::string(toString(outcome))] = counts.value(toString(outcome), 0) + 1;
    if (outcomes->size() == 1)
        return {202, {}, nlohmann::json({{"outcome", toString(outcomes->front())}}).dump()};
    return {202, {}, nlohmann::json({{"outcomes", std::move(counts)}}).dump()};
}

} // namespace perch::serving
