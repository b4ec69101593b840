#include "core/serving/mirror.h"
#include "tests/serving/serving_fixture.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace perch::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// Takes connections and never answers.
class SilentPort {
public:
    SilentPort() : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(m_socket, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(m_socket, 16), 0);
        EXPECT_EQ(::getsockname(m_socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
        m_port = ntohs(address.sin_port);
    }
    ~SilentPort() { ::close(m_socket); }
    std::string url() const { return fmt::format("http://127.0.0.1:{}", m_port); }

private:
    int m_socket;
    std::uint16_t m_port = 0;
};

/// Two versions on two servers, as the replicas of stable and of its shadow.
class MirrorTest : public Serving {
protected:
    std::unique_ptr<serving::ModelServer> serve(std::uint32_t version, serving::ModelServer::Options options) {
        auto server = valueOf(serving::ModelServer::start(std::move(options), m_clock));
        EXPECT_TRUE(succeeded(server->load({.package = m_churn.package, .version = {version}})));
        return server;
    }
    std::filesystem::path file(const char* name = "mirror.json") const { return m_folder / name; }
    serving::Mirror::Options mirrorOf(const char* name = "mirror.json") const {
        serving::Mirror::Options options;
        options.file = file(name);
        options.interval = std::chrono::milliseconds(10);
        return options;
    }
    std::string settings(std::uint32_t version, double share, const std::string& url) const {
        return spec::MirrorSettings{valueOf(ModelName::parse("churn")), Version{version},
                                    valueOf(Percent::fromPercent(share)), {url}}.text();
    }
    static std::string urlOf(const serving::ModelServer& server) {
        return fmt::format("http://127.0.0.1:{}", server.port());
    }
    http::Response ask(const serving::ModelServer& server, std::string_view path, const json& body,
                       http::Headers headers = {}) {
        return valueOf(m_client.send({.method = "POST", .url = urlOf(server) + std::string(path),
                                      .headers = std::move(headers), .body = body.dump()}));
    }
    json rowBody(const std::string& id) const { return {{"inputs", m_churn.row(3)}, {"request_id", id}}; }
    std::string scrape(const serving::ModelServer& server) {
        return valueOf(m_client.send({.url = fmt::format("http://127.0.0.1:{}/metrics", server.metricsPort())})).body;
    }
    double requests(const serving::ModelServer& server, const char* version, const char* role) {
        return valueIn(scrape(server), fmt::format(
            R"(ml_requests_total{{model="churn",model_version="{}",outcome="ok",role="{}"}})", version, role)).value_or(-1);
    }
    double mirrored(const serving::ModelServer& server, const char* outcome) {
        return valueIn(scrape(server), fmt::format(R"(ml_mirrored_requests_total{{model="churn",outcome="{}"}})", outcome))
            .value_or(-1);
    }
    bool reports(const serving::ModelServer& server, const std::string& text) {
        return valueIn(scrape(server), fmt::format(R"(ml_serve_config_info{{digest="{}",model="churn"}})",
                                                   sha256(text).hex())) == 1;
    }

