#include "app/cli/open_platform.h"
#include "app/cli/verbs.h"
#include "core/base/number_format.h"
#include "core/present/fleet_screen.h"
#include "core/present/gates.h"
#include "core/present/model_screen.h"
#include "core/telemetry/live_value_json.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::cli {

namespace {

using nlohmann::json;

struct StatusArguments {
    std::string model;
    bool check = false;
};

json toJson(const fleet::VersionFacts& version) {
    const fleet::Quality& quality = version.quality;
    return {{"version", version.version.text()},
            {"role", fleet::toString(version.role)},
            {"weight",
             {{"wanted", version.wantedWeight ? json(version.wantedWeight->percent()) : json()},
              {"real", toJson(version.realWeight)}}},
            {"ready", version.replicas.ready},
            {"desired", version.replicas.desired},
            {"quality", toJson(quality.accuracy)},
            {"precision", toJson(quality.precision)},
            {"recall", toJson(quality.recall)},
            {"f1", toJson(quality.f1)},
            {"p50_ms", toJson(quality.p50Ms)},
            {"p99_ms", toJson(quality.p99Ms)},
            {"error_rate", toJson(quality.errorRate)},
            {"requests_per_second", toJson(quality.requestsPerSecond)},
            {"drift", toJson(quality.drift)}};
}

const char* wordOf(fleet::SourceFacts::State state) {
    switch (state) {
    case fleet::SourceFacts::State::Ok:
        return "ok";
    case fleet::SourceFacts::State::Stale:
        return "stale";
    case fleet::SourceFacts::State::Down:
        break;
    }
    return "down";
}

bool isShown(const fleet::VersionFacts& version) {
    return version.role != fleet::Role::Retired || version.replicas.desired > 0 || version.replicas.running > 0;
}

json modelJson(const fleet::ModelFacts& model, const present::FleetRow& row) {
    json versions = json::array();
    for (const fleet::VersionFacts& version : model.versions) {
        if (isShown(version))
            versions.push_back(toJson(version));
    }
    return {{"name", model.model.text()},
            {"backend", model.backend},
            {"phase", fleet::toString(model.phase)},
            {"phase_reason", model.phaseReason},
            {"versions", std::move(versions)},
            {"state", present::toString(row.state.state)},
            {"healthy", row.healthy},
            {"needs_you", row.needsYou}};
}

json sourcesJson(const fleet::Snapshot& snapshot) {
    json sources = json::array();
    for (const fleet::SourceFacts& source : snapshot.sources) {
        sources.push_back({{"name", source.name},
                           {"state", wordOf(source.state)},
                           {"age_s", source.age.count()},
                           {"message", source.message}});
    }
    return sources;
}

/// Padded by what the terminal shows: a no-break space or a true minus is one column.
std::string padded(const std::string& text, std::size_t width) {
    const auto columns = static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
    return columns >= width ? text : text + std::string(width - columns, ' ');
}

void printLine(const std::vector<std::pair<std::string, std::size_t>>& cells) {
    std::string line;
    for (const auto& [text, width] : cells)
        line += padded(text, width) + " ";
    while (line.ends_with(' '))
        line.pop_back();
    fmt::print("{}\n", line);
}

void print(const present::FleetRow& row) {
    const std::string weight =
        row.candidate.version
            ? row.candidate.version->text() + " " + row.candidate.weight.english() + " " + row.candidate.real.english()
            : row.candidate.weight.english();
    printLine({{row.model.text(), 20},
               {row.stable ? row.stable->text() : "none", 7},
               {weight, 24},
               {row.accuracy.text.english(), 10},
               {row.candidateAccuracy.text.english(), 12},
               {row.drift.value.text.english() + row.drift.limit.english(), 14},
               {row.p99.text.english(), 10},
               {row.errors.text.english(), 8},
               {row.replicasReady.text.english(), 8},
               {row.state.word.english(), 16}});
}

void printFleet(const fleet::Snapshot& snapshot, const present::FleetScreen& screen) {
    if (screen.rows.empty()) {
        fmt::print("{}\n", screen.empty.text.english());
    } else {
        fmt::print("{}\n", screen.title.english());
        printLine({{"model", 20},
                   {"stable", 7},
                   {"candidate", 24},
                   {"accuracy", 10},
                   {"candidate's", 12},
                   {"drift", 14},
                   {"p99", 10},
                   {"errors", 8},
                   {"ready", 8},
                   {"state", 16}});
    }
    for (const present::FleetRow& row : screen.rows)
        print(row);
    for (const present::NeedsYouCard& card : screen.needsYou)
        fmt::print("! {}: {}\n", card.title.english(), card.body.english());
    for (const std::string& note : snapshot.notes)
        fmt::print("{}\n", note);
    for (const fleet::SourceFacts& source : snapshot.sources) {
        const bool down = source.state == fleet::SourceFacts::State::Down;
        fmt::print("{} {}{}{}{}\n", source.name, wordOf(source.state),
                   down ? "" : fmt::format(" ({})", formatAge(source.age)), source.message.empty() ? "" : ": ",
                   source.message);
    }
}

void printModel(const fleet::ModelFacts& model, const fleet::Snapshot& snapshot, const Context& context) {
    const present::ModelScreenInput input{nullptr, {context.identity(), "perch"}, context.readOnly};
    const present::ModelScreen screen = present::makeModelScreen(snapshot, model.model, input, context.clock->now());
    fmt::print("{}: {}\n{}\n", model.model.text(), fleet::toString(model.phase), model.phaseReason);
    for (const present::TrafficPart& part : screen.traffic.parts)
        fmt::print("  {}: {}\n", part.name.english(), part.share.english());
    for (const present::ReplicaGroup& group : screen.replicas)
        fmt::print("  {}: {} replicas ready\n", group.title.english(), group.count.english());
    fmt::print("{}\n", screen.gates.heading.english());
    for (const present::GateRow& row : screen.gates.rows) {
        fmt::print("  {} {} {}: {}{}\n", padded(row.name.english(), 34), padded(row.now.text.english(), 10),
                   padded(row.limit.english(), 12), row.word.english(), row.required ? "" : " (advisory)");
    }
    for (const present::ActionButton& button : screen.actions)
        fmt::print("  {} {}{}\n", button.enabled ? "can" : "off", padded(button.label.english(), 26),
                   button.second.english());
}

bool isGood(const fleet::Snapshot& snapshot, const present::FleetScreen& screen) {
    return std::ranges::all_of(screen.rows, &present::FleetRow::healthy) &&
           std::ranges::all_of(snapshot.sources,
                               [](const auto& source) { return source.state == fleet::SourceFacts::State::Ok; });
}

Result<int> runStatus(const Context& context, const StatusArguments& arguments) {
    const auto platform = TRY(openPlatform(context));
    const fleet::SnapshotPtr snapshot = platform->facts().read(context.stop);
    fleet::Snapshot shown = *snapshot;
    if (!arguments.model.empty()) {
        const ModelName name = TRY(ModelName::parse(arguments.model));
        if (snapshot->find(name) == nullptr)
            return fail(ErrorCode::NotFound, "There is no model {} on this platform.", name.text());
        std::erase_if(shown.models, [&](const fleet::ModelFacts& model) { return model.model != name; });
    }
    const present::FleetScreen screen = present::makeFleetScreen(shown, context.clock->now());
    if (context.json) {
        json models = json::array();
        for (std::size_t i = 0; i < shown.models.size(); ++i)
            models.push_back(modelJson(shown.models[i], screen.rows[i]));
        printJson({{"models", std::move(models)},
                   {"sources", sourcesJson(shown)},
                   {"taken_at", toIso8601(shown.takenAt)},
                   {"platform", shown.platform},
                   {"namespace", shown.nameSpace.empty() ? json(nullptr) : json(shown.nameSpace)},
                   {"notes", shown.notes},
                   {"environment", shown.environment},
                   {"time_factor", shown.timeFactor}});
    } else if (arguments.model.empty()) {
        printFleet(shown, screen);
    } else {
        printModel(shown.models.front(), shown, context);
    }
    return arguments.check && !isGood(shown, screen) ? 1 : 0;
}

} // namespace

void addStatusVerb(CLI::App& app) {
    const auto arguments = std::make_shared<StatusArguments>();
    CLI::App* verb = addVerb(app, "status", "Models, versions, traffic, live quality and sources",
                             [arguments](const Context& context) { return runStatus(context, *arguments); });
    verb->add_option("model", arguments->model, "Only this model, with its gates and actions");
    verb->add_flag("--check", arguments->check, "Exit code 1 unless every model and every source is healthy");
}

} // namespace perch::cli
