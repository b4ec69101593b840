#include "core/base/file.h"
#include "core/http/listening_socket.h"
#include "core/platforms/local/haproxy_socket.h"
#include "tests/fuzz/fuzzer.h"

#include <mutex>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace perch;

/// A runtime socket that gives the same answer to every command.
class Pretender {
public:
    Pretender()
        : m_folder(*TemporaryFolder::create("perch-fuzz-")),
          m_listening(*http::ListeningSocket::onFile(m_folder.path() / "s")),
          m_thread([this](const std::stop_token& stop) { serve(stop); }) {}

    std::filesystem::path socket() const { return m_folder.path() / "s"; }
    void setAnswer(std::string_view answer) {
        const std::lock_guard lock(m_mutex);
        m_answer = answer;
    }

private:
    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            // The listening socket does not block.
            pollfd ready{.fd = m_listening.descriptor(), .events = POLLIN, .revents = 0};
            if (::poll(&ready, 1, 50) <= 0)
                continue;
            const int connection = ::accept(m_listening.descriptor(), nullptr, nullptr);
            if (connection < 0)
                continue;
            char command[512];
            (void)::recv(connection, command, sizeof command, 0);
            std::string answer;
            {
                const std::lock_guard lock(m_mutex);
                answer = m_answer;
            }
            (void)::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
            ::close(connection);
        }
    }

    TemporaryFolder m_folder;
    http::ListeningSocket m_listening;
    std::mutex m_mutex; ///< guards the answer
    std::string m_answer;
    std::jthread m_thread;
};

} // namespace

/// What HAProxy answers on its runtime socket, and the text form of a split.
PERCH_FUZZER(haproxy_answer) {
    static Pretender haproxy;
    haproxy.setAnswer(bytes.substr(0, 16'384));
    const local::HaproxySocket socket(haproxy.socket());
    const auto splits = socket.splits();
    const auto servers = socket.servers();
    const auto sessions = socket.sessions();
    fuzz::requireSentence(splits);
    fuzz::requireSentence(servers);
    fuzz::requireSentence(sessions);
    for (const auto& [model, target] : splits.value_or(local::SplitMap()))
        fuzz::require(*local::SplitTarget::parse(target.text()) == target, "a split reads back");
    const std::string_view line = fuzz::takeLine(bytes);
    const auto target = local::SplitTarget::parse(line);
    fuzz::requireSentence(target);
    fuzz::require(!target || *local::SplitTarget::parse(target->text()) == *target, "a split reads back");
}
