#include "core/serving/model_server.h"

#include "core/base/json.h"
#include "core/model/predict/xgboost_library.h"
#include "core/serving/binary_tensors.h"
#include "core/serving/inference_protocol.h"
#include "core/serving/openapi.h"

#include <nlohmann/json.hpp>
#include <prometheus/gauge.h>

#include <ranges>
#include <unordered_map>

namespace perch::serving {

namespace {

/// Bodies above this are batches: they run beside the single rows, not before them.
constexpr std::size_t kLargeBody = 64 * 1024;
constexpr unsigned kSlowThreads = 1;
constexpr std::size_t kLongestPath = 1'000; ///< in the access log
constexpr std::string_view kFeedbackPath = "/v1/feedback";
constexpr std::string_view kModelsPath = "/v1/models/";
/// A copy of a request that another server has answered: see Mirror.
constexpr std::string_view kMirrorHeader = "X-Perch-Mirror";
constexpr std::size_t kShadowRole = 2;
constexpr std::string_view kLoadWhat = "The request to load a model";

struct PathHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view path) const { return std::hash<std::string_view>()(path); }
};

http::Response jsonResponse(nlohmann::ordered_json document, int status = 200) {
    return {status, {}, document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

http::Response notFound(const http::IncomingRequest& request) {
    Error error = fail(ErrorCode::NotFound, "There is nothing at {}.", request.path.substr(0, 200));
    error.where = request.path.substr(0, 200);
    return http::errorResponse(error);
}

http::Response wrongMethod(const http::IncomingRequest& request, std::string_view allowed) {
    http::Response response =
        http::errorResponse(fail(ErrorCode::InvalidInput, "{} takes {}, not {}.", request.path.substr(0, 200), allowed,
                                 request.method.substr(0, 20)),
                            405);
    response.headers.emplace_back("Allow", allowed);
    return response;
}

bool isRead(const http::IncomingRequest& request) {
    return request.method == "GET" || request.method == "HEAD";
}

} // namespace

struct ModelServer::Route {
    enum class Kind { Predict, Metadata, Ready } kind = Kind::Predict;
    Endpoint endpoint = Endpoint::Predict;
    std::shared_ptr<ServedModel> model;
    std::shared_ptr<const FieldRoute> rule = {}; ///< instead of the model: it chooses one for each row

    const ModelName& owner() const { return rule ? rule->owner() : model->name(); }
};

/// The paths of the loaded models; replaced as a whole when one is loaded.
struct ModelServer::Routes {
    std::unordered_map<std::string, Route, PathHash, std::equal_to<>> byPath;
    std::vector<std::shared_ptr<ServedModel>> models;
    std::vector<std::shared_ptr<const FieldRoute>> rules;

    void add(const std::shared_ptr<ServedModel>& model) {
        for (const Endpoint endpoint : {Endpoint::Predict, Endpoint::Alias, Endpoint::Infer})
            byPath[model->pathOf(endpoint)] = {Route::Kind::Predict, endpoint, model};
        const std::string base = "/v2/models/" + model->name().text();
        const std::string number = std::to_string(model->version().number);
        for (const std::string& versioned : {base, base + "/versions/v" + number, base + "/versions/" + number}) {
            byPath[versioned] = {Route::Kind::Metadata, Endpoint::Infer, model};
            byPath[versioned + "/ready"] = {Route::Kind::Ready, Endpoint::Infer, model};
            byPath[versioned + "/infer"] = {Route::Kind::Predict, Endpoint::Infer, model};
        }
        models.push_back(model);
    }

    /// Replaces what the models have put at the paths of rules. Once all models are there.
    void add(const std::vector<RouteRule>& added, Exposition& exposition) {
        rules.clear();
        for (const RouteRule& rule : added) {
            rules.push_back(std::make_shared<const FieldRoute>(
                rule, [this](const ModelName& name) { return newest(name); }, exposition));
            byPath[rule.path] = {Route::Kind::Predict, Endpoint::Alias, nullptr, rules.back()};
        }
    }

    std::shared_ptr<ServedModel> newest(const ModelName& name) const {
        const auto found = std::ranges::find(models | std::views::reverse, name,
                                             [](const std::shared_ptr<ServedModel>& model) { return model->name(); });
        return found == models.rend() ? nullptr : *found;
    }

    const ServedModel* find(const ModelName& name, Version version) const {
        const auto found = std::ranges::find_if(models, [&](const std::shared_ptr<ServedModel>& model) {
            return model->name() == name && model->version().number == version.number;
        });
        return found == models.end() ? nullptr : found->get();
    }

    const Route* find(std::string_view path) const {
        auto found = byPath.find(path);
        // `:` may arrive as %3A.
        if (found == byPath.end() && path.find('%') != std::string_view::npos)
            found = byPath.find(http::percentDecode(path));
        return found == byPath.end() ? nullptr : &found->second;
    }
};

ModelServer::ModelServer(Options options, const Clock& clock)
    : m_options(std::move(options)), m_clock(clock), m_roles({"stable", "canary", "shadow"}) {
    const auto known = std::ranges::find(m_roles, m_options.role);
    m_defaultRole = static_cast<std::size_t>(known - m_roles.begin());
    if (known == m_roles.end())
        m_roles.push_back(m_options.role);
    auto routes = std::make_shared<Routes>();
    routes->add(m_options.rules, m_exposition);
    m_routes = std::move(routes);
    m_exposition.gauge("ml_build_info", "Version of the program.", {{"version", m_options.programVersion}}).Set(1);
    if (!m_options.truthUrl.empty())
        m_truth = std::make_unique<TruthLink>(
            TruthLink::Options{.url = m_options.truthUrl, .queueLimit = m_options.recordQueueLimit}, m_exposition);
    if (!m_options.mirror.file.empty())
        m_mirror = std::make_unique<Mirror>(m_options.mirror, m_exposition);
}

ModelServer::~ModelServer() = default;

Result<std::unique_ptr<ModelServer>> ModelServer::start(Options options, const Clock& clock) {
    std::unique_ptr<ModelServer> server(new ModelServer(std::move(options), clock));
    if (!server->m_options.log.folder.empty())
        server->m_log = TRY(PredictionLog::open(server->m_options.log, clock, server->m_exposition));
    if (!server->m_options.access.file.empty())
        server->m_access = TRY(AccessLog::open(server->m_options.access, clock, server->m_exposition));
    TRY(server->listen());
    return server;
}

Result<void> ModelServer::listen() {
    http::Server::Options predictions{.address = m_options.address,
                                      .port = m_options.port,
                                      .threads = m_options.threads,
                                      .slowThreads = kSlowThreads,
                                      .bodyLimit = m_options.bodyLimit};
    // Feedback waits for the truth store and batches take long: neither may hold up a single row.
    predictions.slow = [](const http::IncomingRequest& request) {
        return request.body.size() > kLargeBody || request.path == kFeedbackPath;
    };
    predictions.onRefused = [this](std::string_view path, int status) { onRefused(path, status); };
    m_predictions = TRY(http::Server::start(
        std::move(predictions), [this](const http::IncomingRequest& request) { return onPrediction(request); }));
    m_port = m_predictions->port();
    http::Server::Options metrics{.address = m_options.address, .port = m_options.metricsPort};
    metrics.slow = [](const http::IncomingRequest& request) { return request.path == kFeedbackPath; };
    m_metrics = TRY(http::Server::start(std::move(metrics),
                                        [this](const http::IncomingRequest& request) { return onMetrics(request); }));
    m_metricsPort = m_metrics->port();
    if (m_options.adminSocket.empty())
        return {};
    http::Server::Options admin{.unixSocket = m_options.adminSocket};
    m_admin = TRY(http::Server::start(std::move(admin),
                                      [this](const http::IncomingRequest& request) { return onAdmin(request); }));
    return {};
}

std::shared_ptr<const ModelServer::Routes> ModelServer::routes() const {
    const std::lock_guard lock(m_routesMutex);
    return m_routes;
}

void ModelServer::setRoutes(std::shared_ptr<const Routes> routes) {
    // What is replaced is let go of after the lock: parameters outlive local variables.
    const std::lock_guard lock(m_routesMutex);
    m_routes.swap(routes);
}

Result<void> ModelServer::load(const ModelSource& source) {
    const std::lock_guard lock(m_loading);
    if (!m_library)
        m_library = TRY(model::XgboostLibrary::load());
    const std::shared_ptr<ServedModel> model =
        TRY(ServedModel::load(source, {.library = *m_library,
                                       .exposition = m_exposition,
                                       .roles = m_roles,
                                       .routesTo = [this](const ModelName& name) { return routesTo(name); },
                                       .lookupOf = [this](const ModelName& name) { return lookupOf(name); },
                                       .clock = &m_clock}));
    if (m_log)
        TRY(m_log->check(model->package()));
    auto changed = std::make_shared<Routes>(*routes());
    if (changed->find(model->name(), model->version()) != nullptr)
        return fail(ErrorCode::Conflict, "{} of the model {} is loaded already.", model->version().text(),
                    model->name().text());
    const std::string& alias = model->pathOf(Endpoint::Alias);
    if (const Route* other = changed->find(alias); other != nullptr && other->owner() != model->name())
        return fail(ErrorCode::Conflict, "The path {} belongs to the model {}.", alias, other->owner().text());
    changed->add(model);
    changed->add(m_options.rules, m_exposition);
    const model::ModelCard& card = model->package().card;
    if (m_truth)
        m_truth->announce({card.model.text(), model->version().text(), card.classes, card.tolerance});
    setRoutes(std::move(changed));
    return {};
}

Result<void> ModelServer::unload(const ModelName& name, Version version) {
    const std::lock_guard lock(m_loading);
    const std::shared_ptr<const Routes> current = routes();
    const ServedModel* gone = current->find(name, version);
    if (gone == nullptr)
        return fail(ErrorCode::NotFound, "{} of the model {} is not loaded.", version.text(), name.text());
    auto changed = std::make_shared<Routes>();
    for (const std::shared_ptr<ServedModel>& model : current->models) {
        if (model.get() != gone)
            changed->add(model);
    }
    changed->add(m_options.rules, m_exposition);
    setRoutes(std::move(changed));
    return {};
}

bool ModelServer::drain(std::chrono::milliseconds deadline) {
    m_draining = true;
    const bool complete = m_predictions->drain(deadline);
    return m_metrics->drain(deadline) && complete;
}

std::string ModelServer::notReady() const {
    if (m_draining)
        return "The server is draining.";
    const std::shared_ptr<const Routes> current = routes();
    if (current->models.empty())
        return "The model is not loaded yet.";
    for (const auto& rule : current->rules) {
        if (const ModelName* absent = rule->absentModel())
            return fmt::format("The model {}, which a rule names, is not loaded.", absent->text());
    }
    return {};
}

std::vector<std::string> ModelServer::routesTo(const ModelName& model) const {
    std::vector<std::string> paths;
    for (const RouteRule& rule : m_options.rules) {
        if (rule.leadsTo(model))
            paths.push_back(rule.path);
    }
    return paths;
}

/// A thread has at most one lookup at a time.
std::optional<FeatureLookup::Options> ModelServer::lookupOf(const ModelName& model) const {
    const auto found = m_options.lookups.find(model.text());
    if (found == m_options.lookups.end())
        return std::nullopt;
    FeatureLookup::Options options = found->second;
    options.connections = m_options.threads + kSlowThreads;
    return options;
}

std::size_t ModelServer::roleOf(const http::IncomingRequest& request) const {
    if (!request.header(kMirrorHeader).empty())
        return kShadowRole;
    const std::string_view role = request.header("X-Perch-Role");
    if (role.empty())
        return m_defaultRole;
    const auto known = std::ranges::find(m_roles, role);
    return known == m_roles.end() ? m_defaultRole : static_cast<std::size_t>(known - m_roles.begin());
}

http::Response ModelServer::onPrediction(const http::IncomingRequest& request) {
    const std::shared_ptr<const Routes> current = routes();
    const Route* route = current->find(request.path);
    if (!m_access)
        return answer(route, request);
    const SteadyTime begin = m_clock.steadyNow();
    http::Response response = answer(route, request);
    if (m_access->wants(response.status))
        logAccess(route, request, response, begin);
    return response;
}

http::Response ModelServer::answer(const Route* route, const http::IncomingRequest& request) {
    if (route != nullptr)
        return onRoute(*route, request);
    if (request.path == kFeedbackPath)
        return feedback(request);
    if (request.path == "/openapi.json")
        return openApi(request);
    return onProbe(request);
}

void ModelServer::logAccess(const Route* route, const http::IncomingRequest& request, const http::Response& response,
                            SteadyTime begin) {
    AccessRecord record{
        .time = m_clock.now(),
        .requestId =
            std::string(http::findHeader(response.headers, "X-Request-Id").value_or(request.header("X-Request-Id"))),
        .method = std::string(request.method),
        .path = std::string(request.path.substr(0, kLongestPath)),
        .status = response.status,
        .duration = m_clock.steadyNow() - begin,
        .requestBytes = request.body.size(),
        .responseBytes = response.body.size()};
    if (route != nullptr) {
        record.model = route->owner().text();
        record.version = route->model ? route->model->version().text() : "";
    }
    m_access->add(std::move(record));
}

http::Response ModelServer::openApi(const http::IncomingRequest& request) const {
    if (!isRead(request))
        return wrongMethod(request, "GET");
    const std::shared_ptr<const Routes> current = routes();
    return {200,
            {},
            openApiDocument({.programVersion = m_options.programVersion,
                             .models = current->models,
                             .rules = m_options.rules,
                             .rowLimit = m_options.rowLimit})};
}

http::Response ModelServer::onRoute(const Route& route, const http::IncomingRequest& request) {
    if (route.kind == Route::Kind::Predict)
        return request.method == "POST" ? predict(route, request) : wrongMethod(request, "POST");
    if (!isRead(request))
        return wrongMethod(request, "GET");
    if (route.kind == Route::Kind::Metadata)
        return {
            200, {}, inferenceMetadata(route.model->package(), route.model->version(), route.model->reader().lookup())};
    return jsonResponse({{"name", route.model->name().text()}, {"ready", ready()}}, ready() ? 200 : 503);
}

http::Response ModelServer::predict(const Route& route, const http::IncomingRequest& request) {
    const PredictionCall call{.endpoint = route.endpoint,
                              .body = request.body,
                              .requestId = request.header("X-Request-Id"),
                              .role = roleOf(request),
                              .rowLimit = m_options.rowLimit,
                              .keepCells = m_log && (route.rule || m_log->keeps(route.model->name())),
                              .jsonLength = request.header(kJsonLengthHeader)};
    Result<PredictionReply> reply =
        route.rule ? route.rule->predict(call, m_clock) : route.model->predict(call, m_clock);
    if (!reply)
        return http::errorResponse(reply.error());
    if (m_truth) {
        for (const AnsweredRows& answered : reply->answered)
            m_truth->add(ServedModel::recordsOf(answered));
    }
    if (m_log) {
        for (AnsweredRows& answered : reply->answered) {
            if (m_log->keeps(answered.model->name()))
                m_log->add(std::move(answered));
        }
    }
    if (m_mirror && !route.rule && call.role != kShadowRole)
        mirror(route, request, reply->requestId);
    http::Response response{200, {{"X-Request-Id", std::move(reply->requestId)}}, std::move(reply->body)};
    if (reply->jsonBytes != 0) {
        response.headers.emplace_back("Content-Type", kBinaryType);
        response.headers.emplace_back(kJsonLengthHeader, std::to_string(reply->jsonBytes));
    }
    return response;
}

/// The path is the one without a version: the other server has another version.
void ModelServer::mirror(const Route& route, const http::IncomingRequest& request, const std::string& requestId) {
    const ServedModel& model = *route.model;
    if (m_mirror->wants(model.name(), model.version(), requestId))
        m_mirror->add({model.pathOf(route.endpoint), std::string(request.body), requestId,
                       std::string(request.header(kJsonLengthHeader))});
}

http::Response ModelServer::feedback(const http::IncomingRequest& request) {
    if (request.method != "POST")
        return wrongMethod(request, "POST");
    if (!m_truth)
        return http::errorResponse(fail(ErrorCode::Unavailable, "This server has no truth store."));
    const Result<http::Response> answer = m_truth->forwardFeedback(std::string(request.body));
    if (!answer)
        return http::errorResponse(fail(ErrorCode::Unavailable, "The truth store is down: {}", answer.error().message));
    return {answer->status, {}, answer->body};
}

/// Health, readiness and the names of the Open Inference Protocol for them.
http::Response ModelServer::onProbe(const http::IncomingRequest& request) {
    const std::string_view path = request.path;
    const bool alive = path == "/healthz" || path == "/v2/health/live";
    const bool readiness = path == "/readyz" || path == "/v2/health/ready";
    if (!alive && !readiness && path != "/v2") {
        const bool prediction = path.ends_with(":predict") || path.ends_with("/infer");
        if (prediction && routes()->models.empty())
            return http::errorResponse(fail(ErrorCode::Unavailable, "The model is not loaded yet."));
        return notFound(request);
    }
    if (!isRead(request))
        return wrongMethod(request, "GET");
    if (path == "/v2")
        return jsonResponse(
            {{"name", "perch-server"}, {"version", m_options.programVersion}, {"extensions", {kBinaryExtension}}});
    if (alive)
        return jsonResponse({{"live", true}});
    const std::string reason = notReady();
    nlohmann::ordered_json document = {{"ready", reason.empty()}, {"draining", m_draining.load()}};
    if (!reason.empty())
        document["reason"] = reason;
    return jsonResponse(std::move(document), reason.empty() ? 200 : 503);
}

http::Response ModelServer::onMetrics(const http::IncomingRequest& request) {
    if (request.path == kFeedbackPath)
        return feedback(request);
    if (request.path == "/healthz" || request.path == "/readyz")
        return onProbe(request);
    if (request.path != "/metrics")
        return notFound(request);
    if (!isRead(request))
        return wrongMethod(request, "GET");
    return {200, {{"Content-Type", kExpositionType}}, m_exposition.text()};
}

http::Response ModelServer::onAdmin(const http::IncomingRequest& request) {
    if (request.path == "/v1/models")
        return request.method == "POST" ? onLoad(request.body) : wrongMethod(request, "POST");
    if (request.path.starts_with(kModelsPath))
        return request.method == "DELETE" ? onUnload(request.path) : wrongMethod(request, "DELETE");
    if (request.path != "/v1/status")
        return notFound(request);
    return isRead(request) ? status() : wrongMethod(request, "GET");
}

Result<ModelSource> ModelServer::sourceOf(std::string_view body) const {
    const nlohmann::json document = TRY(parseBody(body));
    ModelSource source;
    source.package = TRY(jsonString(document, "package", kLoadWhat));
    const std::string version = TRY(jsonString(document, "version", kLoadWhat));
    source.version = TRY(Version::parse(version));
    for (const auto& [key, value] : document.items()) {
        if (key == "digest" && value.is_string())
            source.digest = TRY(Digest::parse(value.get<std::string>()));
        else if (key == "path" && value.is_string() && value.get<std::string>().starts_with('/'))
            source.aliasPath = value.get<std::string>();
        else if (key != "package" && key != "version")
            return fail(ErrorCode::InvalidInput, "{}: the field \"{}\" is unknown or has a wrong value.", kLoadWhat,
                        key.substr(0, 100));
    }
    return source;
}

/// {"package","version","digest","path"}, of which the first two are needed.
http::Response ModelServer::onLoad(std::string_view body) {
    const Result<ModelSource> source = sourceOf(body);
    if (!source)
        return http::errorResponse(source.error());
    const Result<void> loaded = load(*source);
    return loaded ? status() : http::errorResponse(loaded.error());
}

/// /v1/models/<name>/versions/<version>
http::Response ModelServer::onUnload(std::string_view path) {
    constexpr std::string_view kVersions = "/versions/";
    const std::string_view rest = path.substr(kModelsPath.size());
    const std::size_t at = rest.find(kVersions);
    const Result<ModelName> name = ModelName::parse(std::string(rest.substr(0, at)));
    const Result<Version> version =
        Version::parse(std::string(at == std::string_view::npos ? "" : rest.substr(at + kVersions.size())));
    if (!name || !version)
        return http::errorResponse(name ? version.error() : name.error());
    const Result<void> unloaded = unload(*name, *version);
    return unloaded ? status() : http::errorResponse(unloaded.error());
}

http::Response ModelServer::status() const {
    nlohmann::ordered_json models = nlohmann::ordered_json::array();
    for (const auto& model : routes()->models)
        models.push_back({{"model", model->name().text()},
                          {"model_version", model->version().text()},
                          {"digest", model->package().digest.hex()},
                          {"package", model->package().folder.string()}});
    return jsonResponse({{"ready", ready()},
                         {"draining", m_draining.load()},
                         {"port", port()},
                         {"metrics_port", metricsPort()},
                         {"role", m_roles[m_defaultRole]},
                         {"models", std::move(models)}});
}

void ModelServer::onRefused(std::string_view path, int status) {
    if (m_access && m_access->wants(status))
        m_access->add({.time = m_clock.now(), .path = std::string(path.substr(0, kLongestPath)), .status = status});
    const std::shared_ptr<const Routes> current = routes();
    const Route* route = current->find(path);
    if (route == nullptr || route->kind != Route::Kind::Predict)
        return;
    const Outcome outcome = status == 429 ? Outcome::Overloaded : Outcome::Invalid;
    if (route->rule)
        route->rule->countRefused(m_defaultRole, outcome);
    else
        route->model->countRefused(m_defaultRole, outcome);
}

} // namespace perch::serving