    Folder m_folder;
};

TEST_F(MirrorTest, TheShareReachesTheShadowAndItsTruthIsKnownButUsersSeeStableOnly) {
    const auto truth = startTruth(m_folder / "truth.db", m_clock);
    const std::string truthUrl = fmt::format("http://127.0.0.1:{}", truth->port());
    const auto shadow = serve(2, {.truthUrl = truthUrl});
    const std::string text = settings(2, 25, urlOf(*shadow));
    ASSERT_TRUE(succeeded(writeFileAtomically(file(), text)));
    const auto stable = serve(1, {.truthUrl = truthUrl, .mirror = mirrorOf()});
    EXPECT_TRUE(reports(*stable, text));
    const spec::MirrorSettings sampled = valueOf(spec::MirrorSettings::parse(text));
    double expected = 0;
    std::string copied;
    for (int i = 0; i < 200; ++i) {
        const std::string id = fmt::format("r{}", i);
        if (sampled.samples(id)) {
            ++expected;
            copied = id;
        }
        const json answer = json::parse(ask(*stable, "/predict_churn", rowBody(id)).body);
        ASSERT_EQ(answer["model_version"], "v1");
        ASSERT_EQ(answer["request_id"], id);
    }
    ASSERT_GT(expected, 20);
    ASSERT_TRUE(waitUntil([&] { return mirrored(*stable, "sent") == expected; }));
    EXPECT_EQ(requests(*shadow, "v2", "shadow"), expected);
    EXPECT_EQ(requests(*shadow, "v2", "stable"), 0) << "nothing but copies reached it";
    EXPECT_EQ(requests(*stable, "v1", "stable"), 200);
    EXPECT_EQ(mirrored(*stable, "dropped"), 0);
    EXPECT_EQ(mirrored(*stable, "failed"), 0);

    const json label = {{"model", "churn"}, {"request_id", copied}, {"truth", "Yes"}};
    EXPECT_EQ(ask(*stable, "/v1/feedback", label).status, 202);
    const auto labelled = [&](const char* version, const char* role) {
        const std::string all = valueOf(m_client.send({.url = truthUrl + "/metrics"})).body;
        double sum = 0;
        for (const char* outcome : {"correct", "incorrect"})
            sum += valueIn(all, fmt::format(R"(ml_predictions_total{{model="churn",model_version="{}",outcome="{}",role="{}"}})",
                                            version, outcome, role)).value_or(0);
        return sum;
    };
    EXPECT_TRUE(waitUntil([&] { return labelled("v1", "stable") == 1 && labelled("v2", "shadow") == 1; }))
        << "one truth counts for both";
}

TEST_F(MirrorTest, CopiesBytesWithTheHeaderThatTellsThemFromTheJson) {
    const auto shadow = serve(2, {});
    ASSERT_TRUE(succeeded(writeFileAtomically(file(), settings(2, 100, urlOf(*shadow)))));
    const auto stable = serve(1, {.mirror = mirrorOf()});
    json request = {{"inputs", json::array()}};
    const json row = m_churn.row(3);
    for (const auto& [name, value] : row.items()) {
        const char* type = value.is_string() ? "BYTES" : value.is_boolean() ? "BOOL" : "FP64";
        request["inputs"].push_back({{"name", name}, {"datatype", type}, {"shape", {1}}, {"data", {value}}});
        if (name == "tenure") {
            request["inputs"].back().erase("data");
            request["inputs"].back()["parameters"] = {{"binary_data_size", 8}};
        }
    }
    const std::string text = request.dump();
    const http::Response answer =
        valueOf(m_client.send({.method = "POST",
                               .url = urlOf(*stable) + "/v2/models/churn/infer",
                               .headers = {{"Inference-Header-Content-Length", std::to_string(text.size())}},
                               .body = text + std::string(8, '\0')}));
    ASSERT_EQ(answer.status, 200) << answer.body;
    ASSERT_TRUE(waitUntil([&] { return mirrored(*stable, "sent") + mirrored(*stable, "failed") == 1; }));
    EXPECT_EQ(requests(*shadow, "v2", "shadow"), 1);
}

TEST_F(MirrorTest, CopiesAreTakenOnEveryPathAndForBatches) {
    const auto shadow = serve(2, {});
    ASSERT_TRUE(succeeded(writeFileAtomically(file(), settings(2, 100, urlOf(*shadow)))));
    const auto stable = serve(1, {.mirror = mirrorOf()});
    const json batch = {{"inputs", {m_churn.row(0), m_churn.row(1)}}};
    json tensors = json::array();
    const json row = m_churn.row(0);
    for (const auto& [name, value] : row.items())
        tensors.push_back({{"name", name}, {"shape", {1}}, {"data", {value}},
                           {"datatype", value.is_string() ? "BYTES" : value.is_boolean() ? "BOOL" : "FP64"}});
    EXPECT_EQ(ask(*stable, "/v1/models/churn:predict", batch).status, 200);
    EXPECT_EQ(ask(*stable, "/predict_churn", m_churn.row(2)).status, 200) << "a row of its own";
    EXPECT_EQ(ask(*stable, "/v2/models/churn/infer", {{"inputs", tensors}}).status, 200);
    EXPECT_EQ(ask(*stable, "/v2/models/churn/versions/v1/infer", {{"inputs", tensors}}).status, 200);
    EXPECT_EQ(ask(*stable, "/predict_churn", {{"inputs", 7}}).status, 400) << "what is refused is not copied";
    EXPECT_TRUE(waitUntil([&] { return mirrored(*stable, "sent") == 4; }));
    EXPECT_EQ(requests(*shadow, "v2", "shadow"), 4);
    EXPECT_EQ(mirrored(*stable, "failed"), 0);
}

TEST_F(MirrorTest, ACopyIsNeverCopiedAgain) {
    const auto shadow = serve(2, {.mirror = mirrorOf("back.json")});
    ASSERT_TRUE(succeeded(writeFileAtomically(file(), settings(2, 100, urlOf(*shadow)))));
    const auto stable = serve(1, {.mirror = mirrorOf()});
    const std::string back = settings(1, 100, urlOf(*stable));
    ASSERT_TRUE(succeeded(writeFileAtomically(file("back.json"), back)));
    ASSERT_TRUE(waitUntil([&] { return reports(*shadow, back); }));
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(ask(*stable, "/predict_churn", rowBody(fmt::format("r{}", i))).status, 200);
    EXPECT_EQ(ask(*stable, "/predict_churn", rowBody("forged"), {{"X-Perch-Mirror", "1"}}).status, 200);
    ASSERT_TRUE(waitUntil([&] { return mirrored(*stable, "sent") == 20; }));
    EXPECT_EQ(requests(*stable, "v1", "shadow"), 1) << "the forged one alone";
    EXPECT_EQ(requests(*shadow, "v2", "shadow"), 20);
    EXPECT_EQ(mirrored(*shadow, "sent") + mirrored(*shadow, "failed") + mirrored(*shadow, "dropped"), 0);
}

TEST_F(MirrorTest, AVersionDoesNotCopyToItself) {
    SilentPort nobody;
    ASSERT_TRUE(succeeded(writeFileAtomically(file(), settings(2, 100, nobody.url()))));
    serving::Mirror::Options options = mirrorOf();
    options.queueLimit = 0;
    const auto same = serve(2, {.mirror = options});
    EXPECT_EQ(ask(*same, "/predict_churn", rowBody("a")).status, 200);
    EXPECT_EQ(mirrored(*same, "dropped"), 0) << "with this queue a copy would have been dropped";
}

/// The copies may take a minute; an answer that waited for one would not come before the client gives up.
TEST_F(MirrorTest, AHangingTargetCostsCopiesAndNoAnswer) {
    SilentPort silent;
    ASSERT_TRUE(succeeded(writeFileAtomically(file(), settings(2, 100, silent.url()))));
    serving::Mirror::Options options = mirrorOf();
    options.deadline = std::chrono::minutes(1);
    options.queueLimit = 4;
    options.inFlight = 2;
    const auto stable = serve(1, {.mirror = options});
    for (int i = 0; i < 50; ++i)
        ASSERT_EQ(ask(*stable, "/predict_churn", rowBody(fmt::format("r{}", i))).status, 200);
    EXPECT_GE(mirrored(*stable, "dropped"), 50 - 4 - 2);
    EXPECT_EQ(mirrored(*stable, "sent"), 0);
}

TEST_F(MirrorTest, ABodyThatDoesNotFitIsDropped) {
    SilentPort silent;
    ASSERT_TRUE(succeeded(writeFileAtomically(file(), settings(2, 100, silent.url()))));
    serving::Mirror::Options options = mirrorOf();
    options.queueBytes = 100;
    const auto stable = serve(1, {.mirror = options});
    EXPECT_EQ(ask(*stable, "/predict_churn", rowBody("a")).status, 200);
    EXPECT_EQ(mirrored(*stable, "dropped"), 1);
}

TEST_F(MirrorTest, ATargetThatIsGoneOrRefusesCountsAsFailed) {
    std::string gone;
    {
        const auto shadow = serve(2, {});
        gone = urlOf(*shadow);
    }
    ASSERT_TRUE(succeeded(writeFileAtomically(file(), settings(2, 100, gone))));
    const auto stable = serve(1, {.mirror = mirrorOf()});
    EXPECT_EQ(ask(*stable, "/predict_churn", rowBody("a")).status, 200);
    EXPECT_TRUE(waitUntil([&] { return mirrored(*stable, "failed") == 1; }));
    // A server without a model answers 503.
    const auto empty = valueOf(serving::ModelServer::start({}, m_clock));
    const std::string text = settings(2, 100, urlOf(*empty));
    ASSERT_TRUE(succeeded(writeFileAtomically(file(), text)));
    ASSERT_TRUE(waitUntil([&] { return reports(*stable, text); }));
    EXPECT_EQ(ask(*stable, "/v1/models/churn:predict", rowBody("b")).status, 200);
    EXPECT_TRUE(waitUntil([&] { return mirrored(*stable, "failed") == 2; }));
}

TEST_F(MirrorTest, TheSettingsAreReadWhenTheyChange) {
    const auto shadow = serve(2, {});
    const auto stable = serve(1, {.mirror = mirrorOf()});
    EXPECT_EQ(ask(*stable, "/predict_churn", rowBody("a")).status, 200);
    EXPECT_EQ(mirrored(*stable, "sent"), -1) << "there is no series before there are settings";
    const std::string all = settings(2, 100, urlOf(*shadow)), none = settings(2, 0, urlOf(*shadow));
    double sent = 0;
    for (const std::string& text : {all, none, all}) {
        ASSERT_TRUE(succeeded(writeFileAtomically(file(), text)));
        ASSERT_TRUE(waitUntil([&] { return reports(*stable, text); }));
        EXPECT_EQ(ask(*stable, "/predict_churn", rowBody("b")).status, 200);
        EXPECT_FALSE(reports(*stable, text == all ? none : all)) << "one digest at a time";
        sent += text == all ? 1 : 0;
        ASSERT_TRUE(waitUntil([&] { return mirrored(*stable, "sent") == sent; })) << "before the settings change again";
    }
    ASSERT_TRUE(succeeded(writeFileAtomically(file(), "{\"model\":")));
    ASSERT_TRUE(waitUntil([&] { return !reports(*stable, all); })) << "wrong settings mirror nothing";
    ASSERT_TRUE(succeeded(writeFileAtomically(file(), all)));
    ASSERT_TRUE(waitUntil([&] { return reports(*stable, all); }));
    std::filesystem::remove(file());
    ASSERT_TRUE(waitUntil([&] { return !reports(*stable, all); }));
    EXPECT_EQ(ask(*stable, "/predict_churn", rowBody("c")).status, 200);
    EXPECT_EQ(mirrored(*stable, "sent") + mirrored(*stable, "failed") + mirrored(*stable, "dropped"), 2);
}

} // namespace
} // namespace perch::test
