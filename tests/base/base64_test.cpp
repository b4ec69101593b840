#include "core/base/base64.h"

#include <gtest/gtest.h>

namespace perch {
namespace {

/// RFC 4648, section 10.
TEST(Base64, WritesAndReadsTheVectorsOfTheStandard) {
    for (const auto& [bytes, text] :
         {std::pair("", ""), std::pair("f", "Zg=="), std::pair("fo", "Zm8="), std::pair("foo", "Zm9v"),
          std::pair("foob", "Zm9vYg=="), std::pair("fooba", "Zm9vYmE="), std::pair("foobar", "Zm9vYmFy")}) {
        EXPECT_EQ(toBase64(bytes), text);
        EXPECT_EQ(fromBase64(text), bytes);
    }
    const std::string zeros(5, '\0');
    EXPECT_EQ(fromBase64(toBase64(zeros)), zeros);
    EXPECT_EQ(fromBase64(" Zm9v\r\nYmFy\n"), "foobar");
}

TEST(Base64, RefusesWhatIsNone) {
    for (const char* text : {"Zg", "Zg=", "Z===", "====", "Zm9v!mFy", "Z=g=", "Zg==Zg=="})
        EXPECT_FALSE(fromBase64(text)) << text;
}

} // namespace
} // namespace perch
