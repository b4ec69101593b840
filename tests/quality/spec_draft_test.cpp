#include "core/data/csv_reader.h"
#include "core/data/quality/spec_draft.h"
#include "core/spec/model_spec.h"
#include "tests/quality/quality_fixture.h"

#include <nlohmann/json.hpp>

#include <fstream>

namespace perch::data {
namespace {

using test::valueOf;
using testing::HasSubstr;

std::string draftOf(const Table& table, const std::string& label) {
    return valueOf(draftModelSpec(table, {.model = "churn", .data = "customers.csv", .label = label}));
}

TEST(SpecDraft, LoadsAndPassesItsOwnLimits) {
    const Table table = goodTable();
    const std::string text = draftOf(table, "churned");
    const spec::ModelSpec spec = valueOf(spec::parseModelSpec(text, "perch.yaml"));
    EXPECT_EQ(spec.name.text(), "churn");
    EXPECT_EQ(spec.data, "customers.csv");
    EXPECT_EQ(spec.label, "churned");
    EXPECT_EQ(spec.positive, "yes");
    EXPECT_EQ(spec.quality.minimumRows, 500U);
    EXPECT_EQ(spec.quality.maximumMissing, 0.05);
    EXPECT_EQ(spec.quality.maximumDrift, 0.25);
    EXPECT_EQ(spec.quality.ranges.at("age"), std::pair(0.0, 200.0));
    EXPECT_THAT(spec.quality.required, testing::ElementsAre("age", "spent", "plan", "churned"));
    EXPECT_THAT(text, HasSubstr("#   plan: category, 2 different, mostly pro"));
    const QualityReport report = checkTable(table, spec.quality, "churned", nullptr);
    EXPECT_EQ(report.verdict(), QualityVerdict::Pass) << report.summary();
}

TEST(SpecDraft, EveryShippedTableKeepsTheLimitsDraftedFromIt) {
    const RealClock clock;
    const test::Folder folder;
    for (const auto& [file, label] : {std::pair("wa_churn.csv", "churn"), {"credit_data.csv", "Status"}}) {
        std::ifstream all(test::tableFile(file));
        std::ofstream some(folder / file);
        std::string line;
        for (int lines = 0; lines < 1'500 && std::getline(all, line); ++lines)
            some << line << '\n';
        some.close();
        const Table table = valueOf(readCsv(folder / file, clock, {.declared = {{label, FieldType::Category}}}));
        const spec::ModelSpec spec = valueOf(spec::parseModelSpec(draftOf(table, label), "perch.yaml"));
        const QualityReport report = checkTable(table, spec.quality, label, nullptr);
        EXPECT_FALSE(report.failed()) << file << ": " << testing::PrintToString(report.failures());
        EXPECT_EQ(labelCandidates(profileTable(table)).front().column, label) << file;
    }
}

TEST(SpecDraft, NamesAndTextsSurviveWhateverTheyHold) {
    Table table = goodTable();
    table.columns[0].name = "age: \"years\"\n# of life";
    table.columns[1].name = "true";
    table.columns[2].name = "{plan}, [x] \\ Größe";
    table.columns[2].categories = {"a\tb", "no"};
    table.columns.push_back(numberColumn("loss", std::vector<double>(1'000)));
    for (std::size_t i = 0; i < 1'000; ++i)
        table.columns.back().numbers[i] = -static_cast<double>(i) * 3e35;
    const spec::ModelSpec spec = valueOf(spec::parseModelSpec(draftOf(table, "churned"), "perch.yaml"));
    EXPECT_THAT(spec.quality.required,
                testing::ElementsAre(table.columns[0].name, "true", table.columns[2].name, "churned", "loss"));
    EXPECT_TRUE(spec.quality.ranges.contains(table.columns[0].name));
    EXPECT_FALSE(checkTable(table, spec.quality, "churned", nullptr).failed());
    EXPECT_EQ(yamlText("plain_Word-1.csv"), "plain_Word-1.csv");
    EXPECT_EQ(yamlText("Yes"), "\"Yes\"");
    EXPECT_EQ(yamlText(""), "\"\"");
    EXPECT_EQ(yamlText("1"), "\"1\"");
    EXPECT_EQ(yamlText("a\"\\\n"), "\"a\\\"\\\\\\x0a\"");
}

TEST(SpecDraft, LeavesIdentifiersAndWildNumbersOut) {
    Table table = goodTable();
    table.columns[1].numbers[3] = 999'999;
    std::vector<double> ids(1'000);
    for (std::size_t i = 0; i < ids.size(); ++i)
        ids[i] = static_cast<double>(i);
    table.columns.push_back(numberColumn("customer_id", ids));
    const std::string text = draftOf(table, "churned");
    const spec::QualitySpec quality = valueOf(spec::parseModelSpec(text, "perch.yaml")).quality;
    EXPECT_FALSE(quality.ranges.contains("spent"));
    EXPECT_THAT(text, HasSubstr("Single numbers lie far beyond all others, look at them: spent."));
    EXPECT_THAT(text, HasSubstr("teach a model nothing: customer_id."));
    EXPECT_THAT(quality.required, testing::Not(testing::Contains("customer_id")));
}

TEST(SpecDraft, RefusesALabelThatIsNotThere) {
    EXPECT_THAT(draftModelSpec(goodTable(), {.model = "m", .data = "d", .label = "chrned"}),
                test::failsWith(ErrorCode::InvalidInput, HasSubstr("no column \"chrned\"")));
}

TEST(LabelCandidates, AreFewClassesAUsualNameAndTheLastPlace) {
    Table table = goodTable();
    table.columns.insert(table.columns.begin(), textColumn("has_phone", [] {
                             std::vector<std::string> texts;
                             for (int i = 0; i < 1'000; ++i)
                                 texts.push_back(i % 2 == 0 ? "yes" : "no");
                             return texts;
                         }()));
    const std::vector<LabelCandidate> candidates = labelCandidates(profileTable(table));
    ASSERT_GE(candidates.size(), 2U);
    EXPECT_EQ(candidates[0].column, "churned");
    EXPECT_THAT(candidates[0].reason, HasSubstr("two classes, the rarest in"));
    EXPECT_THAT(candidates[0].reason, HasSubstr("the name is usual for a label; it is the last column"));
    for (const LabelCandidate& candidate : candidates)
        EXPECT_NE(candidate.column, "spent");
    EXPECT_TRUE(labelCandidates(profileTable(tableOf({numberColumn("x", uniforms(100, 1))}))).empty());
}

TEST(TableProfile, CountsWhatIsThere) {
    std::vector<double> numbers = {4, 1, kNone, 3, 2};
    const Table table =
        tableOf({numberColumn("n", numbers), numberColumn("f", {1, 0, kNone, 1, 1}, FieldType::Boolean),
                 textColumn("t", {"b", "a", "b", "", "c"}), numberColumn("none", std::vector<double>(5, kNone))});
    const TableProfile profile = profileTable(table);
    ASSERT_EQ(profile.columns.size(), 4U);
    const NumberSummary& n = *profile.columns[0].numbers;
    EXPECT_EQ(profile.columns[0].distinct, 4U);
    EXPECT_EQ(n.mean, 2.5);
    EXPECT_NEAR(*n.deviation, 1.2909944, 1e-7);
    EXPECT_EQ(n.p25, 1.75);
    EXPECT_EQ(n.median, 2.5);
    EXPECT_NEAR(n.p99, 3.97, 1e-12);
    EXPECT_TRUE(n.whole);
    using Top = std::vector<std::pair<std::string, std::uint64_t>>;
    EXPECT_EQ(profile.columns[1].top, (Top{{"true", 3}, {"false", 1}}));
    EXPECT_EQ(profile.columns[2].top, (Top{{"b", 2}, {"a", 1}, {"c", 1}}));
    EXPECT_FALSE(profile.columns[3].numbers.has_value());
    EXPECT_EQ(profile.columns[3].missing, 5U);
    EXPECT_TRUE(profile.toJson()["columns"][3]["numbers"].is_null());
}

} // namespace
} // namespace perch::data
