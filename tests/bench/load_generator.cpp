// Sends JSON bodies to one path of a server on loopback and prints what came back as one JSON line.
#include "tests/support/load.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <condition_variable>
#include <fstream>
#include <iostream>
#include <mutex>

namespace {

std::vector<std::string> linesOf(const std::string& file) {
    std::vector<std::string> lines;
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

/// Waits without a fixed sleep: a wait for something that never happens.
void pass(double seconds) {
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, std::chrono::duration<double>(seconds), [] { return false; });
}

} // namespace

int main(int argc, char** argv) {
    using perch::test::LoadGenerator;
    std::string path = "/", bodies;
    LoadGenerator::Options options;
    double seconds = 10;
    CLI::App app("Measures requests per second, latency and lost requests.");
    app.add_option("--port", options.port)->required();
    app.add_option("--path", path);
    app.add_option("--bodies", bodies, "One JSON body per line")->required();
    app.add_option("--connections", options.connections);
    app.add_option("--rate", options.requestsPerSecond, "Requests per second, 0 for as many as go");
    app.add_option("--seconds", seconds);
    CLI11_PARSE(app, argc, argv);

    const std::vector<std::string> lines = linesOf(bodies);
    if (lines.empty()) {
        std::cerr << bodies << " holds no line\n";
        return 2;
    }
    options.next = [&](std::uint64_t index) {
        return perch::test::LoadRequest{path, lines[index % lines.size()]};
    };
    const auto load = LoadGenerator::start(options);
    pass(seconds);
    const perch::test::LoadReport report = load->stop();
    const nlohmann::json document = {{"requests", report.sent}, {"ok", report.ok}, {"lost", report.lost},
        {"refused", report.refused}, {"per_second", report.perSecond()}, {"p50_ms", report.p50Ms},
        {"p99_ms", report.p99Ms}, {"max_ms", report.maximumMs}, {"by_version", report.byVersion},
        {"first_failure", report.firstFailure}};
    std::cout << document.dump() << std::endl;
    return report.lost == 0 && report.ok == report.sent ? 0 : 1;
}
