#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace perch::test {

/// One request of a load: a POST with a JSON body unless the method says otherwise.
struct LoadRequest {
    std::string path;
    std::string body = {};
    std::string headers = {}; ///< further header lines, each ended by \r\n
    std::string method = "POST";
};

/// What became of the requests so far. A request is `lost` when its connection broke before the whole answer was
/// there; connections that nobody accepted are `refused` and tried again, no request was sent on them.
struct LoadReport {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t ok = 0; ///< 2xx
    std::uint64_t lost = 0;
    std::uint64_t refused = 0;
    std::map<int, std::uint64_t> failedByStatus = {};        ///< answers that are not 2xx
    std::map<std::string, std::uint64_t> byVersion = {};     ///< by "model_version" in the answers
    std::string firstFailure = {};                           ///< status and body of the first answer that is not 2xx
    double seconds = 0;
    double p50Ms = 0, p99Ms = 0, maximumMs = 0;

    double perSecond() const { return seconds > 0 ? static_cast<double>(answered) / seconds : 0; }
    std::string text() const;
};

/// Keeps `connections` kept-alive connections to one loopback port busy from one thread, and counts what comes back.
/// `start` returns at once; `report` may be called at any time; `stop` finishes what is in flight.
class LoadGenerator {
public:
    struct Options {
        std::uint16_t port = 0;
        unsigned connections = 16;
        double requestsPerSecond = 0; ///< over all connections; 0: as many as go
        std::function<LoadRequest(std::uint64_t index)> next = {};
        /// Called for every whole answer, on the generator's thread.
        std::function<void(std::uint64_t index, int status, std::string_view body)> onAnswer = {};
    };

    static std::unique_ptr<LoadGenerator> start(Options options);
    ~LoadGenerator();
    LoadReport report() const;
    LoadReport stop();

private:
    struct State;
    explicit LoadGenerator(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace perch::test
