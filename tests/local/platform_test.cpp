#include "core/base/json.h"
#include "core/platforms/local/haproxy_socket.h"
#include "core/platforms/local/local_files.h"
#include "core/platforms/local/local_store.h"
#include "core/spec/mirror_settings.h"
#include "core/telemetry/prometheus_client.h"
#include "tests/local/platform_fixture.h"
#include "tests/serving/serving_fixture.h"

#include <arpa/inet.h>
#include <cmath>
#include <sys/socket.h>
#include <unistd.h>

namespace perch::local {
namespace {

using rollout::Action;
using test::failsWith;
using test::succeeded;
using test::valueOf;
using test::waitUntil;
using testing::HasSubstr;

std::string versionOf(const http::Response& response) {
    return valueOf(parseJson(response.body, "the answer")).value("model_version", std::string());
}

/// One platform for all tests of this file; each begins with v1 of churn on two replicas with all traffic.
class PlatformTest : public testing::Test {
protected:
    static void SetUpTestSuite() {
        s_platform = std::make_unique<test::RunningPlatform>();
        s_platform->publish("churn", "wa_churn.csv", "churn", 1);
        s_platform->publish("churn", "wa_churn.csv", "churn", 2);
        spec::ModelSpec spec;
        spec.name = valueOf(ModelName::parse("churn"));
        spec.serving.lookup = {.maxAge = Seconds(60)};
        const std::filesystem::path folder = s_platform->workspace.models() / "churn";
        ASSERT_TRUE(succeeded(makePrivateFolder(folder)));
        test::writeLookupTable(folder / spec::kLookupTableName,
                               {.columns = {{"tenure", "number"}}, .rows = {{"anna", {30}}}});
        s_platform->up({.specs = {spec}, .replicas = 2, .timeFactor = 60});
    }
    static void TearDownTestSuite() { s_platform.reset(); }

    void SetUp() override {
        ASSERT_TRUE(waitUntil([] { return s_platform->healthy(); }, std::chrono::seconds(40)));
        const std::string split = valueOf(s_platform->platform().backend().read("Route/churn", "split")).value;
        if (split != "v1 100") {
            ASSERT_TRUE(succeeded(perform(split.starts_with("v2") ? Action::RollBack : Action::Abort, 0)));
        } else if (!valueOf(s_platform->platform().backend().read("Mirror/churn", "target")).value.empty()) {
            ASSERT_TRUE(succeeded(perform(Action::Abort, 0)));
        }
    }

    static Result<rollout::ExecutionReport> perform(Action action, std::uint32_t to, double weight = -1) {
        rollout::Intent intent{.action = action, .model = valueOf(ModelName::parse("churn"))};
        if (to > 0)
            intent.to = Version{to};
        if (weight >= 0)
            intent.weight = valueOf(Percent::fromPercent(weight));
        return s_platform->perform(intent);
    }
    /// A sum over the ready replicas of a version of the series of /metrics that begin so.
    static double sumOf(Version version, const std::string& series) {
        http::Client client;
        double sum = 0;
        for (const ReplicaStatus& replica : s_platform->status().replicas) {
            const auto metrics =
                client.send({.url = fmt::format("http://127.0.0.1:{}/metrics", replica.metricsPort)});
            if (replica.version != version || !metrics)
                continue;
            const std::size_t at = metrics->body.find("\n" + series);
            if (at != std::string::npos)
                sum += std::atof(metrics->body.c_str() + metrics->body.find("} ", at) + 2);
        }
        return sum;
    }
    static double answeredAs(Version version, const char* role) {
        return sumOf(version, fmt::format(R"(ml_requests_total{{model="churn",model_version="{}",outcome="ok",role="{}"}})",
                                          version.text(), role));
    }
    static const fleet::ModelFacts& churn(const fleet::SnapshotPtr& snapshot) {
        return *snapshot->find(valueOf(ModelName::parse("churn")));
    }
    static void expectNothingLost(const test::LoadReport& report) {
        EXPECT_GT(report.answered, 100U) << "otherwise the load shows nothing";
        EXPECT_EQ(report.lost, 0U) << report.text();
        EXPECT_EQ(report.refused, 0U) << report.text();
        EXPECT_EQ(report.ok, report.answered) << report.text();
    }

