#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/workspace.h"
#include "core/kube/chosen_cluster.h"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace CLI {
class App;
}

namespace perch::cli {

/// What every verb gets: the global options, the clock, cancellation and the way to print.
struct Context {
    std::filesystem::path workspaceFolder; ///< --workspace, empty for the default
    kube::ClusterChoice cluster;           ///< --kubeconfig, --context, --namespace; none of them: the local platform
    std::string prometheus;                ///< --prometheus: where the live values of a cluster are
    bool json = false;
    bool yes = false;
    bool readOnly = false;
    bool verbose = false;
    const Clock* clock = nullptr;
    std::stop_token stop; ///< set by Ctrl+C

    Result<Workspace> workspace() const { return Workspace::open(workspaceFolder); }
    /// The session of the cluster that was chosen, or of the current context; nothing is sent yet.
    Result<std::shared_ptr<kube::ApiSession>> session() const;
    /// `user@host` of whoever runs the program.
    std::string identity() const;
    /// Asks on the terminal, unless --yes; without a terminal and without --yes the answer is no.
    bool confirm(const std::string& question) const;
    /// Progress for people: one line on stderr, replaced in place on a terminal, nothing with --json.
    void progress(const std::string& line) const;
    void endProgress() const;
};

/// Prints a document on stdout, with "schema": 1 in front.
void printJson(nlohmann::json document);

/// What a verb returns: the exit code (0 done, 1 the verdict is negative).
using VerbBody = std::function<Result<int>(const Context&)>;

/// Adds a verb to `parent`. The body runs after parsing; its error is printed and turned into the exit code by main.
CLI::App* addVerb(CLI::App& parent, const std::string& name, const std::string& description, VerbBody body);

} // namespace perch::cli
