#include "core/kube/watch.h"
#include "core/kube/watch_event.h"
#include "tests/kube/kube_fixture.h"

#include <atomic>
#include <thread>

namespace perch::kube {
namespace {

using namespace std::chrono_literals;
using test::AskedRequest;
using test::PlayedServer;
using test::Wire;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const ObjectScope kScope{.resource = resources::kPods, .nameSpace = "models", .labels = "app=churn"};
const WatchOptions kQuickWatch{.firstPause = 1ms, .longestPause = 5ms};

bool isWatch(const AskedRequest& request) {
    return request.target.find("watch=1") != std::string::npos;
}

bool asksFrom(const AskedRequest& request, int version) {
    return request.target.find(fmt::format("resourceVersion={}&", version)) != std::string::npos;
}

class ListAndWatch : public KubeFixture {
protected:
    RecordingSink m_sink;

    /// Watches until `done`.
    void watchUntil(const PlayedServer& server, const std::function<bool()>& done) {
        ApiClient client = clientOf(server);
        std::stop_source stop;
        std::jthread thread([&] { watchObjects(client, kScope, m_sink, kQuickWatch, stop.get_token()); });
        EXPECT_TRUE(test::waitUntil(done));
        stop.request_stop();
        thread.join();
    }
    void watchUntil(const PlayedServer& server, std::string_view note) {
        watchUntil(server, [&, note] { return m_sink.has(note); });
    }
    /// A server that lists `a@1`, at version 5, and plays its watches.
    PlayedServer serverWith(PlayedServer::Play watch) {
        return PlayedServer(m_authority.issueServer(), "", [watch](const AskedRequest& request, Wire& wire) {
            if (isWatch(request))
                return watch(request, wire);
            wire.answer(200, pageText(objectText("a", 1), 5));
        });
    }
};

TEST_F(ListAndWatch, ReadsPageAfterPage) {
    const PlayedServer server(m_authority.issueServer(), "", [](const AskedRequest& request, Wire& wire) {
        const bool second = request.target.find("continue=t%2B1") != std::string::npos;
        wire.answer(200, second ? pageText(objectText("b", 2), 9) : pageText(objectText("a", 1), 9, "t+1"));
    });
    ApiClient client = clientOf(server);
    EXPECT_EQ(test::valueOf(listObjects(client, kScope, m_sink, {}, 1)), "9");
    EXPECT_THAT(m_sink.notes(), ElementsAre("listing", "put a@1", "put b@2", "listed"));
    EXPECT_EQ(server.asked().at(0).target, "/api/v1/namespaces/models/pods?labelSelector=app%3Dchurn&limit=1");
}

TEST_F(ListAndWatch, AListThatTheServerForgetsIsReadInOnePiece) {
    const PlayedServer server(m_authority.issueServer(), "", [](const AskedRequest& request, Wire& wire) {
        if (request.target.find("continue=") != std::string::npos)
            wire.answer(410, statusText(410, "Expired", "too old"));
        else if (request.target.find("limit=") != std::string::npos)
            wire.answer(200, pageText(objectText("a", 1), 9, "next"));
        else
            wire.answer(200, pageText(objectText("a", 3) + "," + objectText("b", 4), 10));
    });
    ApiClient client = clientOf(server);
    EXPECT_EQ(test::valueOf(listObjects(client, kScope, m_sink)), "10");
    EXPECT_THAT(m_sink.notes(), ElementsAre("listing", "put a@1", "listing", "put a@3", "put b@4", "listed"));
}

TEST_F(ListAndWatch, AListThatIsForbiddenOrNoneIsNotComplete) {
    std::string body = statusText(403, "Forbidden", "no");
    int status = 403;
    const PlayedServer server(m_authority.issueServer(), "",
                              [&](const AskedRequest&, Wire& wire) { wire.answer(status, body); });
    ApiClient client = clientOf(server);
    EXPECT_THAT(listObjects(client, kScope, m_sink), test::failsWith(ErrorCode::Denied, HasSubstr("no")));
    for (const char* text : {"[]", "{}", R"({"items":3})"}) {
        status = 200;
        body = text;
        EXPECT_THAT(listObjects(client, kScope, m_sink), test::failsWith(ErrorCode::InvalidInput, HasSubstr("pods")));
    }
    EXPECT_FALSE(m_sink.has("listed"));
    body = R"({"items":null,"metadata":{"resourceVersion":"3"}})";
    EXPECT_EQ(test::valueOf(listObjects(client, kScope, m_sink)), "3");
}

TEST_F(ListAndWatch, TellsWhatChanges) {
    const PlayedServer server = serverWith([](const AskedRequest&, Wire& wire) {
        wire.begin();
        wire.piece(eventText("ADDED", objectText("b", 6)) + eventText("MODIFIED", objectText("a", 7)));
        wire.piece(eventText("BOOKMARK", objectText("", 8)));
        wire.piece(eventText("DELETED", objectText("b", 9)));
        wire.hold();
    });
    watchUntil(server, "removed");
    EXPECT_THAT(m_sink.notes(), ElementsAre("listing", "put a@1", "listed", "put b@6", "put a@7", "removed b@9"));
    const std::string target = server.asked().at(1).target;
    EXPECT_TRUE(asksFrom(server.asked().at(1), 5));
    EXPECT_THAT(target, HasSubstr("allowWatchBookmarks=true"));
    EXPECT_THAT(target, HasSubstr("labelSelector=app%3Dchurn"));
}

TEST_F(ListAndWatch, SlowBytesMakeTheSameEvents) {
    const PlayedServer server = serverWith([](const AskedRequest&, Wire& wire) {
        wire.begin();
        for (const char byte : eventText("ADDED", objectText("b", 6)))
            wire.piece(std::string(1, byte));
        wire.hold();
    });
    watchUntil(server, "put b@6");
    EXPECT_THAT(m_sink.notes(), ElementsAre("listing", "put a@1", "listed", "put b@6"));
}

TEST_F(ListAndWatch, AWatchThatEndsGoesOnWhereItWas) {
    std::atomic<int> watches = 0;
    const PlayedServer server = serverWith([&](const AskedRequest& request, Wire& wire) {
        wire.begin();
        if (++watches == 1) {
            wire.piece(eventText("BOOKMARK", objectText("", 8)));
            wire.end();
            return;
        }
        wire.piece(eventText("ADDED", objectText(asksFrom(request, 8) ? "right" : "wrong", 9)));
        wire.hold();
    });
    watchUntil(server, "put right");
    EXPECT_THAT(m_sink.notes(), ElementsAre("listing", "put a@1", "listed", "put right@9"));
}

TEST_F(ListAndWatch, AWatchThatIsCutGoesOnToo) {
    std::atomic<int> watches = 0;
    const PlayedServer server = serverWith([&](const AskedRequest& request, Wire& wire) {
        wire.begin();
        if (++watches == 1) {
            wire.piece(eventText("ADDED", objectText("b", 6)));
            wire.piece(R"({"type":"ADDED","object":{"metadata)");
            return wire.cut();
        }
        wire.piece(eventText("ADDED", objectText(asksFrom(request, 6) ? "c" : "wrong", 7)));
        wire.hold();
    });
    watchUntil(server, "put c@7");
    const std::vector<std::string> notes = m_sink.notes();
    ASSERT_EQ(notes.size(), 7U);
    EXPECT_THAT(notes[4], HasSubstr("failed unavailable: The connection to " + server.peer()));
    EXPECT_EQ(notes[5], "recovered");
    EXPECT_EQ(notes[6], "put c@7");
}

TEST_F(ListAndWatch, AWatchInWhichNothingHappensHasRecoveredToo) {
    std::atomic<int> watches = 0;
    const PlayedServer server = serverWith([&](const AskedRequest&, Wire& wire) {
        wire.begin();
        if (++watches == 1)
            return wire.cut();
        wire.hold();
    });
    watchUntil(server, "recovered");
    EXPECT_THAT(m_sink.notes(), ElementsAre("listing", "put a@1", "listed", HasSubstr("failed"), "recovered"));
}

/// Both ways to say that history is gone lead to a new list, at once and without a word of failure.
TEST_F(ListAndWatch, WhatIsForgottenIsListedAnew) {
    for (const bool inStream : {false, true}) {
        RecordingSink sink;
        std::atomic<int> watches = 0;
        const PlayedServer server = serverWith([&](const AskedRequest&, Wire& wire) {
            if (++watches == 2) {
                if (!inStream)
                    return void(wire.answer(410, statusText(410, "Expired", "too old resource version")));
                wire.begin();
                wire.piece(eventText("ERROR", statusText(410, "Expired", "too old resource version")));
                return void(wire.end());
            }
            wire.begin();
            wire.piece(eventText("BOOKMARK", objectText("", 6)));
            if (watches == 1)
                return void(wire.end());
            wire.hold();
        });
        ApiClient client = clientOf(server);
        std::stop_source stop;
        std::jthread thread([&] { watchObjects(client, kScope, sink, kQuickWatch, stop.get_token()); });
        EXPECT_TRUE(test::waitUntil([&] { return watches >= 3; }));
        stop.request_stop();
        thread.join();
        EXPECT_THAT(sink.notes(), ElementsAre("listing", "put a@1", "listed", "listing", "put a@1", "listed"));
    }
}

TEST_F(ListAndWatch, AServerThatForgetsEverythingAtOnceIsNotAskedInABusyLoop) {
    const PlayedServer server = serverWith([](const AskedRequest&, Wire& wire) {
        wire.answer(410, statusText(410, "Expired", "too old resource version"));
    });
    watchUntil(server, "failed conflict");
    EXPECT_THAT(m_sink.notes().at(3), HasSubstr("failed conflict"));
}

TEST_F(ListAndWatch, NonsenseIsToldAndLeftBehind) {
    std::atomic<int> watches = 0;
    const PlayedServer server = serverWith([&](const AskedRequest&, Wire& wire) {
        wire.begin();
        wire.piece(++watches == 1 ? std::string("{\"type\":\x01\n") : eventText("ADDED", objectText("b", 6)));
        wire.hold();
    });
    watchUntil(server, "put b@6");
    EXPECT_TRUE(m_sink.has("failed invalid_input: An event of the watch"));
}

TEST_F(ListAndWatch, AServerThatIsDownIsTriedAgainUntilItIsUp) {
    std::atomic<int> lists = 0;
    const PlayedServer server(m_authority.issueServer(), "", [&](const AskedRequest& request, Wire& wire) {
        if (isWatch(request)) {
            wire.begin();
            return wire.hold();
        }
        if (++lists < 4)
            return void(wire.answer(500, statusText(500, "InternalError", "etcd")));
        wire.answer(200, pageText("", 5));
    });
    watchUntil(server, "recovered");
    EXPECT_THAT(m_sink.notes(), ElementsAre("listing", HasSubstr("failed unavailable"), "listing", HasSubstr("failed"),
                                            "listing", HasSubstr("failed"), "listing", "listed", "recovered"));
}

TEST_F(ListAndWatch, AStopEndsAWatchAtOnce) {
    const PlayedServer server = serverWith([](const AskedRequest&, Wire& wire) {
        wire.begin();
        wire.hold();
    });
    watchUntil(server, [&] { return server.asked().size() == 2; });
    EXPECT_FALSE(m_sink.has("failed"));
}

TEST(WatchEvents, LinesAreCutAndBounded) {
    WatchLines lines(5);
    std::vector<std::string> taken;
    const auto take = [&](std::string_view line) -> Result<void> {
        taken.emplace_back(line);
        return {};
    };
    EXPECT_TRUE(lines.feed("ab", take));
    EXPECT_TRUE(lines.feed("c\n\nde\nf", take));
    EXPECT_THAT(taken, ElementsAre("abc", "de"));
    EXPECT_TRUE(lines.feed("ghij\n", take));
    EXPECT_THAT(taken.back(), "fghij");
    EXPECT_THAT(lines.feed("abcdef", take), test::failsWith(ErrorCode::InvalidInput, HasSubstr("5 bytes")));
}

TEST(WatchEvents, WhatIsNoEventIsRefused) {
    RecordingSink sink;
    for (const char* line : {"1", "[]", "{}", R"({"type":"ADDED"})", R"({"type":"ADDED","object":{}})",
                             R"({"type":"ADDED","object":{"metadata":{"resourceVersion":5}}})",
                             R"({"type":"MOVED","object":{"metadata":{"resourceVersion":"5"}}})"})
        EXPECT_EQ(takeWatchEvent(line, sink).error().code, ErrorCode::InvalidInput) << line;
    EXPECT_THAT(takeWatchEvent(eventText("ERROR", statusText(500, "InternalError", "a\x1b[1m")), sink),
                test::failsWith(ErrorCode::Unavailable, Not(HasSubstr("\x1b"))));
    EXPECT_TRUE(sink.notes().empty());
}

} // namespace
} // namespace perch::kube
