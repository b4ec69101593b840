#include "app/cli/context.h"
#include "app/cli/verbs.h"
#include "core/base/environment.h"
#include "core/base/file.h"
#include "core/base/number_format.h"
#include "core/demo/story.h"
#include "core/http/client.h"
#include "core/platforms/local/child_process.h"
#include "core/registry/embedded_registry.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <iostream>
#include <optional>

namespace perch::cli {

namespace {

using demo::Moment;
using demo::StoryReport;

/// The pictures of one moment; what is not drawn by then is left out, so that the story keeps its time.
constexpr std::chrono::seconds kPictureDeadline{60};

struct DemoOptions {
    bool headless = false;
    bool keep = false;
    std::filesystem::path report;
    std::uint64_t seed = 42;
};

bool hasDisplay() {
    return !environmentText("DISPLAY").empty() || !environmentText("WAYLAND_DISPLAY").empty();
}

/// The console, if it was built: it lies beside this program.
std::optional<std::filesystem::path> findConsole() {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    std::filesystem::path console = self.parent_path() / "perch-console";
    if (error || !std::filesystem::exists(console, error))
        return std::nullopt;
    return console;
}

/// The console as a child: opened on the demo's workspace, or drawing pictures of its screens. It dies with us.
class ConsoleChild {
public:
    ConsoleChild(std::optional<std::filesystem::path> program, std::filesystem::path workspace)
        : m_program(std::move(program)), m_workspace(std::move(workspace)) {}

    Result<void> open() {
        m_window =
            TRY(local::ChildProcess::start({.arguments = {m_program->string(), "--workspace", m_workspace.string()},
                                            .folder = m_workspace,
                                            .log = m_workspace / "console.log"}));
        return {};
    }

    /// Waits until the person closes the window.
    void awaitClosed(std::stop_token stop) {
        while (m_window && !m_window->poll() && http::pause(std::chrono::milliseconds(200), stop)) {
        }
    }