    static std::unique_ptr<test::RunningPlatform> s_platform;
};

std::unique_ptr<test::RunningPlatform> PlatformTest::s_platform;

TEST_F(PlatformTest, ServesTheChampionOnEveryPath) {
    const http::Response alias = s_platform->predict("churn");
    ASSERT_EQ(alias.status, 200) << alias.body;
    EXPECT_EQ(versionOf(alias), "v1");
    http::Client client;
    const std::string url = s_platform->status().settings.predictUrl();
    const auto named = valueOf(client.send({.method = "POST", .url = url + "/v1/models/churn:predict",
        .body = "{\"inputs\":[" + s_platform->row("churn") + "]}"}));
    EXPECT_EQ(named.status, 200) << named.body;
    EXPECT_EQ(valueOf(client.send({.url = url + "/v2/models/churn/ready"})).status, 200);
    EXPECT_EQ(valueOf(client.send({.url = url + "/v2/models/churn"})).status, 200);
    const auto other = valueOf(client.send({.method = "POST", .url = url + "/predict_nothing", .body = "{}"}));
    EXPECT_EQ(other.status, 404);
    EXPECT_THAT(other.body, HasSubstr("There is no model at this path."));
}

TEST_F(PlatformTest, FeaturesAreLookedUpInTheTableOfTheWorkspace) {
    nlohmann::json row = valueOf(parseJson(s_platform->row("churn"), "the row"));
    row["tenure"] = 30;
    http::Client client;
    const auto ask = [&] {
        const http::Response answer =
            valueOf(client.send({.method = "POST",
                                 .url = s_platform->status().settings.predictUrl() + "/predict_churn",
                                 .body = row.dump()}));
        EXPECT_EQ(answer.status, 200) << answer.body;
        return valueOf(parseJson(answer.body, "the answer"));
    };
    const nlohmann::json expected = ask()["predictions"];
    row.erase("tenure");
    row["customer_id"] = "anna";
    const nlohmann::json answer = ask();
    EXPECT_EQ(answer["predictions"], expected);
    EXPECT_EQ(answer["stale_features"], true) << "the table is of the past";
}

TEST_F(PlatformTest, TruthReachesTheStoreThroughTheSameAddress) {
    const auto answer = valueOf(parseJson(s_platform->predict("churn").body, "the answer"));
    const std::string truth =
        nlohmann::json{{"model", "churn"}, {"request_id", answer["request_id"]}, {"truth", "Yes"}}.dump();
    http::Client client;
    const auto response = valueOf(client.send({.method = "POST",
        .url = s_platform->status().settings.predictUrl() + "/v1/feedback", .body = truth}));
    EXPECT_EQ(response.status, 202) << response.body;
}

TEST_F(PlatformTest, AShadowGetsItsShareOfCopiesAndUsersGetStableAnswersOnly) {
    const Version stable{1}, shadow{2};
    ASSERT_TRUE(succeeded(perform(Action::Shadow, 2, 50)));
    const fleet::SnapshotPtr seen = s_platform->platform().facts().readObjects({});
    EXPECT_EQ(churn(seen).phase, fleet::Phase::Shadowing) << churn(seen).phaseReason;
    EXPECT_EQ(churn(seen).find(shadow)->role, fleet::Role::Shadow);
    EXPECT_FALSE(churn(seen).route.canary.has_value());

    spec::MirrorSettings half;
    half.share = valueOf(Percent::fromPercent(50));
    const double before = answeredAs(stable, "stable");
    double expected = 0;
    std::string copied;
    for (int i = 0; i < 300; ++i) {
        const std::string id = fmt::format("shadow-{}", i);
        if (half.samples(id)) {
            ++expected;
            copied = id;
        }
        // The client can neither ask for the shadow nor pass as a copy.
        const http::Response answer =
            s_platform->predict("churn", {{"X-Request-Id", id}, {"X-Perch-Role", "shadow"}, {"X-Perch-Mirror", "1"}});
        ASSERT_EQ(answer.status, 200) << answer.body;
        ASSERT_EQ(versionOf(answer), "v1");
    }
    EXPECT_TRUE(waitUntil([&] { return answeredAs(shadow, "shadow") == expected; }))
        << answeredAs(shadow, "shadow") << " copies arrived, " << expected << " were due";
    EXPECT_EQ(answeredAs(shadow, "stable"), 0);
    EXPECT_EQ(answeredAs(stable, "stable"), before + 300);
    EXPECT_EQ(answeredAs(stable, "shadow"), 0);
    EXPECT_EQ(sumOf(stable, R"(ml_mirrored_requests_total{model="churn",outcome="sent"})"), expected);

    http::Client client;
    const local::LocalSettings& settings = s_platform->status().settings;
    const std::string truth = nlohmann::json{{"model", "churn"}, {"request_id", copied}, {"truth", "Yes"}}.dump();
    EXPECT_EQ(valueOf(client.send({.method = "POST", .url = settings.predictUrl() + "/v1/feedback", .body = truth})).status,
              202);
    EXPECT_TRUE(waitUntil([&] {
        const std::string all = valueOf(client.send({.url = settings.truthUrl() + "/metrics"})).body;
        const auto labelled = [&](const char* outcome) {
            const std::string series = fmt::format(
                R"(ml_predictions_total{{model="churn",model_version="v2",outcome="{}",role="shadow"}} )", outcome);
            const std::size_t at = all.find(series);
            return at == std::string::npos ? 0 : std::atof(all.c_str() + at + series.size());
        };
        return labelled("correct") + labelled("incorrect") == 1;
    })) << "the truth of a request counts for its copy too";
}

TEST_F(PlatformTest, AShadowThatDiesCostsUsersNothingAndAnAbortEndsIt) {
    ASSERT_TRUE(succeeded(perform(Action::Shadow, 2, 100)));
    const auto load = s_platform->load("churn", 300);
    ASSERT_TRUE(waitUntil([&] { return answeredAs(Version{2}, "shadow") > 20; }));
    for (const ReplicaStatus& replica : s_platform->status().replicas) {
        if (replica.version == Version{2})
            ::kill(static_cast<pid_t>(replica.facts.processId), SIGKILL);
    }
    // The new process counts from zero.
    ASSERT_TRUE(waitUntil([] {
        const auto replicas = s_platform->status().replicas;
        return s_platform->healthy() && std::ranges::any_of(replicas, [](const ReplicaStatus& replica) {
            return replica.version == Version{2} && replica.facts.restarts > 0;
        });
    }, std::chrono::seconds(40)));
    EXPECT_TRUE(waitUntil([&] { return answeredAs(Version{2}, "shadow") > 20; })) << "copies go on";
    ASSERT_TRUE(succeeded(perform(Action::Abort, 0)));
    expectNothingLost(load->stop());
    const fleet::SnapshotPtr seen = s_platform->platform().facts().readObjects({});
    EXPECT_EQ(churn(seen).phase, fleet::Phase::Aborted) << churn(seen).phaseReason;
    EXPECT_FALSE(churn(seen).mirror.has_value());
    EXPECT_FALSE(std::filesystem::exists(LocalFiles(s_platform->workspace).mirror(valueOf(ModelName::parse("churn")))));
    EXPECT_TRUE(waitUntil([] { return sumOf(Version{1}, "ml_serve_config_info{") == 0; }));
}

TEST_F(PlatformTest, FourteenWeightChangesUnderLoadLoseNothingAndTakeEffectAtOnce) {
    ASSERT_TRUE(succeeded(perform(Action::Start, 2, 10)));
    const auto load = s_platform->load("churn", 1'000);
    std::vector<double> seconds;
    const auto change = [&](const std::string& split) {
        const auto begin = std::chrono::steady_clock::now();
        ASSERT_TRUE(succeeded(s_platform->write("Route/churn", "split", split)));
        seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    };
    for (const int weight : {25, 0, 100, 50, 0, 100, 10, 0, 100, 75, 0, 100, 5, 25}) {
        change(fmt::format("v1 {}, v2 {}", 100 - weight, weight));
        if (weight != 0 && weight != 100)
            continue;
        for (int i = 0; i < 20; ++i)
            EXPECT_EQ(versionOf(s_platform->predict("churn")), weight == 0 ? "v1" : "v2") << "right after the write";
    }
    expectNothingLost(load->stop());
    // The median: the machine of a test run may be busy with other work.
    std::ranges::sort(seconds);
    EXPECT_LT(seconds.at(seconds.size() / 2), 0.050) << "seconds";
    RecordProperty("median_change_ms", std::to_string(seconds.at(seconds.size() / 2) * 1e3));
    RecordProperty("slowest_change_ms", std::to_string(seconds.back() * 1e3));
}

TEST_F(PlatformTest, TheMeasuredSplitIsTheWantedOneAndTheClientCannotChooseItsRole) {
    ASSERT_TRUE(succeeded(perform(Action::Start, 2, 25)));
    constexpr int kRequests = 2'000;
    int canary = 0;
    for (int i = 0; i < kRequests; ++i)
        canary += versionOf(s_platform->predict("churn", {{"X-Perch-Role", "canary"}})) == "v2" ? 1 : 0;
    // Five standard deviations of a binomial share.
    EXPECT_NEAR(canary / double{kRequests}, 0.25, 5 * std::sqrt(0.25 * 0.75 / kRequests));

    telemetry::PrometheusClient client(s_platform->status().settings.prometheusUrl());
    const auto total = [&](const std::string& selector) {
        const auto found = client.query("sum(ml_requests_total{" + selector + "})", {});
        return found && !found->empty() ? found->front().value : -1;
    };
    ASSERT_TRUE(waitUntil([&] {
        return total("model_version=\"v2\",role=\"canary\"") >= canary &&
               total("model_version=\"v1\",role=\"stable\"") >= kRequests - canary;
    })) << "every replica has been scraped";
    EXPECT_EQ(total("model_version=\"v1\",role=\"canary\""), 0) << "the header of the client is overridden";
    fleet::SnapshotPtr snapshot;
    EXPECT_TRUE(waitUntil([&] {
        snapshot = s_platform->platform().facts().read({});
        const fleet::VersionFacts* version = snapshot->models.at(0).withRole(fleet::Role::Canary);
        return version != nullptr && version->realWeight.value && *version->realWeight.value > 0.15;
    })) << "the snapshot shows the weight that the counters say";
    EXPECT_EQ(snapshot->models.at(0).withRole(fleet::Role::Canary)->wantedWeight->percent(), 25);
    for (const fleet::SourceFacts& source : snapshot->sources)
        EXPECT_EQ(source.state, fleet::SourceFacts::State::Ok) << source.name << ": " << source.message;
}

TEST_F(PlatformTest, PromotionAndRollbackLoseNothingAndTheRollbackTakesLessThanASecond) {
    ASSERT_TRUE(succeeded(perform(Action::Start, 2, 10)));
    const auto load = s_platform->load("churn", 500);
    ASSERT_TRUE(succeeded(perform(Action::PromoteFully, 0)));
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(versionOf(s_platform->predict("churn")), "v2");
    std::optional<double> onStable;
    rollout::Intent intent{.action = Action::RollBack, .model = valueOf(ModelName::parse("churn"))};
    intent.actor = {"test@local", "test_local"};
    const rollout::Plan plan = valueOf(s_platform->platform().operations().plan(intent));
    const auto begin = std::chrono::steady_clock::now(); // the person has read the plan and confirms it
    const auto progress = [&](const rollout::StepProgress& step) {
        const bool routed = plan.steps.at(step.index).object == "Route/churn";
        if (routed && step.state == rollout::StepProgress::State::Done)
            onStable = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    ASSERT_TRUE(succeeded(s_platform->platform().operations().execute(plan, progress)));
    ASSERT_TRUE(onStable.has_value());
    EXPECT_LT(*onStable, 1.0) << "seconds from the confirmation to the traffic on v1";
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(versionOf(s_platform->predict("churn")), "v1");
    expectNothingLost(load->stop());
    RecordProperty("rollback_ms", std::to_string(*onStable * 1e3));
}

TEST_F(PlatformTest, AKilledReplicaIsRestartedAndTheOthersServeOn) {
    const auto load = s_platform->load("churn", 500);
    const ReplicaStatus before = s_platform->status().replicas.at(0);
    ASSERT_EQ(::kill(static_cast<pid_t>(before.facts.processId), SIGKILL), 0);
    ASSERT_TRUE(waitUntil([&] {
        const fleet::Replica now = s_platform->status().replicas.at(0).facts;
        return now.restarts == before.facts.restarts + 1 && now.state == fleet::Replica::State::Ready;
    }));
    EXPECT_EQ(s_platform->status().replicas.at(0).facts.port, before.facts.port);
    expectNothingLost(load->stop());
}

TEST_F(PlatformTest, KilledNeighboursAreRestartedAndServingGoesOn) {
    ASSERT_TRUE(succeeded(perform(Action::Start, 2, 25)));
    const auto load = s_platform->load("churn", 300);
    using Member = fleet::Replica LocalStatus::*;
    for (const Member member : {&LocalStatus::truth, &LocalStatus::prometheus}) {
        const fleet::Replica before = s_platform->status().*member;
        ASSERT_EQ(::kill(static_cast<pid_t>(before.processId), SIGKILL), 0);
        EXPECT_TRUE(waitUntil([&] {
            const fleet::Replica now = s_platform->status().*member;
            return now.restarts == before.restarts + 1 && now.state == fleet::Replica::State::Ready;
        }, std::chrono::seconds(30))) << before.name;
    }
    expectNothingLost(load->stop());

    const fleet::Replica before = s_platform->status().router;
    ASSERT_EQ(::kill(static_cast<pid_t>(before.processId), SIGKILL), 0);
    ASSERT_TRUE(waitUntil([&] { return s_platform->status().router.restarts == before.restarts + 1; }));
    ASSERT_TRUE(waitUntil([&] { return s_platform->healthy(); }));
    EXPECT_EQ(valueOf(HaproxySocket(LocalFiles(s_platform->workspace).haproxySocket()).splits()).begin()->second.canaryWeight,
        valueOf(Percent::fromPercent(25))) << "a restarted HAProxy has the split of the file";
    EXPECT_EQ(s_platform->predict("churn").status, 200);
}

TEST_F(PlatformTest, ANewModelJoinsWithoutALostRequest) {
    s_platform->publish("credit", "credit_data.csv", "Status", 1);
    const auto load = s_platform->load("churn", 500);
    s_platform->up();
    EXPECT_TRUE(waitUntil([&] { return s_platform->predict("credit").status == 200; }));
    EXPECT_EQ(versionOf(s_platform->predict("credit")), "v1");
    expectNothingLost(load->stop());
}

TEST_F(PlatformTest, EveryListeningSocketIsOnLoopback) {
    std::set<std::string> sockets;
    for (const std::int64_t process : s_platform->processes()) {
        std::error_code code;
        for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", process), code)) {
            const std::string target = std::filesystem::read_symlink(entry.path(), code).string();
            if (target.starts_with("socket:["))
                sockets.insert(target.substr(8, target.size() - 9));
        }
    }
    int listening = 0;
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6"}) {
        std::ifstream stream(table);
        for (std::string line; std::getline(stream, line);) {
            std::istringstream fields(line);
            std::string number, local, remote, state, skip, inode;
            fields >> number >> local >> remote >> state >> skip >> skip >> skip >> skip >> skip >> inode;
            const bool open = state == "0A" || std::string(table).find("udp") != std::string::npos;
            if (!open || !sockets.contains(inode))
                continue;
            ++listening;
            EXPECT_EQ(local.substr(0, 8), "0100007F") << table << ": " << local;
        }
    }
    EXPECT_GE(listening, 8) << "frontend, metrics, truth, Prometheus, two replicas with two each";
}

TEST_F(PlatformTest, WithoutTheSupervisorNothingIsLeftRunningAndARollbackIsStillRecorded) {
    ASSERT_TRUE(succeeded(perform(Action::Start, 2, 50)));
    const std::set<std::int64_t> family = s_platform->processes();
    ASSERT_GE(family.size(), 6U);
    ASSERT_EQ(::kill(static_cast<pid_t>(s_platform->status().supervisor), SIGKILL), 0);
    EXPECT_TRUE(waitUntil([&] {
        return std::ranges::none_of(family, [](std::int64_t process) {
            std::ifstream stat(fmt::format("/proc/{}/stat", process));
            std::string text((std::istreambuf_iterator<char>(stat)), {});
            return !text.empty() && text[text.rfind(") ") + 2] != 'Z';
        });
    })) << "children die with their supervisor";
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(succeeded(perform(Action::Abort, 0))) << "an abort needs no running platform";
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2)) << "it waits for nobody";
    s_platform->up();
    EXPECT_EQ(versionOf(s_platform->predict("churn")), "v1");
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(versionOf(s_platform->predict("churn")), "v1");
}

