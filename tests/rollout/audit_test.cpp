#include "core/rollout/audit.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

namespace perch::rollout {
namespace {

using test::valueOf;
using testing::HasSubstr;
using Kind = AuditProblem::Kind;

class AuditChainTest : public testing::Test {
protected:
    AuditRecord record(const std::string& action) {
        AuditRecord record;
        record.at = fromMillis(++m_time);
        record.actor = {"ann@host", "test"};
        record.action = action;
        record.model = "churn";
        record.summary = "Traffic v1 100 -> v1 90, v2 10";
        record.steps = {{"Send 10 %", "Route/churn", "split", "v1 100", "v1 90, v2 10", "done"}};
        record.evidence = R"({"generation":7})";
        record.result = "done";
        return record;
    }
    void fill(int count) {
        for (int i = 0; i < count; ++i)
            heads.push_back(valueOf(log.append(record("start"))));
        for (AuditHead& head : heads)
            head.keptBy = "the journal";
    }
    std::vector<std::string> lines() {
        std::vector<std::string> all;
        const std::string bytes = valueOf(readFile(file()));
        for (std::size_t start = 0, end = 0; (end = bytes.find('\n', start)) != std::string::npos; start = end + 1)
            all.push_back(bytes.substr(start, end - start));
        return all;
    }
    void rewrite(const std::vector<std::string>& all, const std::string& torn = {}) {
        std::string bytes;
        for (const std::string& line : all)
            bytes += line + "\n";
        ASSERT_TRUE(test::succeeded(writeFileAtomically(file(), bytes + torn)));
    }
    std::filesystem::path file() { return workspace.audit() / (log.writer() + ".jsonl"); }
    AuditVerification verify() { return verifyAudit(workspace.audit(), heads); }
    void expectOne(Kind kind, std::uint64_t sequence) {
        const AuditVerification seen = verify();
        ASSERT_FALSE(seen.problems.empty());
        EXPECT_EQ(seen.problems[0].kind, kind) << seen.problems[0].message;
        EXPECT_EQ(seen.problems[0].sequence, sequence) << seen.problems[0].message;
        EXPECT_THAT(seen.problems[0].message, HasSubstr(log.writer()));
    }
    /// The line as a forger would leave it: with a hash that fits.
    static std::string forged(const std::string& line, const std::function<void(AuditRecord&)>& change) {
        AuditRecord record = valueOf(auditRecordFromJson(nlohmann::json::parse(line)));
        change(record);
        record.hash = hashOf(record);
        return toJson(record).dump();
    }

