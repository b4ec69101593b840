#include "core/platforms/local/local_store.h"

#include "tests/support/test_support.h"

namespace perch::local {
namespace {

using test::failsWith;
using test::succeeded;
using test::valueOf;
using testing::HasSubstr;

class LocalStoreTest : public testing::Test {
protected:
    Deployment churn(std::uint32_t version, std::uint32_t replicas) const {
        Deployment deployment;
        deployment.model = valueOf(ModelName::parse("churn"));
        deployment.version = Version{version};
        deployment.replicas = replicas;
        deployment.digest = valueOf(Digest::parse(std::string(64, 'a')));
        deployment.package = "/packages/a";
        return deployment;
    }
    Result<void> scale(std::uint32_t version, std::uint32_t from, std::uint32_t to, std::set<Version> routed = {}) {
        return m_store.scale(churn(version, to), from, routed, SystemTime{});
    }
    int slotOf(std::uint32_t version) {
        return valueOf(m_store.deployment(churn(version, 0).model, Version{version})).value().slot;
    }

    test::Folder m_folder;
    LocalStore m_store = valueOf(LocalStore::open(valueOf(Workspace::open(m_folder / "ws"))));
};

TEST_F(LocalStoreTest, ScalingIsCompareAndSetAndIdempotent) {
    ASSERT_TRUE(succeeded(scale(1, 0, 2)));
    EXPECT_TRUE(succeeded(scale(1, 0, 2))) << "the value is there already";
    EXPECT_THAT(scale(1, 1, 3), failsWith(ErrorCode::Conflict, HasSubstr("churn v1 wants 2 replicas now, not 1")));
    EXPECT_EQ(valueOf(m_store.deployments()).front().replicas, 2U);
}

TEST_F(LocalStoreTest, AModelKeepsWhereItsFeaturesAreLookedUp) {
    const ModelName name = churn(1, 0).model;
    DeployedModel model{.model = name, .path = "/predict_churn"};
    ASSERT_TRUE(succeeded(m_store.putModel(model)));
    EXPECT_FALSE(valueOf(m_store.model(name))->lookup);
    model.lookup = {.file = "/models/churn/features.db", .maxAge = Seconds(93'600)};
    ASSERT_TRUE(succeeded(m_store.putModel(model)));
    const auto stored = valueOf(m_store.model(name))->lookup;
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->file, "/models/churn/features.db");
    EXPECT_EQ(stored->maxAge, Seconds(93'600));
    model.lookup->maxAge.reset();
    ASSERT_TRUE(succeeded(m_store.putModel(model)));
    EXPECT_FALSE(valueOf(m_store.model(name))->lookup->maxAge);
}

TEST_F(LocalStoreTest, ADeploymentKeepsItsIdentityAndSlotWhenScaled) {
    ASSERT_TRUE(succeeded(scale(1, 0, 2)));
    const Deployment before = valueOf(m_store.deployments()).front();
    ASSERT_TRUE(succeeded(scale(1, 2, 1)));
    const Deployment after = valueOf(m_store.deployments()).front();
    EXPECT_EQ(after.uid, before.uid);
    EXPECT_EQ(after.slot, before.slot);
}

TEST_F(LocalStoreTest, ASlotGoesFromARetiredVersionToANewOneOnlyWhenNoneIsFree) {
    for (std::uint32_t version = 1; version <= 4; ++version)
        ASSERT_TRUE(succeeded(scale(version, 0, 1)));
    EXPECT_THAT(scale(5, 0, 1), failsWith(ErrorCode::Conflict, HasSubstr("4 versions of churn run already")));

    ASSERT_TRUE(succeeded(scale(2, 1, 0)));
    EXPECT_EQ(slotOf(2), 1) << "a version that may come back keeps its slot while nobody needs it";
    EXPECT_THAT(scale(5, 0, 1, {Version{2}}), failsWith(ErrorCode::Conflict, testing::_)) << "v2 is still routed to";
    ASSERT_TRUE(succeeded(scale(5, 0, 1)));
    EXPECT_EQ(slotOf(5), 1);
    EXPECT_EQ(slotOf(2), -1);
}

TEST_F(LocalStoreTest, ModelsHaveTheirOwnSlots) {
    Deployment other = churn(1, 1);
    other.model = valueOf(ModelName::parse("credit-risk"));
    ASSERT_TRUE(succeeded(scale(1, 0, 1)));
    ASSERT_TRUE(succeeded(m_store.scale(other, 0, {}, SystemTime{})));
    EXPECT_EQ(valueOf(m_store.deployment(other.model, Version{1})).value().slot, slotOf(1));
}

TEST_F(LocalStoreTest, TheRolloutRecordIsReplacedOnlyFromWhatItWas) {
    const ModelName churn = valueOf(ModelName::parse("churn"));
    ASSERT_TRUE(succeeded(m_store.replaceRolloutRecord(churn, "", R"({"revision":1,"step":0})")));
    EXPECT_TRUE(succeeded(m_store.replaceRolloutRecord(churn, "", R"({"step":0,"revision":1})")))
        << "the same values in another order are the same record";
    EXPECT_THAT(m_store.replaceRolloutRecord(churn, R"({"revision":0})", R"({"revision":2})"),
                failsWith(ErrorCode::Conflict, HasSubstr("changed by somebody else")));
    const std::string uid = valueOf(m_store.rolloutRecord(churn)).value().uid;
    ASSERT_TRUE(succeeded(m_store.replaceRolloutRecord(churn, R"({"step":0,"revision":1})", R"({"revision":2})")));
    EXPECT_EQ(valueOf(m_store.rolloutRecord(churn)).value().json, R"({"revision":2})");
    EXPECT_EQ(valueOf(m_store.rolloutRecord(churn)).value().uid, uid);
}

TEST_F(LocalStoreTest, KeepsLimitsAndStepsOfAModel) {
    DeployedModel model;
    model.model = valueOf(ModelName::parse("churn"));
    model.path = "/predict_churn";
    model.gates.accuracy = 0.93;
    model.gates.alertAccuracy = 0.91;
    model.gates.window = Seconds(10'800);
    model.weights = {Percent::fromBasisPoints(500), Percent::fromBasisPoints(10'000)};
    ASSERT_TRUE(succeeded(m_store.putModel(model)));
    const std::string uid = valueOf(m_store.model(model.model)).value().uid;
    model.replicas = 5;
    ASSERT_TRUE(succeeded(m_store.putModel(model)));
    const DeployedModel read = valueOf(m_store.model(model.model)).value();
    EXPECT_EQ(read.uid, uid);
    EXPECT_EQ(read.replicas, 5U);
    EXPECT_EQ(read.gates.accuracy, 0.93);
    EXPECT_EQ(read.gates.alertAccuracy, 0.91);
    EXPECT_EQ(read.gates.window, Seconds(10'800));
    EXPECT_EQ(read.weights, model.weights);
}

} // namespace
} // namespace perch::local
