#include "core/base/secret_reference.h"

#include "core/base/file.h"
#include "tests/support/test_support.h"

#include <cstdlib>
#include <filesystem>

namespace perch {

namespace {

TEST(SecretReference, NeverRepeatsWhatIsNotAReference) {
    for (const char* text : {"hunter2", "env:", "file:", "", "ENV:NAME"}) {
        const auto parsed = SecretReference::parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().message, "must be a reference like env:NAME or file:/path, never the secret itself.");
    }
}

TEST(SecretReference, ReadsAVariableWhenItIsUsed) {
    const auto reference = SecretReference::parse("env:PERCH_TEST_SECRET");
    ASSERT_TRUE(reference);
    ::unsetenv("PERCH_TEST_SECRET");
    EXPECT_EQ(reference->resolve().error().code, ErrorCode::NotFound);
    ::setenv("PERCH_TEST_SECRET", "s3cret", 1);
    EXPECT_EQ(reference->resolve()->reveal(), "s3cret");
    ::unsetenv("PERCH_TEST_SECRET");
    EXPECT_EQ(reference->text(), "env:PERCH_TEST_SECRET");
}

TEST(SecretReference, RefusesAFileThatOthersMayRead) {
    const test::Folder folder;
    const std::filesystem::path file = folder / "token";
    const auto reference = SecretReference::parse("file:" + file.string());
    ASSERT_TRUE(reference);
    EXPECT_EQ(reference->resolve().error().code, ErrorCode::NotFound);
    ASSERT_TRUE(writeFileAtomically(file, "s3cret\n"));
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    EXPECT_EQ(reference->resolve()->reveal(), "s3cret");
    std::filesystem::permissions(file, std::filesystem::perms(0640));
    EXPECT_EQ(reference->resolve().error().code, ErrorCode::Denied);
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    ASSERT_TRUE(writeFileAtomically(file, "\n"));
    EXPECT_EQ(reference->resolve().error().code, ErrorCode::NotFound);
}

} // namespace

} // namespace perch
