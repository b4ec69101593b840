#include "core/data/table_encoder.h"
#include "core/model/predict/predictor.h"
#include "core/platforms/local/local_files.h"
#include "tests/local/platform_fixture.h"
#include "tests/serving/serving_fixture.h"

#include <atomic>
#include <bit>

/// What must not cost an answer, all at once: replicas that are killed, models that are loaded and unloaded while they
/// serve, traffic that moves. Every answer is held against what its version gives for that row.
namespace perch::local {
namespace {

using nlohmann::json;
using rollout::Action;
using test::LoadRequest;
using test::succeeded;
using test::valueOf;
using test::waitUntil;

constexpr std::uint32_t kKnownRows = 60;
constexpr std::uint32_t kRowsOfBatch = 20;
constexpr std::uint64_t kBatchEach = 4; ///< a batch takes a replica longer: a kill finds more of them in its hands

/// Rows of the churn table as requests, and the scores that each version gives for them, computed without a server.
class KnownRows {
public:
    KnownRows() {
        const RealClock clock;
        m_table = valueOf(data::readCsv(test::tableFile("wa_churn.csv"), clock,
                                        {.declared = {{"churn", data::FieldType::Category}}}));
        for (std::uint32_t row = 0; row < kKnownRows; ++row)
            m_objects.push_back(test::rowObject(m_table, row, "churn"));
    }

    void learn(const std::string& version, const std::filesystem::path& package) {
        const auto library = valueOf(model::XgboostLibrary::load());
        const auto predictor = valueOf(model::Predictor::create(*library, valueOf(model::Package::load(package))));
        const auto encoder = valueOf(data::TableEncoder::create(m_table, predictor->package().transform));
        data::Rows rows(kKnownRows);
        for (std::uint32_t row = 0; row < kKnownRows; ++row)
            rows[row] = row;
        m_scores[version] = valueOf(predictor->score(encoder.encode(rows)));
    }

    /// Whether the two versions can be told apart by every row.
    bool differ(const std::string& one, const std::string& other) const {
        return std::ranges::mismatch(m_scores.at(one), m_scores.at(other), std::not_equal_to<>()).in1 ==
               m_scores.at(one).end();
    }

    LoadRequest request(std::uint64_t index) const {
        json inputs = m_objects[firstRow(index)];
        if (isBatch(index)) {
            inputs = json::array();
            for (std::uint32_t i = 0; i < kRowsOfBatch; ++i)
                inputs.push_back(m_objects[firstRow(index) + i]);
        }
        return {"/predict_churn", json{{"inputs", std::move(inputs)}, {"request_id", idOf(index)}}.dump()};
    }

    /// What is wrong with the answer, or nothing.
    std::string problem(std::uint64_t index, const json& answer) const {
        if (answer.value("request_id", "") != idOf(index))
            return "it has the id of another request";
        const auto scores = m_scores.find(answer.value("model_version", ""));
        if (scores == m_scores.end())
            return "no version says that it answered";
        const json& predictions = answer["predictions"];
        if (predictions.size() != (isBatch(index) ? kRowsOfBatch : 1))
            return fmt::format("it has {} predictions", predictions.size());
        for (std::size_t i = 0; i < predictions.size(); ++i) {
            const float expected = scores->second[firstRow(index) + i];
            if (std::bit_cast<std::uint32_t>(predictions[i]["score"].get<float>()) !=
                std::bit_cast<std::uint32_t>(expected))
                return fmt::format("its row {} has not the score {}", i, expected);
            if (predictions[i]["class"] != (expected >= 0.5F ? "Yes" : "No"))
                return fmt::format("its row {} has the wrong class for {}", i, expected);
        }
        return {};
    }

private:
    static bool isBatch(std::uint64_t index) { return index % kBatchEach == 0; }
    static std::uint32_t firstRow(std::uint64_t index) {
        return static_cast<std::uint32_t>(index % (kKnownRows - kRowsOfBatch));
    }
    static std::string idOf(std::uint64_t index) { return fmt::format("load-{}", index); }

    data::Table m_table;
    std::vector<json> m_objects;
    std::map<std::string, std::vector<float>> m_scores;
};

class SteadyLoad : public testing::Test {
protected:
    void SetUp() override {
        m_platform.publish("churn", "wa_churn.csv", "churn", 1);
        m_platform.publish("churn", "wa_churn.csv", "churn", 2);
        for (const std::uint32_t version : {1U, 2U}) {
            m_records.push_back(valueOf(m_platform.platform().registry().version(m_churn, {version})));
            m_known.learn(fmt::format("v{}", version), m_records.back().package);
        }
        // What is loaded into a replica by hand is the other version's package under another number.
        m_known.learn("v11", m_records[0].package);
        m_known.learn("v12", m_records[1].package);
        ASSERT_TRUE(m_known.differ("v1", "v2")) << "a mixed-up version would not be seen";
        m_platform.up({.replicas = 2, .timeFactor = 60});
        ASSERT_TRUE(succeeded(m_platform.perform({.action = Action::Start,
                                                  .model = m_churn,
                                                  .to = Version{2},
                                                  .weight = valueOf(Percent::fromPercent(60))})));
        ASSERT_EQ(replicas("v1").size() + replicas("v2").size(), 4U);
    }

