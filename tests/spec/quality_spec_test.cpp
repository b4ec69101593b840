#include "core/spec/model_spec.h"
#include "tests/support/test_support.h"

namespace perch::spec {
namespace {

using test::failsWith;
using test::valueOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr const char* kCompleteQuality = R"(model: m
quality:
  min_rows: 500
  max_missing: 0.3
  max_duplicates: 0
  min_class_share: 0.01
  max_drift: 0.25
  ranges: {age: [0, 120], balance: [-1e6, 1e6]}
  categories: {plan: [free, "pro"], country: DE}
  required: [age, plan]
)";

TEST(QualitySpec, ReadsEveryKey) {
    const QualitySpec quality = valueOf(parseModelSpec(kCompleteQuality, "perch.yaml")).quality;
    EXPECT_EQ(quality.minimumRows, 500U);
    EXPECT_EQ(quality.maximumMissing, 0.3);
    EXPECT_EQ(quality.maximumDuplicates, 0.0);
    EXPECT_EQ(quality.minimumClassShare, 0.01);
    EXPECT_EQ(quality.maximumDrift, 0.25);
    EXPECT_THAT(quality.ranges, ElementsAre(Pair("age", Pair(0, 120)), Pair("balance", Pair(-1e6, 1e6))));
    EXPECT_THAT(quality.categories,
                ElementsAre(Pair("country", ElementsAre("DE")), Pair("plan", ElementsAre("free", "pro"))));
    EXPECT_THAT(quality.required, ElementsAre("age", "plan"));
}

TEST(QualitySpec, AbsentLimitsAreNotChecked) {
    const QualitySpec quality = valueOf(parseModelSpec("model: m\n", "perch.yaml")).quality;
    EXPECT_EQ(quality.minimumRows, 50U);
    EXPECT_EQ(quality.maximumMissing, 0.95);
    EXPECT_EQ(quality.maximumDuplicates, std::nullopt);
    EXPECT_EQ(quality.maximumDrift, std::nullopt);
    EXPECT_TRUE(quality.ranges.empty() && quality.categories.empty() && quality.required.empty());
}

TEST(QualitySpec, NamesThePlaceAndTheProblem) {
    struct RefusedQuality {
        const char* quality;
        const char* place;
        const char* says;
    };
    const RefusedQuality cases[] = {
        {"5", "p.yaml:2:10", "quality must be a mapping with the keys min_rows"},
        {"{max_mising: 1}", "p.yaml:2:11", "unknown key 'max_mising' in quality; did you mean 'max_missing'?"},
        {"{min_rows: 0}", "p.yaml:2:21", "quality.min_rows must be a whole number from 1"},
        {"{max_missing: 30}", "p.yaml:2:24", "quality.max_missing must be a number from 0 to 1"},
        {"{max_duplicates: -1}", "p.yaml:2:27", "quality.max_duplicates must be a number from 0 to 1"},
        {"{min_class_share: 0.6}", "p.yaml:2:28", "quality.min_class_share must be a number from 0 to 0.5"},
        {"{max_drift: much}", "p.yaml:2:22", "quality.max_drift must be a number from 0 to 100"},
        {"{ranges: [0, 1]}", "p.yaml:2:19", "quality.ranges must be a mapping"},
        {"{ranges: {age: 5}}", "p.yaml:2:25", "quality.ranges.age must be a list of numbers"},
        {"{ranges: {age: [120, 0]}}", "p.yaml:2:25", "quality.ranges.age must be two numbers that do not descend"},
        {"{ranges: {age: [1, 2, 3]}}", "p.yaml:2:25", "quality.ranges.age must be two numbers"},
        {"{ranges: {age: [a, b]}}", "p.yaml:2:26", "each of quality.ranges.age must be a number"},
        {"{ranges: {age: [nan, 1]}}", "p.yaml:2:26", "each of quality.ranges.age must be a number"},
        {"{categories: {plan: []}}", "p.yaml:2:30", "quality.categories.plan must be a text or a list of texts"},
        {"{categories: plan}", "p.yaml:2:23", "quality.categories must be a mapping"},
        {"{required: {a: b}}", "p.yaml:2:21", "quality.required must be a text or a list of texts"},
    };
    for (const RefusedQuality& bad : cases) {
        const auto result = parseModelSpec(std::string("model: a\nquality: ") + bad.quality + "\n", "p.yaml");
        EXPECT_THAT(result, failsWith(ErrorCode::InvalidInput, HasSubstr(bad.says))) << bad.quality;
        if (!result) {
            EXPECT_EQ(result.error().where, bad.place) << bad.quality;
        }
    }
}

} // namespace
} // namespace perch::spec
