#include "core/data/row/reference_profile.h"
#include "core/data/row/row_transform.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace perch::data {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

RowTransform sampleTransform() {
    return RowTransform(
        {{.name = "amount", .type = FieldType::Number},
         {.name = "member", .type = FieldType::Boolean},
         {.name = "home", .type = FieldType::Category, .categories = {"own", "rent", "was f\xC3\xBCr"}}});
}

TEST(RowTransform, EncodesCells) {
    const RowTransform transform = sampleTransform();
    EXPECT_EQ(valueOf(transform.encode(0, 12.5)), 12.5F);
    EXPECT_EQ(valueOf(transform.encode(1, true)), 1.0F);
    EXPECT_EQ(valueOf(transform.encode(1, 0.0)), 0.0F);
    EXPECT_EQ(valueOf(transform.encode(2, std::string("rent"))), 1.0F);
    EXPECT_EQ(transform.find("home"), 2U);
    EXPECT_EQ(transform.find("garden"), std::nullopt);
    EXPECT_EQ(transform.xgboostTypes(), (std::vector<std::string>{"q", "q", "c"}));
}

TEST(RowTransform, NotesMissingAndUnseen) {
    const RowTransform transform = sampleTransform();
    CellNote note = CellNote::None;
    EXPECT_TRUE(std::isnan(valueOf(transform.encode(0, Cell(), &note))));
    EXPECT_EQ(note, CellNote::Missing);
    EXPECT_TRUE(std::isnan(valueOf(transform.encode(2, std::string("castle"), &note))));
    EXPECT_EQ(note, CellNote::UnseenCategory);
    EXPECT_EQ(valueOf(transform.encode(2, std::string("own"), &note)), 0.0F);
    EXPECT_EQ(note, CellNote::None);
}

TEST(RowTransform, ImputesWhatTrainingLearned) {
    const RowTransform transform(
        {{.name = "amount", .type = FieldType::Number, .imputedNumber = 7.25},
         {.name = "home", .type = FieldType::Category, .categories = {"own", "rent"}, .imputedCode = 1}});
    EXPECT_EQ(valueOf(transform.encode(0, Cell())), 7.25F);
    EXPECT_EQ(valueOf(transform.encode(1, Cell())), 1.0F);
    EXPECT_EQ(valueOf(transform.encode(1, std::string("castle"))), 1.0F);
}

TEST(RowTransform, WrongTypesNameTheField) {
    const RowTransform transform = sampleTransform();
    EXPECT_THAT(transform.encode(0, std::string("12")), failsWith(ErrorCode::InvalidInput, HasSubstr("\"amount\"")));
    EXPECT_THAT(transform.encode(0, true), failsWith(ErrorCode::InvalidInput, HasSubstr("a number")));
    EXPECT_THAT(transform.encode(0, std::nan("")), failsWith(ErrorCode::InvalidInput, HasSubstr("finite")));
    EXPECT_THAT(transform.encode(0, 1e300), failsWith(ErrorCode::InvalidInput, HasSubstr("finite")));
    EXPECT_THAT(transform.encode(1, 2.0), failsWith(ErrorCode::InvalidInput, HasSubstr("true or false")));
    EXPECT_THAT(transform.encode(2, 1.0), failsWith(ErrorCode::InvalidInput, HasSubstr("\"home\" must be a text")));
}

TEST(RowTransform, BatchFormsAgreeWithCells) {
    const RowTransform transform = sampleTransform();
    for (const double value : {0.1, -3e-20, 1234567.875, 16777217.0})
        EXPECT_EQ(transform.encodeNumber(0, value), valueOf(transform.encode(0, value)));
    EXPECT_EQ(transform.encodeCategory(2, "own"), valueOf(transform.encode(2, std::string("own"))));
    EXPECT_TRUE(std::isnan(transform.encodeMissing(0)));
}

TEST(RowTransform, SurvivesJson) {
    const RowTransform transform(
        {{.name = "amount", .type = FieldType::Number, .imputedNumber = 0.1},
         {.name = "home", .type = FieldType::Category, .categories = {"own", "rent"}, .imputedCode = 1}});
    const RowTransform again = valueOf(RowTransform::fromJson(nlohmann::json::parse(transform.toJson().dump())));
    EXPECT_EQ(again.toJson(), transform.toJson());
    EXPECT_EQ(valueOf(again.encode(1, Cell())), 1.0F);
}

