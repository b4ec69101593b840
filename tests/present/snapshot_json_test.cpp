#include "tests/present/fixture.h"

namespace perch::fleet {
namespace {

using nlohmann::json;

TEST(SnapshotJson, RoundTripLosesNothing) {
    const SnapshotPtr snapshot = test::recorded("fleet.json");
    ASSERT_EQ(snapshot->models.size(), 7U);
    const json first = toJson(*snapshot);
    const SnapshotPtr again = test::valueOf(snapshotFromJson(first));
    EXPECT_EQ(toJson(*again), first);
    // The document holds what the recorded file holds, field by field, so nothing is dropped on the way in.
    json file = test::valueOf(parseJson(test::valueOf(readFile(test::sourceFolder() / "tests/fixtures/fleet.json")), "f"));
    file.erase("note");
    EXPECT_EQ(json::diff(file, first), json::array());
}

TEST(SnapshotJson, KeepsAShadow) {
    const Snapshot shadowed = test::withModel(*test::recorded("fleet.json"), "fraud-detector", [](ModelFacts& model) {
        model.mirror = Mirror{Version{32}, Percent::fromBasisPoints(1'250), "v32 is not ready for copies yet."};
        model.rollout.goal = RolloutRecord::Goal::Shadow;
        model.rollout.mirrorShare = Percent::fromBasisPoints(1'250);
        model.phase = Phase::Shadowing;
    });
    EXPECT_EQ(toJson(*test::valueOf(snapshotFromJson(toJson(shadowed)))), toJson(shadowed));
    EXPECT_THAT(toJson(shadowed).dump(), testing::HasSubstr("v32 is not ready"));
}

TEST(SnapshotJson, KeepsWhatOnlyAClusterHas) {
    const Snapshot changed = test::withModel(*test::recorded("fleet.json"), "fraud-detector", [](ModelFacts& model) {
        model.lever = Lever::Replicas;
        model.keeper = Keeper::Objects;
        model.whyFixed = "This sign-in may not.";
        model.whyNoMirror = "Not yet.";
        model.rolloutObject = "ConfigMap/perch-rollout-fraud-detector";
        model.route.addresses = {{Version{31}, "Service/fraud", "s-1", false, true}};
        model.route.listed = {"fraud"};
        model.rollout.replicas = 3;
        model.rollout.auditWriter = "aaa-ann";
        model.versions.front().roleLabel = "stable";
        model.versions.front().replicas.object = "Deployment/fraud";
    });
    const json document = toJson(changed);
    EXPECT_EQ(toJson(*test::valueOf(snapshotFromJson(document))), document);
    for (const char* word : {"may not", "Not yet", "perch-rollout-fraud", "s-1", "aaa-ann", "Deployment/fraud"})
        EXPECT_THAT(document.dump(), testing::HasSubstr(word));
}

TEST(SnapshotJson, KeepsWhatIsUnknownUnknown) {
    const SnapshotPtr snapshot = test::recorded("fleet.json");
    const ModelFacts* model = snapshot->find(test::nameOf("cart-abandon"));
    ASSERT_NE(model, nullptr);
    const LiveValue& accuracy = model->versions.front().quality.accuracy;
    EXPECT_FALSE(accuracy.value.has_value());
    EXPECT_EQ(accuracy.state, telemetry::LiveState::NoData);
}

TEST(SnapshotJson, NamesTheFieldThatIsMissingOrWrong) {
    json document = toJson(*test::recorded("fleet.json"));
    document["models"][0].erase("phase");
    EXPECT_THAT(snapshotFromJson(document), test::failsWith(ErrorCode::InvalidInput, testing::HasSubstr("phase")));
    document = toJson(*test::recorded("fleet.json"));
    document["models"][0]["phase"] = "dancing";
    EXPECT_THAT(snapshotFromJson(document), test::failsWith(ErrorCode::InvalidInput, testing::HasSubstr("dancing")));
    document = toJson(*test::recorded("fleet.json"));
    document["models"][0]["model"] = "Not A Name";
    EXPECT_THAT(snapshotFromJson(document), test::failsWith(ErrorCode::InvalidInput, testing::_));
    EXPECT_THAT(snapshotFromJson(json::array()), test::failsWith(ErrorCode::InvalidInput, testing::_));
}

} // namespace
} // namespace perch::fleet
