#include "core/platforms/local/mirror_files.h"

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/http/client.h"
#include "core/rollout/split.h"
#include "core/spec/mirror_settings.h"

namespace perch::local {

namespace {

constexpr std::chrono::milliseconds kMetricsDeadline{300};

bool isReady(const ReplicaStatus& replica, const ModelName& model, Version version) {
    return replica.model == model && replica.version == version && replica.facts.state == fleet::Replica::State::Ready;
}

/// The text of the settings; empty while no replica of the shadow is ready.
std::string settingsText(const ModelName& model, const fleet::Mirror& mirror, std::span<const ReplicaStatus> replicas) {
    spec::MirrorSettings settings{model, mirror.version, mirror.share, {}};
    for (const ReplicaStatus& replica : replicas) {
        if (isReady(replica, model, mirror.version))
            settings.targets.push_back(fmt::format("http://127.0.0.1:{}", replica.facts.port));
    }
    return settings.targets.empty() ? std::string() : settings.text();
}

} // namespace

Result<void> MirrorFiles::advance(const std::map<ModelName, std::string>& wanted,
                                  std::span<const ReplicaStatus> replicas) {
    std::map<ModelName, std::string> texts;
    // Without replicas there is nobody to read the settings, but those of an earlier supervisor name dead addresses.
    for (const ReplicaStatus& replica : replicas)
        texts.try_emplace(replica.model);
    for (const auto& [model, text] : m_written)
        texts.try_emplace(model);
    for (const auto& [model, target] : wanted) {
        if (const auto mirror = TRY(rollout::parseMirror(target)))
            texts[model] = settingsText(model, *mirror, replicas);
    }
    for (const auto& [model, text] : texts)
        TRY(bring(model, text));
    return {};
}

Result<void> MirrorFiles::bring(const ModelName& model, const std::string& text) {
    const auto written = m_written.find(model);
    if (written != m_written.end() && written->second == text)
        return {};
    if (text.empty()) {
        std::error_code code;
        std::filesystem::remove(m_files.mirror(model), code);
        if (code)
            return fileError(m_files.mirror(model), "remove");
    } else {
        TRY(writeFileAtomically(m_files.mirror(model), text));
    }
    m_written[model] = text;
    return {};
}

std::string whyNoMirror(const LocalFiles& files, const ModelName& model, Version stable, const fleet::Mirror& mirror,
                        std::span<const ReplicaStatus> replicas) {
    const Result<std::string> text = readFile(files.mirror(model));
    if (!text || *text != settingsText(model, mirror, replicas))
        return fmt::format("{} is not ready for copies yet.", mirror.version.text());
    const std::string digest = fmt::format("ml_serve_config_info{{digest=\"{}\"", sha256(*text).hex());
    std::size_t ready = 0, reporting = 0;
    http::Client client;
    for (const ReplicaStatus& replica : replicas) {
        if (!isReady(replica, model, stable))
            continue;
        ++ready;
        const auto metrics = client.send(
            {.url = fmt::format("http://127.0.0.1:{}/metrics", replica.metricsPort), .deadline = kMetricsDeadline});
        reporting += metrics && metrics->body.find(digest) != std::string::npos ? 1 : 0;
    }
    if (ready > 0 && reporting == ready)
        return {};
    return fmt::format("{} of {} ready replicas of {} send copies to {}.", reporting, ready, stable.text(),
                       mirror.version.text());
}

} // namespace perch::local