TEST(RowTransform, RefusesDamagedJson) {
    auto document = sampleTransform().toJson();
    document["fields"][2]["imputed_code"] = 3;
    EXPECT_THAT(RowTransform::fromJson(document), failsWith(ErrorCode::InvalidInput, HasSubstr("names no category")));
    document = sampleTransform().toJson();
    document["fields"][1]["name"] = "amount";
    EXPECT_THAT(RowTransform::fromJson(document), failsWith(ErrorCode::InvalidInput, HasSubstr("twice")));
    document["fields"][1]["type"] = "colour";
    EXPECT_THAT(RowTransform::fromJson(document), failsWith(ErrorCode::InvalidInput, HasSubstr("colour")));
    EXPECT_THAT(RowTransform::fromJson(nlohmann::json::array()),
                failsWith(ErrorCode::InvalidInput, HasSubstr("schema")));
}

ReferenceProfile sampleProfile() {
    return {100,
            {{"home",
              FieldType::Category,
              {},
              {"own", "\"other\"", "other", "missing", "unseen"},
              {50, 20, 20, 10, 0},
              0.5},
             {"amount",
              FieldType::Number,
              {static_cast<double>(0.7F), 5},
              {"a", "b", "c", "missing"},
              {30, 30, 30, 10},
              0.3},
             {"member", FieldType::Boolean, {}, {"false", "true", "missing"}, {60, 40, 0}, 0.2}}};
}

TEST(ReferenceProfile, PutsEveryCellIntoOneBin) {
    const RowTransform transform(
        {{.name = "amount"},
         {.name = "member", .type = FieldType::Boolean},
         {.name = "home", .type = FieldType::Category, .categories = {"castle", "other", "own"}}});
    const ReferenceProfile profile = sampleProfile();
    const auto bin = [&](std::size_t feature, const Cell& cell) {
        return profile.features[feature].labels.at(profile.binOf(feature, transform, cell));
    };
    EXPECT_EQ(bin(0, std::string("own")), "own");
    EXPECT_EQ(bin(0, std::string("castle")), "other");
    EXPECT_EQ(bin(0, std::string("other")), "\"other\"");
    EXPECT_EQ(bin(0, std::string("tent")), "unseen");
    EXPECT_EQ(bin(0, std::string("missing")), "unseen");
    EXPECT_EQ(bin(0, Cell()), "missing");
    EXPECT_EQ(bin(1, 0.7), "a") << "the edge is the float of 0.7, which is below the double";
    EXPECT_EQ(bin(1, 0.71), "b");
    EXPECT_EQ(bin(1, 5.0), "b");
    EXPECT_EQ(bin(1, 6.0), "c");
    EXPECT_EQ(bin(1, std::nan("")), "missing");
    EXPECT_EQ(bin(2, true), "true");
    EXPECT_EQ(bin(2, 0.0), "false");
    EXPECT_EQ(bin(2, Cell()), "missing");
}

TEST(ReferenceProfile, SurvivesJsonAndRefusesDamage) {
    const auto document = sampleProfile().toJson();
    EXPECT_EQ(valueOf(ReferenceProfile::fromJson(nlohmann::json::parse(document.dump()))).toJson(), document);
    auto damaged = document;
    damaged["features"][1]["counts"].erase(0);
    EXPECT_THAT(ReferenceProfile::fromJson(damaged), failsWith(ErrorCode::InvalidInput, HasSubstr("\"amount\"")));
    damaged = document;
    damaged["features"][0]["bins"][4] = "x";
    EXPECT_THAT(ReferenceProfile::fromJson(damaged), failsWith(ErrorCode::InvalidInput, HasSubstr("\"home\"")));
}

TEST(BinLabels, NameTheirRange) {
    constexpr double kEnd = std::numeric_limits<double>::infinity();
    EXPECT_EQ(rangeOfBinLabel("(-inf, 5]"), std::pair(-kEnd, 5.0));
    EXPECT_EQ(rangeOfBinLabel("(5, 7.25]"), std::pair(5.0, 7.25));
    EXPECT_EQ(rangeOfBinLabel("(1e-05, +inf)"), std::pair(1e-5, kEnd));
    for (const char* none : {"missing", "", "(", "(]", "(a, b]", "(1, ]", "(1,2]", "1, 2", "rent (own, shared)"})
        EXPECT_FALSE(rangeOfBinLabel(none).has_value()) << none;
}

} // namespace
} // namespace perch::data
