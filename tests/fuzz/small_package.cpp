#include "tests/fuzz/small_package.h"

namespace perch::fuzz {

model::PackageParts smallPackage() {
    using data::FieldType;
    model::PackageParts parts;
    parts.card.model = *ModelName::parse("churn");
    parts.card.label = "churn";
    parts.card.classes = {"No", "Yes"};
    parts.transform = data::RowTransform({{.name = "age", .type = FieldType::Number},
                                          {.name = "income", .type = FieldType::Number, .imputedNumber = 1'200.5},
                                          {.name = "member", .type = FieldType::Boolean},
                                          {.name = "plan", .type = FieldType::Category, .categories = {"a", "b", "other"}}});
    parts.reference.rows = 100;
    parts.reference.features = {
        {.feature = "age", .type = FieldType::Number, .edges = {20, 40}, .labels = {"<= 20", "<= 40", "> 40", "missing"},
         .counts = {30, 30, 40, 0}, .importance = 0.5},
        {.feature = "member", .type = FieldType::Boolean, .labels = {"false", "true", "missing"}, .counts = {50, 49, 1},
         .importance = 0.25},
        {.feature = "plan", .type = FieldType::Category, .labels = {"a", "b", "\"other\"", "other", "missing", "unseen"},
         .counts = {50, 30, 10, 10, 0, 0}, .importance = 0.25}};
    parts.booster = "no trees";
    parts.capsule = "{}";
    parts.check = R"({"schema":1,"rows":[[1,2,true,"a"]],"scores":[0.5]})";
    return parts;
}

} // namespace perch::fuzz
