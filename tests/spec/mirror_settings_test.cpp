#include "core/spec/mirror_settings.h"
#include "tests/support/test_support.h"

#include <fmt/format.h>

namespace perch::spec {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

MirrorSettings settings(int basisPoints) {
    return {valueOf(ModelName::parse("churn")), Version{2}, Percent::fromBasisPoints(basisPoints),
            {"http://127.0.0.1:4000", "http://127.0.0.1:4001"}};
}

TEST(MirrorSettings, ReadWhatTheyWrite) {
    const MirrorSettings read = valueOf(MirrorSettings::parse(settings(1'250).text()));
    EXPECT_EQ(read.text(), settings(1'250).text());
    EXPECT_EQ(read.share.text(), "12.5");
    EXPECT_EQ(read.targets.size(), 2U);
}

TEST(MirrorSettings, SayWhichFieldIsWrong) {
    const struct {
        const char* text;
        const char* says;
    } cases[] = {
        {"[]", "not a JSON object"},
        {"{", "The mirror settings"},
        {R"({"version":"v2","share":0.1,"targets":["http://a:1"]})", "\"model\""},
        {R"({"model":"churn","version":"2.5","share":0.1,"targets":["http://a:1"]})", "2.5"},
        {R"({"model":"churn","version":"v2","share":1.5,"targets":["http://a:1"]})", "\"share\""},
        {R"({"model":"churn","version":"v2","share":-0.1,"targets":["http://a:1"]})", "\"share\""},
        {R"({"model":"churn","version":"v2","share":0.1,"targets":[]})", "\"targets\""},
        {R"({"model":"churn","version":"v2","share":0.1,"targets":["a:1"]})", "http://host:port"},
        {R"({"model":"churn","version":"v2","share":0.1,"targets":[7]})", "http://host:port"},
        {R"({"model":"churn","version":"v2","share":0.1,"targets":["http://a:1"],"rate":1})", "\"rate\""},
    };
    for (const auto& one : cases)
        EXPECT_THAT(MirrorSettings::parse(one.text), failsWith(ErrorCode::InvalidInput, HasSubstr(one.says))) << one.text;
}

TEST(MirrorSettings, SampleTheirShareOfTheIds) {
    constexpr int kIds = 4'000;
    const MirrorSettings none = settings(0), tenth = settings(1'000), half = settings(5'000), all = settings(10'000);
    int tenths = 0;
    for (int i = 0; i < kIds; ++i) {
        const std::string id = fmt::format("request-{}", i);
        tenths += tenth.samples(id) ? 1 : 0;
        EXPECT_FALSE(none.samples(id));
        EXPECT_TRUE(all.samples(id));
        EXPECT_TRUE(!tenth.samples(id) || half.samples(id)) << "a larger share holds the smaller one";
        EXPECT_EQ(tenth.samples(id), settings(1'000).samples(id));
    }
    EXPECT_NEAR(tenths, kIds / 10, 90) << "the standard deviation is 19";
}

} // namespace
} // namespace perch::spec
