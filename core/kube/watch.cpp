#include "core/kube/watch.h"

#include "core/kube/watch_event.h"

namespace perch::kube {

namespace {

using std::chrono::milliseconds;

/// More than the server may be late with ending a watch.
constexpr milliseconds kWatchGrace{20'000};

class WatchLoop {
public:
    WatchLoop(ApiClient& client, const ObjectScope& scope, ObjectSink& sink, const WatchOptions& options,
              const std::stop_token& stop)
        : m_client(&client),
          m_scope(&scope),
          m_sink(&sink),
          m_options(&options),
          m_stop(&stop),
          m_pause(options.firstPause) {}

    void run() {
        while (!m_stop->stop_requested()) {
            const Result<void> done = m_version.empty() ? list() : watch();
            if (done || m_stop->stop_requested())
                continue;
            const ErrorCode code = done.error().code;
            const bool forgotten = code == ErrorCode::Conflict && !m_version.empty();
            // What is forgotten, or makes no sense, is left behind by a new list.
            if (forgotten || code == ErrorCode::InvalidInput)
                m_version.clear();
            // A list whose version is forgotten at once must not become a busy loop.
            if (!forgotten || m_freshList)
                fail(done.error());
        }
    }

private:
    Result<void> list() {
        m_version = TRY(listObjects(*m_client, *m_scope, *m_sink, *m_stop, m_options->pageSize));
        if (m_version.empty())
            return perch::fail(ErrorCode::InvalidInput, "The list of {} has no resourceVersion.",
                               nameOf(m_scope->resource));
        recovered();
        m_freshList = true;
        return {};
    }

    Result<void> watch() {
        ApiRequest request{.path = pathOf(m_scope->resource, m_scope->nameSpace),
                           .query = selectorQuery(*m_scope),
                           .deadline = m_options->length + kWatchGrace};
        request.query.insert(request.query.begin(), {{"watch", "1"},
                                                     {"allowWatchBookmarks", "true"},
                                                     {"resourceVersion", m_version},
                                                     {"timeoutSeconds", std::to_string(m_options->length.count())}});
        WatchLines lines(m_options->longestEvent);
        bool heard = false;
        const http::ByteSink sink = [&](std::string_view bytes) -> Result<void> {
            if (bytes.empty())
                recovered(); // the server has taken the watch, though nothing may happen for a long time
            return lines.feed(bytes, [&](std::string_view line) -> Result<void> {
                m_version = TRY(takeWatchEvent(line, *m_sink));
                heard = true;
                m_pause = m_options->firstPause;
                m_freshList = false;
                return {};
            });
        };
        const http::Response answer = TRY(m_client->exchange(request, &sink, *m_stop));
        if (answer.status == kVersionGone)
            return perch::fail(ErrorCode::Conflict, "The API server has forgotten the version of the watch.");
        if (!answer.ok())
            return m_client->errorOf(answer, request);
        m_freshList = false;
        m_pause = m_options->firstPause;
        // Watches that end at once, one after the other, must not become a busy loop either.
        if (!heard)
            (void)http::pause(m_options->firstPause, *m_stop);
        return {};
    }

    void recovered() {
        if (std::exchange(m_failing, false))
            m_sink->recovered();
    }

    void fail(const Error& error) {
        m_failing = true;
        m_sink->failed(error, m_pause);
        (void)http::pause(m_pause, *m_stop);
        m_pause = std::min(m_pause * 2, m_options->longestPause);
    }

    ApiClient* m_client;
    const ObjectScope* m_scope;
    ObjectSink* m_sink;
    const WatchOptions* m_options;
    const std::stop_token* m_stop;
    std::string m_version; ///< where the watch is; empty: a list comes first
    milliseconds m_pause;
    bool m_failing = false;
    bool m_freshList = false; ///< nothing came since the list
};

} // namespace

void watchObjects(ApiClient& client, const ObjectScope& scope, ObjectSink& sink, const WatchOptions& options,
                  std::stop_token stop) {
    WatchLoop(client, scope, sink, options, stop).run();
}

} // namespace perch::kube
