#include "core/demo/stage.h"

#include "core/base/log.h"
#include "core/demo/story_time.h"
#include "core/platforms/local/local_store.h"

#include <algorithm>
#include <unistd.h>

namespace perch::demo {

Result<std::unique_ptr<Stage>> Stage::open(const Workspace& workspace, const Clock& clock,
                                           const std::string& identity) {
    auto runtime = TRY(local::LocalRuntime::open(workspace, clock));
    auto platform = TRY(local::LocalPlatform::open(workspace, clock, identity));
    return std::unique_ptr<Stage>(new Stage(workspace, clock, std::move(runtime), std::move(platform)));
}

Stage::Stage(const Workspace& workspace, const Clock& clock, local::LocalRuntime runtime,
             std::unique_ptr<local::LocalPlatform> platform)
    : m_workspace(workspace), m_clock(&clock), m_platform(std::move(platform)), m_runtime(std::move(runtime)) {}

Stage::~Stage() {
    const Result<void> lowered = lower();
    if (!lowered)
        log::error("demo", "{}", lowered.error().message);
}

Result<void> Stage::raise(const spec::ModelSpec& spec, const std::function<void(const std::string&)>& progress,
                          std::stop_token stop) {
    m_spec = spec;
    m_raised = true; // from here on something may run
    local::UpOptions options;
    options.specs = {spec};
    options.timeFactor = kTimeFactor;
    options.environment = "development";
    options.owner = ::getpid();
    const local::LocalStatus status = TRY(m_runtime.up(options, progress, stop));
    m_predictUrl = status.settings.predictUrl();
    m_prometheus = std::make_unique<telemetry::PrometheusClient>(status.settings.prometheusUrl());
    return {};
}

void Stage::startTraffic(double requestsPerSecond, double labelDelayHours, std::uint64_t seed) {
    Replayer::Options options;
    options.model = m_spec.name;
    options.predictUrl = m_predictUrl + spec::servingPath(m_spec);
    options.feedbackUrl = m_predictUrl + "/v1/feedback";
    options.requestsPerSecond = requestsPerSecond;
    options.labelDelay = storyHours(labelDelayHours);
    options.seed = seed;
    m_traffic = Replayer::start(std::move(options), *m_clock);
}

Result<void> Stage::setAlertLimit(double accuracy) {
    local::LocalStore store = TRY(local::LocalStore::open(m_workspace));
    std::optional<local::DeployedModel> model = TRY(store.model(m_spec.name));
    if (!model)
        return fail(ErrorCode::NotFound, "The local platform has no model {}.", m_spec.name.text());
    model->gates.alertAccuracy = accuracy;
    return store.putModel(*model);
}

Result<bool> Stage::fires(const std::string& alert, std::stop_token stop) {
    const std::vector<telemetry::Labels> firing = TRY(m_prometheus->firingAlerts(stop));
    return std::ranges::any_of(firing, [&](const telemetry::Labels& labels) {
        const auto name = labels.find("alertname");
        const auto model = labels.find("model");
        return name != labels.end() && name->second == alert && model != labels.end() &&
               model->second == m_spec.name.text();
    });
}

Result<void> Stage::lower() {
    m_traffic.reset();
    if (!std::exchange(m_raised, false))
        return {};
    TRY(m_runtime.down({})); // also when the story was stopped
    return {};
}

} // namespace perch::demo
