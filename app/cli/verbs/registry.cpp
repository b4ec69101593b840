#include "app/cli/action_record.h"
#include "app/cli/context.h"
#include "app/cli/verbs.h"
#include "core/base/number_format.h"
#include "core/model/predict/package.h"
#include "core/registry/embedded_registry.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <set>

namespace perch::cli {

namespace {

using nlohmann::json;
using registry::EmbeddedRegistry;
using registry::VersionRecord;

struct RegistryArguments {
    std::string model, first, second, alias, reason;
};

Result<std::unique_ptr<EmbeddedRegistry>> openRegistry(const Context& context) {
    const Workspace workspace = TRY(context.workspace());
    return EmbeddedRegistry::open(workspace, *context.clock);
}

/// The versions of a model that exists.
Result<std::vector<VersionRecord>> versionsOf(EmbeddedRegistry& registry, const ModelName& model) {
    std::vector<VersionRecord> versions = TRY(registry.versions(model));
    if (versions.empty())
        return fail(ErrorCode::NotFound, "The registry has no model {}.", model.text());
    return versions;
}

json toJson(const VersionRecord& record) {
    return {{"version", record.version.text()},
            {"digest", record.digest.hex()},
            {"package", record.package.string()},
            {"created_at", toIso8601(record.createdAt)},
            {"created_by", record.createdBy},
            {"metrics", record.metrics},
            {"parameters", record.parameters},
            {"fingerprint", record.fingerprint},
            {"data", record.dataSource},
            {"code_version", record.codeVersion},
            {"accepted", record.accepted ? json(*record.accepted) : json(nullptr)}};
}

std::string aliasesOf(const std::map<std::string, Version>& aliases, Version version) {
    std::string names;
    for (const auto& [alias, at] : aliases) {
        if (at == version)
            names += (names.empty() ? "" : ", ") + alias;
    }
    return names;
}

std::string metricText(const VersionRecord& record, const std::string& name) {
    const auto found = record.metrics.find(name);
    return found == record.metrics.end() ? "-" : formatDecimal(found->second, 3);
}

std::string acceptedText(const std::optional<bool>& accepted) {
    return !accepted ? "undecided" : *accepted ? "accepted" : "rejected";
}

json aliasesToJson(const std::map<std::string, Version>& aliases) {
    json document = json::object();
    for (const auto& [alias, version] : aliases)
        document[alias] = version.text();
    return document;
}

Result<int> runList(const Context& context) {
    const auto registry = TRY(openRegistry(context));
    json models = json::array();
    if (!context.json)
        fmt::print("{:<28} {:>8}  {:<24} {:<20} {}\n", "model", "versions", "newest", "by", "aliases");
    for (const ModelName& name : TRY(registry->models())) {
        const std::vector<VersionRecord> versions = TRY(registry->versions(name));
        const std::map<std::string, Version> aliases = TRY(registry->aliases(name));
        const VersionRecord& newest = versions.back();
        models.push_back({{"model", name.text()},
                          {"versions", versions.size()},
                          {"newest", newest.version.text()},
                          {"created_at", toIso8601(newest.createdAt)},
                          {"aliases", aliasesToJson(aliases)}});
        std::string shownAliases;
        for (const auto& [alias, version] : aliases)
            shownAliases += fmt::format("{}={} ", alias, version.text());
        if (!context.json)
            fmt::print("{:<28} {:>8}  {:<24} {:<20} {}\n", name.text(), versions.size(), toIso8601(newest.createdAt),
                       newest.createdBy, shownAliases);
    }
    if (context.json)
        printJson({{"models", models}});
    return 0;
}

void printVersion(const VersionRecord& record, const std::string& aliases) {
    fmt::print("{} {}{}\n", record.model.text(), record.version.text(), aliases.empty() ? "" : " (" + aliases + ")");
    const auto line = [](std::string_view name, std::string_view value) { fmt::print("  {:<16} {}\n", name, value); };
    line("digest", record.digest.hex());
    line("package", record.package.string());
    line("created", fmt::format("{} by {}", toIso8601(record.createdAt), record.createdBy));
    line("data", record.dataSource);
    line("fingerprint", record.fingerprint);
    line("code version", record.codeVersion);
    line("acceptance", acceptedText(record.accepted));
    for (const auto& [name, value] : record.metrics)
        line(name, formatDecimal(value, 4));
    for (const auto& [name, value] : record.parameters)
        line(name, value);
}

Result<int> runShow(const Context& context, const RegistryArguments& arguments) {
    const auto registry = TRY(openRegistry(context));
    const ModelName model = TRY(ModelName::parse(arguments.model));
    const std::map<std::string, Version> aliases = TRY(registry->aliases(model));
    if (!arguments.first.empty()) {
        const Version version = TRY(Version::parse(arguments.first));
        const VersionRecord record = TRY(registry->version(model, version));
        if (!context.json) {
            printVersion(record, aliasesOf(aliases, record.version));
            return 0;
        }
        json document = toJson(record);
        document["model"] = model.text();
        printJson(std::move(document));
        return 0;
    }
    json versions = json::array();
    if (!context.json)
        fmt::print("{:<8} {:<13} {:<24} {:>8} {:>8} {:>8}  {:<10} {}\n", "version", "digest", "created", "accuracy",
                   "f1", "roc_auc", "acceptance", "aliases");
    for (const VersionRecord& record : TRY(versionsOf(*registry, model))) {
        versions.push_back(toJson(record));
        if (!context.json)
            fmt::print("{:<8} {:<13} {:<24} {:>8} {:>8} {:>8}  {:<10} {}\n", record.version.text(),
                       record.digest.shortHex(), toIso8601(record.createdAt), metricText(record, "accuracy"),
                       metricText(record, "f1"), metricText(record, "roc_auc"), acceptedText(record.accepted),
                       aliasesOf(aliases, record.version));
    }
    if (context.json)
        printJson({{"model", model.text()}, {"versions", versions}, {"aliases", aliasesToJson(aliases)}});
    return 0;
}

Result<int> runAlias(const Context& context, const RegistryArguments& arguments) {
    if (context.readOnly)
        return fail(ErrorCode::Denied, "Moving an alias writes to the registry, and --read-only is set.");
    const auto registry = TRY(openRegistry(context));
    const ModelName model = TRY(ModelName::parse(arguments.model));
    const Version to = TRY(Version::parse(arguments.first));
    const std::string alias = registry::canonicalAlias(arguments.alias);
    const std::map<std::string, Version> aliases = TRY(registry->aliases(model));
    const auto found = aliases.find(alias);
    const std::optional<Version> before = found == aliases.end() ? std::nullopt : std::optional(found->second);
    const std::string from = before ? before->text() : "unset";
    const bool isProtected = alias == registry::kChampion && before != to;
    if (isProtected && !context.confirm(fmt::format("Move {} of {} from {} to {}? Traffic does not move with it.",
                                                    alias, model.text(), from, to.text())))
        return fail(ErrorCode::Denied, "The alias {} is protected: moving it needs a yes at the terminal, or --yes.",
                    alias);
    TRY(registry->moveAlias(model, alias, before, to, context.identity(), arguments.reason));
    rollout::AuditRecord record;
    record.action = "alias";
    record.model = model.text();
    record.summary = fmt::format("Alias {} {} -> {}", alias, from, to.text());
    record.reason = arguments.reason;
    record.result = "done";
    record.steps = {{"Move the alias", "Alias/" + model.text(), alias, before ? from : "", to.text(), "done"}};
    json audit = recordAction(context, TRY(context.workspace()), std::move(record));
    if (context.json)
        printJson({{"model", model.text()},
                   {"alias", alias},
                   {"from", before ? json(from) : json(nullptr)},
                   {"to", to.text()},
                   {"audit", std::move(audit)}});
    else
        fmt::print("{} of {}: {} -> {}\n", alias, model.text(), from, to.text());
    return 0;
}

Result<int> runHistory(const Context& context, const RegistryArguments& arguments) {
    const auto registry = TRY(openRegistry(context));
    const ModelName model = TRY(ModelName::parse(arguments.model));
    TRY(versionsOf(*registry, model));
    std::set<std::string> aliases{registry::kChampion, registry::kChallenger};
    for (const auto& [alias, version] : TRY(registry->aliases(model)))
        aliases.insert(alias);
    json moves = json::array();
    for (const std::string& alias : aliases) {
        for (const registry::AliasRecord& record : TRY(registry->aliasHistory(model, alias))) {
            const std::string version = record.version ? record.version->text() : "removed";
            moves.push_back({{"alias", alias},
                             {"version", record.version ? json(version) : json(nullptr)},
                             {"at", toIso8601(record.movedAt)},
                             {"by", record.movedBy},
                             {"reason", record.reason}});
            if (!context.json)
                fmt::print("{:<24} {:<12} {:<8} {:<20} {}\n", toIso8601(record.movedAt), alias, version, record.movedBy,
                           record.reason);
        }
    }
    if (context.json)
        printJson({{"model", model.text()}, {"history", moves}});
    return 0;
}

/// Everything that two versions may differ in, as texts.
std::map<std::string, std::string> facts(const VersionRecord& record) {
    std::map<std::string, std::string> all{{"digest", record.digest.hex()},
                                           {"data", record.dataSource},
                                           {"fingerprint", record.fingerprint},
                                           {"code_version", record.codeVersion},
                                           {"accepted", acceptedText(record.accepted)},
                                           {"created_by", record.createdBy}};
    for (const auto& [name, value] : record.metrics)
        all["metrics." + name] = formatDecimal(value, 6);
    for (const auto& [name, value] : record.parameters)
        all["parameters." + name] = value;
    return all;
}

Result<int> runDiff(const Context& context, const RegistryArguments& arguments) {
    const auto registry = TRY(openRegistry(context));
    const ModelName model = TRY(ModelName::parse(arguments.model));
    const Version first = TRY(Version::parse(arguments.first)), second = TRY(Version::parse(arguments.second));
    const auto before = facts(TRY(registry->version(model, first)));
    const auto after = facts(TRY(registry->version(model, second)));
    std::set<std::string> names;
    for (const auto& side : {before, after}) {
        for (const auto& [name, value] : side)
            names.insert(name);
    }
    json differences = json::array();
    for (const std::string& name : names) {
        const auto a = before.find(name), b = after.find(name);
        if (a != before.end() && b != after.end() && a->second == b->second)
            continue;
        differences.push_back({{"field", name},
                               {"before", a == before.end() ? json(nullptr) : json(a->second)},
                               {"after", b == after.end() ? json(nullptr) : json(b->second)}});
        if (!context.json)
            fmt::print("{:<28} {:<24} {}\n", name, a == before.end() ? "-" : a->second,
                       b == after.end() ? "-" : b->second);
    }
    if (context.json)
        printJson({{"model", model.text()},
                   {"before", arguments.first},
                   {"after", arguments.second},
                   {"differences", differences}});
    else if (differences.empty())
        fmt::print("{} and {} are the same.\n", arguments.first, arguments.second);
    return 0;
}

Result<int> runVerify(const Context& context, const RegistryArguments& arguments) {
    const auto registry = TRY(openRegistry(context));
    const ModelName model = TRY(ModelName::parse(arguments.model));
    json results = json::array();
    bool good = true;
    for (const VersionRecord& record : TRY(versionsOf(*registry, model))) {
        const Result<model::Package> package = model::Package::load(record.package, record.digest);
        const std::string problem = package ? "" : package.error().message;
        good = good && package;
        results.push_back({{"version", record.version.text()},
                           {"digest", record.digest.hex()},
                           {"ok", package.has_value()},
                           {"problem", problem}});
        if (!context.json)
            fmt::print("{} {:<8} {}  {}\n", package ? "ok " : "BAD", record.version.text(), record.digest.shortHex(),
                       problem);
    }
    if (context.json)
        printJson({{"model", model.text()}, {"ok", good}, {"versions", results}});
    return good ? 0 : 1;
}

using RegistryBody = Result<int> (*)(const Context&, const RegistryArguments&);

} // namespace

void addRegistryVerbs(CLI::App& app) {
    CLI::App* group = app.add_subcommand("registry", "Versions of models, their aliases and their history");
    group->require_subcommand(1);
    const auto arguments = std::make_shared<RegistryArguments>();
    const auto add = [&](const char* name, const char* description, RegistryBody body) {
        CLI::App* verb = addVerb(*group, name, description,
                                 [arguments, body](const Context& context) { return body(context, *arguments); });
        verb->add_option("model", arguments->model, "Name of the model")->required();
        return verb;
    };
    addVerb(*group, "list", "All models", runList);
    add("show", "All versions of a model, or one with its lineage", runShow)
        ->add_option("version", arguments->first, "e.g. v7");
    CLI::App* alias = add("alias", "Move an alias to a version", runAlias);
    alias->add_option("alias", arguments->alias, "champion (production), challenger (staging) or another")->required();
    alias->add_option("version", arguments->first, "e.g. v7")->required();
    alias->add_option("--reason", arguments->reason, "Kept in the history");
    add("history", "Every move of the aliases of a model", runHistory);
    CLI::App* diff = add("diff", "What differs between two versions", runDiff);
    diff->add_option("before", arguments->first, "e.g. v6")->required();
    diff->add_option("after", arguments->second, "e.g. v7")->required();
    add("verify", "Check every package of a model against its digest", runVerify);
}

} // namespace perch::cli