    test::Folder folder;
    Workspace workspace = valueOf(Workspace::open(folder / "w"));
    AuditLog log = valueOf(AuditLog::open(workspace, "ann@host"));
    std::vector<AuditHead> heads;

private:
    std::int64_t m_time = 1'795'000'000'000;
};

TEST_F(AuditChainTest, AWholeChainVerifiesAndReadsBack) {
    fill(5);
    const AuditVerification seen = verify();
    EXPECT_TRUE(seen.problems.empty());
    EXPECT_EQ(seen.records, 5u);
    ASSERT_EQ(seen.heads.size(), 1u);
    EXPECT_EQ(seen.heads[0].sequence, 5u);
    const auto records = valueOf(log.read());
    EXPECT_EQ(records[4].previous, records[3].hash);
    EXPECT_EQ(records[2].steps[0].after, "v1 90, v2 10");
    EXPECT_EQ(records[0].previous, "");
}

TEST_F(AuditChainTest, AnEditedRecordIsNamed) {
    fill(5);
    auto all = lines();
    const auto place = all[2].find("\"actor\":\"ann@host\"");
    ASSERT_NE(place, std::string::npos);
    all[2].replace(place, 18, "\"actor\":\"bob@host\"");
    rewrite(all);
    expectOne(Kind::Edit, 3);
}

TEST_F(AuditChainTest, AnEditWithAFittingHashForksTheChain) {
    fill(5);
    auto all = lines();
    all[2] = forged(all[2], [](AuditRecord& record) { record.actor.identity = "bob@host"; });
    rewrite(all);
    const AuditVerification seen = verify();
    ASSERT_FALSE(seen.problems.empty());
    EXPECT_EQ(seen.problems[0].kind, Kind::Fork);
    EXPECT_EQ(seen.problems[0].sequence, 4u) << "the record after it points to the true one";
}

TEST_F(AuditChainTest, AChainRewrittenFromAPlaceOnShowsByItsHeads) {
    fill(3);
    auto all = lines();
    all[2] = forged(all[2], [](AuditRecord& record) { record.reason = "nothing to see"; });
    rewrite(all);
    expectOne(Kind::Fork, 3);
}

TEST_F(AuditChainTest, ARemovedRecordIsAGap) {
    fill(5);
    auto all = lines();
    all.erase(all.begin() + 1);
    rewrite(all);
    expectOne(Kind::Gap, 2);
}

TEST_F(AuditChainTest, ADoubledRecordIsAFork) {
    fill(3);
    auto all = lines();
    all.insert(all.begin() + 2, all[1]);
    rewrite(all);
    expectOne(Kind::Fork, 2);
}

TEST_F(AuditChainTest, ACutTailShows) {
    fill(5);
    auto all = lines();
    all.resize(3);
    rewrite(all);
    expectOne(Kind::MissingTail, 4);
    std::filesystem::remove(file());
    expectOne(Kind::MissingTail, 1);
}

TEST_F(AuditChainTest, ACutTailShowsEvenAfterNewRecords) {
    fill(3);
    auto all = lines();
    all.resize(1);
    rewrite(all);
    fill(1); // a second record 2
    expectOne(Kind::MissingTail, 3);
    EXPECT_TRUE(std::ranges::any_of(verify().problems, [](const auto& p) { return p.kind == Kind::MissingTail; }));
}

TEST_F(AuditChainTest, TheHeadInARolloutRecordIsAWitnessToo) {
    fill(2);
    heads = {{"", 0, std::string(64, 'a'), "the rollout record of churn"}};
    const AuditVerification seen = verify();
    ASSERT_EQ(seen.problems.size(), 1u);
    EXPECT_THAT(seen.problems[0].message, HasSubstr("rollout record of churn"));
}

TEST_F(AuditChainTest, ATornLastLineIsNoTamperingAndIsRepaired) {
    fill(2);
    const auto all = lines();
    for (const std::size_t cut : {std::size_t{1}, all[1].size() / 2, all[1].size()}) {
        rewrite(all, forged(all[1], [](AuditRecord& record) { record.sequence = 3; }).substr(0, cut));
        EXPECT_TRUE(verify().problems.empty()) << cut;
        EXPECT_EQ(valueOf(log.read()).size(), 2u);
    }
    const AuditHead head = valueOf(log.append(record("start")));
    EXPECT_EQ(head.sequence, 3u);
    EXPECT_TRUE(verify().problems.empty());
    EXPECT_EQ(verify().records, 3u);
}

TEST_F(AuditChainTest, ATornLineThatWasWholeOnceIsAMissingTail) {
    fill(3);
    auto all = lines();
    const std::string last = all.back();
    all.pop_back();
    rewrite(all, last.substr(0, last.size() / 2));
    expectOne(Kind::MissingTail, 3);
}

TEST_F(AuditChainTest, TheRecordOfAPlanIsNotRepeated) {
    AuditRecord one = record("promote");
    one.planId = "p1";
    const AuditHead first = valueOf(log.append(one));
    EXPECT_EQ(valueOf(log.append(one)).hash, first.hash);
    EXPECT_EQ(verify().records, 1u);
}

TEST_F(AuditChainTest, EachWriterHasItsChain) {
    fill(2);
    AuditLog other = valueOf(AuditLog::open(workspace, "bob@host/../x"));
    EXPECT_EQ(other.writer().find('/'), std::string::npos);
    heads.push_back(valueOf(other.append(record("abort"))));
    const AuditVerification seen = verify();
    EXPECT_TRUE(seen.problems.empty());
    EXPECT_EQ(seen.heads.size(), 2u);
    EXPECT_EQ(valueOf(log.read()).size(), 3u);
    EXPECT_EQ(valueOf(AuditLog::open(workspace, "ann@host")).writer(), log.writer()) << "the installation is kept";
}

TEST_F(AuditChainTest, AppendRefusesToBuildOnADamagedRecord) {
    fill(2);
    auto all = lines();
    all[1].replace(all[1].find("ann@host"), 3, "bob");
    rewrite(all);
    EXPECT_THAT(log.append(record("start")), test::failsWith(ErrorCode::Corrupt, HasSubstr("audit verify")));
}

} // namespace
} // namespace perch::rollout
