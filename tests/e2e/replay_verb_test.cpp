#include "core/http/client.h"
#include "core/serving/model_server.h"
#include "core/serving/truth_server.h"
#include "tests/e2e/installed_perch.h"

namespace perch {
namespace {

using nlohmann::json;
using test::InstalledPerch;
using test::PerchRun;
using test::valueOf;
using testing::HasSubstr;

/// `perch replay` on what a model server kept.
class ReplayVerb : public testing::Test {
protected:
    std::string train(const std::string& name, const char* rounds) {
        m_perch.must({"train", "--model", "churn", "--data", test::tableFile("wa_churn.csv"), "--label", "churn",
                      "--positive", "Yes", "--rounds", rounds, "--out", m_folder / name, "--json"});
        return m_folder / name;
    }

    InstalledPerch m_perch;
    test::Folder m_folder;
};

TEST_F(ReplayVerb, ComparesACandidateWithWhatWasAnswered) {
    // The weak one first: after the better one it would be refused and not written.
    const std::string candidate = train("candidate", "2"), stable = train("stable", "40");
    const RealClock clock;
    {
        const auto truth = valueOf(serving::TruthServer::start(m_folder / "truth.db", {}, clock));
        spec::PredictionLogSpec log;
        log.features = {};
        const json fields = json::parse(test::churnRequests(1).front());
        for (const auto& [name, value] : fields.items())
            log.features.push_back(name);
        const auto server =
            valueOf(serving::ModelServer::start({.truthUrl = fmt::format("http://127.0.0.1:{}", truth->port()),
                                                 .log = {.folder = m_folder / "log", .models = {{"churn", log}}}},
                                                clock));
        ASSERT_TRUE(test::succeeded(server->load({.package = stable, .version = {1}})));
        http::Client client;
        const std::string base = fmt::format("http://127.0.0.1:{}", server->port());
        std::size_t row = 0;
        for (const std::string& body : test::churnRequests(300)) {
            const std::string id = fmt::format("r{}", row++);
            ASSERT_EQ(valueOf(client.send({.method = "POST",
                                           .url = base + "/predict_churn",
                                           .headers = {{"X-Request-Id", id}},
                                           .body = body}))
                          .status,
                      200);
            if (row % 3 != 0)
                continue;
            const json feedback = {{"model", "churn"}, {"request_id", id}, {"truth", "No"}};
            ASSERT_TRUE(test::waitUntil([&] {
                const http::Request request{.method = "POST", .url = base + "/v1/feedback", .body = feedback.dump()};
                return valueOf(client.send(request)).status == 202;
            }));
        }
    }
    const std::vector<std::string> base = {"replay", "--log", m_folder / "log", "--package"};
    const auto with = [&](std::vector<std::string> further) {
        std::vector<std::string> arguments = base;
        arguments.insert(arguments.end(), further.begin(), further.end());
        return arguments;
    };
    const json same = m_perch.must(with({stable, "--json", "--min-agreement", "100"})).document();
    EXPECT_EQ(same["rows"], 300);
    EXPECT_EQ(same["agreement"], 1.0);
    EXPECT_EQ(same["psi"], 0.0);
    EXPECT_EQ(same["labelled"], 0);
    EXPECT_TRUE(same["accuracy"]["candidate"].is_null()) << "not known is not zero";
    const PerchRun other =
        m_perch.run(with({candidate, "--truth", m_folder / "truth.db", "--min-agreement", "99.9", "--json"}));
    EXPECT_EQ(other.exitCode, 1) << other.err;
    const json report = other.document();
    EXPECT_LT(report["agreement"], 1.0);
    EXPECT_EQ(report["labelled"], 100);
    EXPECT_TRUE(report["accuracy"]["logged"].is_number());
    const PerchRun table = m_perch.must(with({candidate, "--of", "v1", "--truth", m_folder / "truth.db"}));
    EXPECT_THAT(table.out, HasSubstr("300 logged requests"));
    EXPECT_THAT(table.out, HasSubstr("accuracy on 100 labelled requests"));
    EXPECT_EQ(m_perch.run(with({candidate, "--of", "v9"})).exitCode, 2);
    EXPECT_EQ(m_perch.run(with({candidate, "--truth", m_folder / "none.db"})).exitCode, 2);
}

} // namespace
} // namespace perch
