#include "core/rollout/labelled_roles.h"
#include "core/rollout/replica_ratio.h"
#include "tests/support/test_support.h"

namespace perch::rollout {
namespace {

using fleet::Role;
using Goal = fleet::RolloutRecord::Goal;
using testing::HasSubstr;

Percent percentOf(double percent) {
    return test::valueOf(Percent::fromPercent(percent));
}

TEST(ReplicaRatio, IsTheNearestWithOneReplicaMoreAtMost) {
    const struct {
        std::uint32_t wanted;
        double weight;
        ReplicaRatio ratio;
        double real;
    } cases[] = {
        {10, 10, {9, 1}, 10}, {10, 25, {8, 3}, 27.27}, {10, 50, {5, 5}, 50},     {3, 10, {3, 1}, 25},
        {3, 25, {3, 1}, 25},  {3, 50, {2, 2}, 50},     {3, 90, {1, 3}, 75},      {2, 10, {2, 1}, 33.33},
        {2, 50, {1, 1}, 50},  {1, 10, {1, 1}, 50},     {1, 90, {1, 1}, 50},      {0, 50, {1, 1}, 50},
        {100, 1, {99, 1}, 1}, {5, 0.1, {5, 1}, 16.67}, {5, 99.9, {1, 5}, 83.33},
    };
    for (const auto& one : cases) {
        const ReplicaRatio ratio = nearestRatio(one.wanted, percentOf(one.weight));
        EXPECT_EQ(ratio, one.ratio) << one.wanted << " at " << one.weight << ": " << ratio.stable << " and "
                                    << ratio.canary;
        EXPECT_EQ(ratio.weight(), percentOf(one.real)) << one.wanted << " at " << one.weight;
        // What was reached is reached again: the record keeps it.
        EXPECT_EQ(nearestRatio(one.wanted, ratio.weight()), ratio) << one.wanted << " at " << one.weight;
    }
}

TEST(ReplicaRatio, IsTheSameSeenFromTheOtherSide) {
    for (std::uint32_t wanted = 1; wanted <= 40; ++wanted) {
        for (int points = 100; points < 10'000; points += 100) {
            const ReplicaRatio ratio = nearestRatio(wanted, Percent::fromBasisPoints(points));
            EXPECT_GE(ratio.stable, 1U);
            EXPECT_GE(ratio.canary, 1U);
            EXPECT_GE(ratio.all(), wanted);
            EXPECT_LE(ratio.all(), std::max(2U, wanted + 1));
            EXPECT_EQ(nearestRatio(wanted, ratio.weight()), ratio) << wanted << " at " << points;
        }
    }
}

fleet::VersionFacts labelled(std::uint32_t number, const std::string& role, std::uint32_t replicas) {
    fleet::VersionFacts version;
    version.version = Version{number};
    version.roleLabel = role;
    version.replicas.desired = replicas;
    version.replicas.uid = "u" + std::to_string(number);
    return version;
}

fleet::ModelFacts modelOf(std::vector<fleet::VersionFacts> versions) {
    fleet::ModelFacts model;
    model.model = test::valueOf(ModelName::parse("churn"));
    model.lever = fleet::Lever::Replicas;
    model.keeper = fleet::Keeper::Objects;
    model.versions = std::move(versions);
    return model;
}

TEST(LabelledRoles, GiveTheRoute) {
    fleet::ModelFacts model = modelOf({labelled(1, "", 3), labelled(2, "canary", 1), labelled(3, "canary", 0)});
    EXPECT_EQ(assignRoles(model), "");
    EXPECT_EQ(model.route.stable, Version{1});
    EXPECT_EQ(model.route.canary, Version{2});
    EXPECT_EQ(model.route.canaryWeight, percentOf(25));
    EXPECT_EQ(model.versions[0].role, Role::Stable);
    EXPECT_EQ(model.versions[0].wantedWeight, percentOf(75));
    EXPECT_EQ(model.versions[2].role, Role::Retired);
    model = modelOf({labelled(1, "", 3), labelled(2, "stable", 1)});
    EXPECT_EQ(assignRoles(model), "");
    EXPECT_EQ(model.route.stable, Version{2}) << "a label goes before none";
}

TEST(LabelledRoles, TheRecordDecidesWhileTheyAreSwapped) {
    fleet::ModelFacts model = modelOf({labelled(1, "stable", 3), labelled(2, "stable", 3)});
    EXPECT_THAT(assignRoles(model), HasSubstr("v1 and v2 could all be the stable version of churn"));
    EXPECT_EQ(model.route.stable, std::nullopt);
    model.rollout.from = Version{1};
    model.rollout.to = Version{2};
    for (const auto& [goal, stable] :
         {std::pair(Goal::Promote, 2U), std::pair(Goal::RollBack, 2U), std::pair(Goal::Abort, 1U)}) {
        model.rollout.goal = goal;
        EXPECT_EQ(assignRoles(model), "");
        EXPECT_EQ(model.route.stable, Version{stable});
    }
}

TEST(WantedReplicas, AreThoseOfTheRecordWhileARolloutIsUnderWay) {
    fleet::ModelFacts model = modelOf({labelled(1, "stable", 3), labelled(2, "canary", 1)});
    EXPECT_EQ(assignRoles(model), "");
    EXPECT_EQ(wantedReplicas(model), 4U);
    model.rollout.revision = 1;
    model.rollout.replicas = 3;
    model.rollout.goal = Goal::Step;
    EXPECT_EQ(wantedReplicas(model), 3U);
    EXPECT_EQ(reachableWeight(model, percentOf(10)), percentOf(25));
    model.rollout.goal = Goal::Abort;
    EXPECT_EQ(wantedReplicas(model), 4U);
    model.rollout.finished = false;
    EXPECT_EQ(wantedReplicas(model), 3U);
}

} // namespace
} // namespace perch::rollout
