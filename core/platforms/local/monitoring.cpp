#include "core/platforms/local/monitoring.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <regex>

namespace perch::local {

namespace {

constexpr int kMinimumForScrapes = 2;
constexpr int kMinimumWindowScrapes = 5;

Seconds toSeconds(const std::string& number, const std::string& unit) {
    const double value = std::atof(number.c_str());
    return Seconds(unit == "d" ? value * 86'400 : unit == "h" ? value * 3'600 : unit == "m" ? value * 60 : value);
}

std::string promDuration(std::chrono::milliseconds duration) {
    return duration.count() % 1'000 == 0 ? fmt::format("{}s", duration.count() / 1'000)
                                         : fmt::format("{}ms", duration.count());
}

/// Replaces every match of `before<number><unit>after` by the scaled duration.
std::string scaleMatches(
    const std::string& text, const std::regex& pattern, const MonitoringSchedule& schedule, int minimumScrapes) {
    std::string result;
    auto position = text.cbegin();
    for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) {
        result.append(position, (*match)[0].first);
        const Seconds story = toSeconds((*match)[2].str(), (*match)[3].str());
        result += (*match)[1].str() + promDuration(schedule.scaled(story, minimumScrapes)) + (*match)[4].str();
        position = (*match)[0].second;
    }
    result.append(position, text.cend());
    return result;
}

} // namespace

std::chrono::milliseconds MonitoringSchedule::scaled(Seconds story, int minimumScrapes) const {
    const auto exact = std::chrono::milliseconds(std::llround(story.count() * 1'000 / factor));
    return factor == 1 ? exact : std::max(exact, scrapeInterval() * minimumScrapes);
}

std::string scaledRules(std::string_view rules, const MonitoringSchedule& schedule) {
    std::string text(rules);
    if (schedule.factor == 1)
        return text;
    static const std::regex window(R"((\[)(\d+)([dhms])(\]))");
    static const std::regex delay(R"((\bfor: )(\d+)([dhms])(\s))");
    text = scaleMatches(text, window, schedule, kMinimumWindowScrapes);
    return scaleMatches(text, delay, schedule, kMinimumForScrapes);
}

std::string limitRules(const std::vector<DeployedModel>& models) {
    std::string text = "# Written by Perch: the limits of each model, as in its perch.yaml.\ngroups:\n"
                       "  - name: perch-limits\n    rules:";
    for (const DeployedModel& model : models) {
        const double accuracy = model.gates.alertAccuracy.value_or(model.gates.accuracy);
        for (const auto& [metric, limit] :
             {std::pair("ml_model_accuracy_limit", accuracy), std::pair("ml_data_drift_limit", model.gates.drift)}) {
            text += fmt::format("\n      - record: {}\n        expr: vector({})\n        labels: {{model: {}}}", metric,
                limit, model.model.text());
        }
    }
    return text + (models.empty() ? " []\n" : "\n");
}

std::string prometheusConfiguration(const MonitoringSchedule& schedule, std::uint16_t routerPort) {
    const std::string interval = promDuration(schedule.scrapeInterval());
    return fmt::format(R"(# Written by Perch. The durations follow from the time factor {factor}.
global:
  scrape_interval: {interval}
  scrape_timeout: {timeout}
  evaluation_interval: {interval}
rule_files:
  - perch.rules.yml
  - limits.rules.yml
scrape_configs:
  - job_name: perch
    file_sd_configs:
      - files: [targets/perch.json]
        refresh_interval: 5s
  - job_name: haproxy
    static_configs:
      - targets: ['127.0.0.1:{router}']
)",
        fmt::arg("factor", schedule.factor), fmt::arg("interval", interval),
        fmt::arg("timeout", promDuration(std::min(schedule.scrapeInterval(), std::chrono::milliseconds(2'000)))),
        fmt::arg("router", routerPort));
}

std::string targetsText(const std::vector<ScrapeTarget>& targets) {
    nlohmann::json document = nlohmann::json::array();
    for (const ScrapeTarget& target : targets) {
        document.push_back({{"targets", {fmt::format("127.0.0.1:{}", target.port)}}, {"labels", {{"replica", target.name}}}});
    }
    return document.dump(2) + "\n";
}

} // namespace perch::local
