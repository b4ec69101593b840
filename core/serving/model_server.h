#pragma once

#include "core/http/server.h"
#include "core/serving/access_log.h"
#include "core/serving/field_route.h"
#include "core/serving/mirror.h"
#include "core/serving/prediction_log.h"
#include "core/serving/served_model.h"
#include "core/serving/truth_link.h"

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace perch::model {
class XgboostLibrary;
}

namespace perch::serving {

/// The model server: answers predictions on the first listener, gives its metrics and takes feedback on the second, and
/// is administered through a Unix socket. Alive from `start` on, ready once `load` has succeeded for every model that a
/// rule names, or for one where there are no rules, and until `drain`.
/// The README lists the routes. Handlers run on the listeners' threads; `load` and `unload` are safe from any thread,
/// `drain` belongs to one.
class ModelServer {
public:
    struct Options {
        std::string address = "127.0.0.1";
        std::uint16_t port = 0;
        std::uint16_t metricsPort = 0;
        std::filesystem::path adminSocket = {}; ///< empty: none
        unsigned threads = 2;
        std::string truthUrl = {};              ///< empty: no truth store, feedback is answered with 503
        std::string role = "stable";            ///< of requests without the header X-Perch-Role
        std::size_t bodyLimit = std::size_t{8} << 20;
        std::size_t rowLimit = 10'000;
        std::vector<RouteRule> rules = {};      ///< one at most for each path
        PredictionLog::Options log = {};        ///< no folder: nothing is kept
        AccessLog::Options access = {};         ///< of the first listener; no file: none
        Mirror::Options mirror = {};            ///< no file: nothing is mirrored
        /// Lookup tables by model; `connections` is set by the server. Others have none.
        std::map<std::string, FeatureLookup::Options> lookups = {};
        std::size_t recordQueueLimit = 100'000;
        std::string programVersion = {};
    };

    /// Opens the listeners. Unavailable that names the port or socket that is taken.
    static Result<std::unique_ptr<ModelServer>> start(Options options, const Clock& clock);
    ~ModelServer();

    /// Loads a version beside the others and makes the server ready; the paths without a version lead to the version of
    /// a model that was loaded last. Conflict if it is there already, or if another model has its path.
    Result<void> load(const ModelSource& source);
    /// Takes a version away; requests that it has begun to answer are finished. Its paths go to the version of the model
    /// that was loaded before it, and so does the metrics' series end. NotFound if it is not there.
    Result<void> unload(const ModelName& model, Version version);
    /// Not ready any more; finishes what is in flight. False if requests were cut at the deadline. The last records
    /// go to the truth store when the server is destroyed.
    bool drain(std::chrono::milliseconds deadline);

    std::uint16_t port() const { return m_port; }
    std::uint16_t metricsPort() const { return m_metricsPort; }

private:
    struct Routes;
    struct Route;
    ModelServer(Options options, const Clock& clock);
    Result<void> listen();
    http::Response onPrediction(const http::IncomingRequest& request);
    http::Response answer(const Route* route, const http::IncomingRequest& request);
    void logAccess(const Route* route, const http::IncomingRequest& request, const http::Response& response,
                   SteadyTime begin);
    http::Response onMetrics(const http::IncomingRequest& request);
    http::Response onAdmin(const http::IncomingRequest& request);
    http::Response onLoad(std::string_view body);
    http::Response onUnload(std::string_view path);
    http::Response status() const;
    Result<ModelSource> sourceOf(std::string_view body) const;
    http::Response onProbe(const http::IncomingRequest& request);
    http::Response openApi(const http::IncomingRequest& request) const;
    http::Response onRoute(const Route& route, const http::IncomingRequest& request);
    http::Response predict(const Route& route, const http::IncomingRequest& request);
    void mirror(const Route& route, const http::IncomingRequest& request, const std::string& requestId);
    http::Response feedback(const http::IncomingRequest& request);
    void onRefused(std::string_view path, int status);
    std::size_t roleOf(const http::IncomingRequest& request) const;
    std::shared_ptr<const Routes> routes() const;
    void setRoutes(std::shared_ptr<const Routes> routes);
    /// Why the server is not ready; empty if it is.
    std::string notReady() const;
    bool ready() const { return notReady().empty(); }
    std::vector<std::string> routesTo(const ModelName& model) const;
    std::optional<FeatureLookup::Options> lookupOf(const ModelName& model) const;

    const Options m_options;
    const Clock& m_clock;
    std::vector<std::string> m_roles;
    std::size_t m_defaultRole = 0;
    Exposition m_exposition;
    std::shared_ptr<const model::XgboostLibrary> m_library;
    /// Guards `m_routes`. No std::atomic of a shared_ptr: GCC 12 gives its lock back without ordering what was read.
    mutable std::mutex m_routesMutex;
    std::shared_ptr<const Routes> m_routes;
    std::mutex m_loading; ///< one load or unload at a time
    std::atomic<bool> m_draining = false;
    std::uint16_t m_port = 0;
    std::uint16_t m_metricsPort = 0;
    std::unique_ptr<TruthLink> m_truth;
    std::unique_ptr<PredictionLog> m_log;
    std::unique_ptr<AccessLog> m_access;
    std::unique_ptr<Mirror> m_mirror;
    // The listeners go first: their handlers use everything above.
    std::unique_ptr<http::Server> m_metrics;
    std::unique_ptr<http::Server> m_admin;
    std::unique_ptr<http::Server> m_predictions;
};

} // namespace perch::serving
