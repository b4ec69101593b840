#include "core/base/parse_number.h"

#include <gtest/gtest.h>

namespace perch {
namespace {

TEST(ParseFinite, TakesAWholeDecimalAndNothingElse) {
    EXPECT_EQ(parseFinite("-12.5"), -12.5);
    EXPECT_EQ(parseFinite("1e3"), 1000);
    for (const char* text : {"", " 1", "1 ", "+1", "1,5", "0x10", "1e999", "inf", "-inf", "nan", "12a"})
        EXPECT_FALSE(parseFinite(text)) << text;
}

} // namespace
} // namespace perch