    void startLoad(double perSecond) {
        m_load =
            test::LoadGenerator::start({.port = m_platform.status().settings.predictPort,
                                        .connections = 8,
                                        .requestsPerSecond = perSecond,
                                        .next = [this](std::uint64_t index) { return m_known.request(index); },
                                        .onAnswer = [this](std::uint64_t index, int status,
                                                           std::string_view body) { check(index, status, body); }});
    }

    /// On the generator's thread.
    void check(std::uint64_t index, int status, std::string_view body) {
        if (status != 200)
            return; // the generator counts it
        const auto answer = parseJson(body, "the answer");
        const std::string problem = answer ? m_known.problem(index, *answer) : answer.error().message;
        if (!problem.empty() && m_wrong++ == 0)
            m_firstWrong = fmt::format("request {}: {}: {}", index, problem, body);
    }

    std::vector<fleet::Replica> replicas(std::string_view version) {
        std::vector<fleet::Replica> found;
        for (const ReplicaStatus& replica : m_platform.status().replicas) {
            if (replica.version.text() == version)
                found.push_back(replica.facts);
        }
        return found;
    }

    /// Kills it and goes on at once; `expectBack` waits until it serves again.
    void kill(const fleet::Replica& replica) {
        ASSERT_EQ(::kill(static_cast<pid_t>(replica.processId), SIGKILL), 0) << replica.name;
        m_killed.push_back(replica);
    }
    void expectBack() {
        const fleet::Replica& killed = m_killed.back();
        EXPECT_TRUE(waitUntil(
            [&] {
                const auto now = m_platform.status().replicas;
                const auto found = std::ranges::find(now, killed.name, [](const auto& one) { return one.facts.name; });
                return found != now.end() && found->facts.restarts > killed.restarts && m_platform.healthy();
            },
            std::chrono::seconds(60)))
            << killed.name;
    }

    void setWeight(int percent) {
        ASSERT_TRUE(
            succeeded(m_platform.write("Route/churn", "split", fmt::format("v1 {}, v2 {}", 100 - percent, percent))));
    }

    void expectAnswersBy(const std::string& version) {
        const auto count = [&] {
            const auto report = m_load->report();
            const auto found = report.byVersion.find(version);
            return found == report.byVersion.end() ? 0 : found->second;
        };
        EXPECT_TRUE(waitUntil([&, before = count()] { return count() > before + 5; })) << version;
    }

    http::Response admin(const fleet::Replica& replica, std::string method, const std::string& path,
                         std::string body = {}) {
        return valueOf(m_client.send({.method = std::move(method),
                                      .url = "http://replica" + path,
                                      .body = std::move(body),
                                      .deadline = std::chrono::seconds(60),
                                      .unixSocket = LocalFiles(m_platform.workspace).adminSocket(replica.name)}));
    }
    void load(const fleet::Replica& replica, const std::string& version, const registry::VersionRecord& record) {
        const json wish = {{"package", record.package.string()}, {"version", version}, {"digest", record.digest.hex()}};
        const http::Response loaded = admin(replica, "POST", "/v1/models", wish.dump());
        ASSERT_EQ(loaded.status, 200) << loaded.body;
    }
    void unload(const fleet::Replica& replica, const std::string& version) {
        const http::Response unloaded = admin(replica, "DELETE", "/v1/models/churn/versions/" + version);
        ASSERT_EQ(unloaded.status, 200) << unloaded.body;
    }

    /// The replica answers by the other version's package for a while; its own is taken away and loaded anew meanwhile.
    void reload(const fleet::Replica& replica, const std::string& own) {
        const bool first = own == "v1";
        const std::string guest = first ? "v12" : "v11";
        load(replica, guest, m_records[first ? 1 : 0]);
        expectAnswersBy(guest);
        unload(replica, own);
        load(replica, own, m_records[first ? 0 : 1]);
        unload(replica, guest);
    }

    const ModelName m_churn = valueOf(ModelName::parse("churn"));
    KnownRows m_known;
    test::RunningPlatform m_platform;
    std::vector<registry::VersionRecord> m_records;
    std::vector<fleet::Replica> m_killed;
    http::Client m_client;
    std::atomic<std::uint64_t> m_wrong = 0;
    std::string m_firstWrong; ///< read after the load has ended
    std::unique_ptr<test::LoadGenerator> m_load;
};

TEST_F(SteadyLoad, KillsReloadsAndWeightChangesLoseNoAnswerAndGiveNoWrongOne) {
    startLoad(300);
    for (const std::size_t index : {0U, 1U, 0U, 1U}) {
        for (const auto& [dying, reloaded] : {std::pair("v1", "v2"), std::pair("v2", "v1")}) {
            SCOPED_TRACE(fmt::format("{} {} dies", dying, index));
            kill(replicas(dying)[index]);
            for (const int weight : {60, 10, 80})
                setWeight(weight);
            reload(replicas(reloaded)[index], reloaded);
            setWeight(50);
            expectBack();
            expectAnswersBy("v1");
            expectAnswersBy("v2");
        }
    }
    const test::LoadReport report = m_load->stop();
    EXPECT_EQ(m_killed.size(), 8U);
    EXPECT_EQ(m_wrong, 0U) << m_firstWrong;
    EXPECT_EQ(report.lost, 0U) << report.text();
    EXPECT_EQ(report.refused, 0U) << report.text();
    EXPECT_EQ(report.ok, report.sent) << report.text();
    fmt::print("{} kills, {} reloads, {} weight changes; {}; {} wrong\n", m_killed.size(), m_killed.size(),
               4 * m_killed.size(), report.text(), m_wrong.load());
}

} // namespace
} // namespace perch::local