TEST_F(PlatformTest, DownStopsEverything) {
    const std::set<std::int64_t> family = s_platform->processes();
    LocalRuntime runtime = valueOf(LocalRuntime::open(s_platform->workspace, s_platform->clock));
    EXPECT_TRUE(valueOf(runtime.down({})));
    for (const std::int64_t process : family) {
        EXPECT_TRUE(waitUntil([&] {
            std::ifstream stat(fmt::format("/proc/{}/stat", process));
            std::string text((std::istreambuf_iterator<char>(stat)), {});
            return text.empty() || text[text.rfind(") ") + 2] == 'Z';
        })) << process;
    }
    EXPECT_FALSE(valueOf(runtime.down({}))) << "nothing runs any more";
    EXPECT_THAT(runtime.status(), failsWith(ErrorCode::NotFound, testing::_));
    s_platform->up();
}

TEST(LocalRuntime, ATakenPortIsNamed) {
    test::RunningPlatform platform;
    platform.publish("churn", "wa_churn.csv", "churn", 1);
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener, 1), 0);
    ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    LocalRuntime runtime = valueOf(LocalRuntime::open(platform.workspace, platform.clock));
    EXPECT_THAT(runtime.up({.port = ntohs(address.sin_port)}, {}, {}),
        failsWith(ErrorCode::Unavailable, HasSubstr(fmt::format("port {} ", ntohs(address.sin_port)))));
    ::close(listener);
}

} // namespace
} // namespace perch::local
