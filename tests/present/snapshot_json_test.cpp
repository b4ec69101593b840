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
