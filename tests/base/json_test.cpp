#include "core/base/json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace perch {
namespace {

TEST(JsonText, IsEmptyWhereThereIsNoText) {
    const nlohmann::json object = {{"name", "churn"}, {"count", 3}, {"none", nullptr}};
    EXPECT_EQ(jsonText(object, "name"), "churn");
    EXPECT_EQ(jsonText(object, "count"), "");
    EXPECT_EQ(jsonText(object, "none"), "");
    EXPECT_EQ(jsonText(object, "absent"), "");
}

TEST(JsonText, IsEmptyOfWhatIsNoObject) {
    for (const nlohmann::json& value : {nlohmann::json("name"), nlohmann::json(3), nlohmann::json::array({"name"}),
                                        nlohmann::json(nullptr), nlohmann::json::object()})
        EXPECT_EQ(jsonText(value, "name"), "") << value;
}

} // namespace
} // namespace perch
