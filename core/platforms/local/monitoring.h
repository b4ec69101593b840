#pragma once

#include "core/platforms/local/local_store.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace perch::local {

/// The one definition from which scrape interval, windows and delays of the local Prometheus follow. At factor 1 they
/// are the shipped ones; in a demo story time runs `factor` times as fast as the clock.
struct MonitoringSchedule {
    double factor = 1;

    std::chrono::milliseconds scrapeInterval() const {
        return factor > 1 ? std::chrono::milliseconds(1'000) : std::chrono::milliseconds(5'000);
    }
    /// A duration of the story on the clock, at least `minimumScrapes` scrapes long if the factor is not 1.
    std::chrono::milliseconds scaled(Seconds story, int minimumScrapes) const;
    /// The window of accuracy and drift: an hour of the story, at least five scrapes.
    std::chrono::milliseconds window() const { return scaled(Seconds(3'600), 5); }
};

/// The rules file as shipped (resources/prometheus/perch.rules.yml), built into the program.
std::string_view shippedRules();

/// The shipped rules with every window and every `for` scaled; the same text at factor 1.
std::string scaledRules(std::string_view rules, const MonitoringSchedule& schedule);

/// Recording rules that hold the limits of each model, which the alerts compare with.
std::string limitRules(const std::vector<DeployedModel>& models);

/// The text of prometheus.yml; file names in it are relative to its folder. `routerPort` is HAProxy's exporter.
std::string prometheusConfiguration(const MonitoringSchedule& schedule, std::uint16_t routerPort);

/// One process to scrape.
struct ScrapeTarget {
    std::string name; ///< `churn-v2-0`, `truth`
    std::uint16_t port = 0;
    bool operator==(const ScrapeTarget&) const = default;
};

/// The text of the file that Prometheus watches for targets.
std::string targetsText(const std::vector<ScrapeTarget>& targets);

} // namespace perch::local