    /// Draws the screens into `folder`; a sentence if that did not work.
    Result<void> draw(const std::filesystem::path& folder, std::stop_token stop) const {
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error)
            return fail(ErrorCode::Unavailable, "Cannot create the folder {}: {}.", folder.string(), error.message());
        local::ChildProcess child = TRY(local::ChildProcess::start(
            {.arguments = {"/usr/bin/env", "QT_QPA_PLATFORM=offscreen", m_program->string(), "--screenshots",
                           folder.string(), "--workspace", m_workspace.string()},
             .folder = m_workspace,
             .log = m_workspace / "screenshots.log"}));
        const auto deadline = std::chrono::steady_clock::now() + kPictureDeadline;
        while (std::chrono::steady_clock::now() < deadline) {
            if (const auto ended = child.poll()) {
                if (ended->clean())
                    return {};
                return fail(ErrorCode::Unavailable, "perch-console --screenshots {}.", ended->text());
            }
            if (!http::pause(std::chrono::milliseconds(50), stop))
                return fail(ErrorCode::Cancelled, "The demo was stopped.");
        }
        return fail(ErrorCode::Timeout, "perch-console --screenshots did not end within {} s.",
                    kPictureDeadline.count());
    }

private:
    std::optional<std::filesystem::path> m_program;
    std::filesystem::path m_workspace;
    std::optional<local::ChildProcess> m_window;
};

/// The pictures for the report: of each moment the fleet and the model. The others stay in their folder.
std::vector<std::filesystem::path> picturesIn(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> pictures;
    for (const Moment moment : {Moment::Degraded, Moment::Canary, Moment::Recovered, Moment::RolledBack}) {
        for (const char* name : {"fleet-light.png", "model-credit-risk-light.png"}) {
            std::error_code error;
            const std::filesystem::path picture = folder / demo::toString(moment) / name;
            if (std::filesystem::exists(picture, error))
                pictures.push_back(picture);
        }
    }
    return pictures;
}

void print(const std::string& line) {
    std::cout << line << std::endl;
}

void printSummary(const StoryReport& report, const std::filesystem::path& folder) {
    print("");
    for (const demo::FigureRow& row : demo::figureRows(report))
        print(fmt::format("  {:<52} {:<44} reference: {}", row.name, row.measured, row.reference));
    print("");
    for (const std::string& note : demo::reportNotes(report))
        print("  " + note);
    print(fmt::format("\nReport: {}", (folder / "report.html").string()));
}

/// The story's workspace is its own: an installation that has the model already is not touched.
Result<void> requireFresh(const Workspace& workspace, const Clock& clock) {
    const auto registry = TRY(registry::EmbeddedRegistry::open(workspace, clock));
    for (const ModelName& model : TRY(registry->models())) {
        if (model.text() == "credit-risk")
            return fail(ErrorCode::Conflict,
                        "The workspace {} has a model credit-risk already; the demo needs an "
                        "empty one.",
                        workspace.root().string());
    }
    return {};
}

demo::StoryListener makeListener(const Context& context, ConsoleChild& console, bool draws, bool opens,
                                 const std::filesystem::path& pictures) {
    demo::StoryListener listener;
    listener.onEvent = [&context](const demo::StoryEventLine& event) {
        context.endProgress();
        if (!context.json)
            print(fmt::format("[{:5.1f} h] {}", event.hour, event.text));
    };
    listener.onTick = [&context](double hour, const std::string& status) {
        context.progress(fmt::format("[{:5.1f} h] waiting: {}", hour, status));
    };
    listener.onMoment = [&context, &console, draws, opens, pictures](Moment moment) {
        const bool first = moment == Moment::Serving;
        const Result<void> shown = first && opens    ? console.open()
                                   : first || !draws ? Result<void>()
                                                     : console.draw(pictures / demo::toString(moment), context.stop);
        if (!shown && !context.json) {
            context.endProgress();
            print("The console: " + shown.error().message);
        }
    };
    listener.onEnd = [&context, &console, opens] {
        if (!opens)
            return;
        print("The story is over; close the console or press Ctrl+C to stop what was started.");
        console.awaitClosed(context.stop);
    };
    return listener;
}

Result<int> playIn(const Context& context, const DemoOptions& options, const Workspace& workspace,
                   const std::filesystem::path& folder) {
    TRY(requireFresh(workspace, *context.clock));
    const std::optional<std::filesystem::path> program = findConsole();
    const bool opens = program && !options.headless && hasDisplay();
    const bool draws = program && !opens;
    if (!program && !context.json)
        print("perch-console is not beside perch: the story is played without window and pictures.");
    ConsoleChild console(program, workspace.root());
    const std::filesystem::path pictures = folder / "screenshots";
    const demo::StoryListener listener = makeListener(context, console, draws, opens, pictures);
    demo::StoryOptions story;
    story.seed = options.seed;
    story.identity = context.identity();
    const StoryReport report = TRY(demo::playStory(workspace, story, listener, *context.clock, context.stop));
    context.endProgress();
    TRY(demo::writeReport(report, folder, picturesIn(pictures)));
    if (context.json)
        printJson(demo::toJson(report));
    else
        printSummary(report, folder);
    return report.traffic.lost == 0 && report.audit.verified ? 0 : 1;
}

Result<int> play(const Context& context, const DemoOptions& options) {
    if (context.readOnly)
        return fail(ErrorCode::Denied,
                    "The demo starts a platform of its own and writes to it; --read-only forbids it.");
    std::optional<TemporaryFolder> temporary;
    std::filesystem::path root = context.workspaceFolder;
    if (root.empty()) {
        temporary = TRY(TemporaryFolder::create("perch-demo-"));
        root = options.keep ? temporary->release() : temporary->path();
        if (options.keep)
            temporary.reset();
    }
    const Workspace workspace = TRY(Workspace::open(root));
    std::filesystem::path folder = options.report;
    if (folder.empty())
        folder = temporary ? std::filesystem::current_path() / "demo-report" : workspace.root() / "demo-report";
    folder = std::filesystem::absolute(folder);
    if (!temporary && !context.json)
        print(fmt::format("Workspace: {}", workspace.root().string()));
    return playIn(context, options, workspace, folder);
}

} // namespace

void addDemoVerb(CLI::App& app) {
    auto options = std::make_shared<DemoOptions>();
    CLI::App* verb = addVerb(app, "demo",
                             "Play the credit-risk story on real parts: serve, drift, alert, retrain, canary, promote, "
                             "roll back",
                             [options](const Context& context) { return play(context, *options); });
    verb->add_flag("--headless", options->headless, "No window; write pictures of the screens instead");
    verb->add_option("--report", options->report,
                     "Folder of the report (default: demo-report in the workspace, or here if that is temporary)");
    verb->add_flag("--keep", options->keep, "Keep the temporary workspace");
    verb->add_option("--seed", options->seed, "Seed of the generated loans")->capture_default_str();
}

} // namespace perch::cli
