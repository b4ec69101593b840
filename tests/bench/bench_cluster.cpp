/// Watches a namespace as the console does and says what bench_cluster.py asks for: one JSON document a line. `full`
/// when everything has been listed, `pod` whenever the Pod named has become ready or unready, `used` for each line on the
/// input: processor seconds and resident memory so far. Ends with its input.
#include "core/kube/chosen_cluster.h"
#include "core/platforms/kubernetes/cluster_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sys/resource.h>
#include <unistd.h>

namespace {

using namespace perch;

double residentMegabytes() {
    std::ifstream file("/proc/self/statm");
    long total = 0, resident = 0;
    file >> total >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

double processorSeconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Counted {
    std::size_t models = 0, pods = 0, ready = 0;
    bool podReady = false;
};

Counted count(const kubernetes::ClusterState& state, const std::string& pod) {
    Counted counted{.models = state.facts.models.size()};
    for (const fleet::ModelFacts& model : state.facts.models) {
        for (const fleet::VersionFacts& version : model.versions) {
            counted.pods += version.replicas.items.size();
            counted.ready += version.replicas.ready;
            const auto found = std::ranges::find(version.replicas.items, pod, &fleet::Replica::name);
            if (found != version.replicas.items.end())
                counted.podReady = found->state == fleet::Replica::State::Ready;
        }
    }
    return counted;
}

/// What the console does with changes: it reads, though not more than ten times a second.
class Follower {
public:
    Follower(std::shared_ptr<kube::ApiSession> session, std::string pod, const Clock& clock)
        : m_clock(clock), m_pod(std::move(pod)), m_reader(std::move(session), kubernetes::Reading::Watched, clock) {
        m_reader.onChange([this] {
            const std::lock_guard guard(m_mutex);
            m_news = true;
            m_wake.notify_all();
        });
    }

    void run(const std::stop_token& stop) {
        constexpr std::chrono::milliseconds kLeastPause{100};
        std::optional<bool> ready;
        while (!stop.stop_requested()) {
            const kubernetes::ClusterState state = m_reader.read(stop);
            const Counted now = count(state, m_pod);
            if (!ready && state.listed) {
                say(fmt::format(R"({{"event":"full","models":{},"pods":{},"ready":{},"resident_mb":{:.1f}}})",
                                now.models, now.pods, now.ready, residentMegabytes()));
                ready = now.podReady;
            } else if (ready && *ready != now.podReady) {
                ready = now.podReady;
                say(fmt::format(R"({{"event":"pod","ready":{},"at_ms":{}}})", now.podReady, toMillis(m_clock.now())));
            }
            std::unique_lock lock(m_mutex);
            m_wake.wait_for(lock, stop, kLeastPause, [] { return false; });
            m_wake.wait(lock, stop, [this] { return m_news; });
            m_news = false;
        }
    }

    static void say(const std::string& line) {
        static std::mutex mutex;
        const std::lock_guard guard(mutex);
        std::cout << line << std::endl;
    }

private:
    const Clock& m_clock;
    const std::string m_pod;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    bool m_news = false;
    kubernetes::ClusterReader m_reader;
};

} // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "bench_cluster KUBECONFIG CONTEXT NAMESPACE POD\n");
        return 2;
    }
    const RealClock clock;
    const auto session = kube::openSession({argv[1], argv[2], argv[3]}, kube::Program::Terminal::No, clock);
    if (!session) {
        std::fprintf(stderr, "bench_cluster: %s\n", session.error().message.c_str());
        return toExitCode(session.error().code);
    }
    Follower follower(*session, argv[4], clock);
    const std::jthread thread([&](const std::stop_token& stop) { follower.run(stop); });
    for (std::string line; std::getline(std::cin, line);)
        Follower::say(fmt::format(R"({{"event":"used","processor_s":{:.3f},"resident_mb":{:.1f},"requests":{}}})",
                                  processorSeconds(), residentMegabytes(), (*session)->rate().total()));
    return 0;
}
