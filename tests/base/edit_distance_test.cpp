#include "core/base/edit_distance.h"

#include <gtest/gtest.h>

#include <string>

namespace perch {
namespace {

TEST(EditDistance, CountsChangesRegardlessOfCase) {
    EXPECT_EQ(editDistance("churn", "churn"), 0U);
    EXPECT_EQ(editDistance("churn", "Churn"), 0U);
    EXPECT_EQ(editDistance("chrun", "churn"), 1U);
    EXPECT_EQ(editDistance("lable", "label"), 1U);
    EXPECT_EQ(editDistance("chur", "churn"), 1U);
    EXPECT_EQ(editDistance("", "abc"), 3U);
    EXPECT_EQ(editDistance("kitten", "sitting"), 3U);
    EXPECT_EQ(editDistance("plan", "train"), editDistance("train", "plan"));
}

TEST(EditDistance, ALongNameCostsLittle) {
    EXPECT_EQ(editDistance(std::string(50'000'000, 'a'), std::string(50'000'000, 'b')), 200U);
}

} // namespace
} // namespace perch
