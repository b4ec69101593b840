#include "core/kube/kube_time.h"
#include "core/kube/request_rate.h"
#include "core/kube/resource.h"
#include "tests/support/test_support.h"

namespace perch::kube {
namespace {

TEST(KubeTime, ReadsWhatTheApiWrites) {
    EXPECT_EQ(toIso8601(parseKubeTime("2026-11-22T04:05:06Z").value()), "2026-11-22T04:05:06.000Z");
    EXPECT_EQ(toIso8601(parseKubeTime("2026-11-22T04:05:06.123456Z").value()), "2026-11-22T04:05:06.123Z");
    EXPECT_EQ(toIso8601(parseKubeTime("2026-11-22T04:05:06.7+05:30").value()), "2026-11-21T22:35:06.700Z");
    EXPECT_EQ(toIso8601(parseKubeTime("2028-02-29T23:59:59-01:00").value()), "2028-03-01T00:59:59.000Z");
    for (const char* text :
         {"", "2026", "2026-11-22", "2026-11-22T04:05:06", "2026-13-22T04:05:06Z", "2026-02-30T04:05:06Z",
          "2026-11-22T24:05:06Z", "2026-11-22T04:05:06.Z", "2026-11-22T04:05:06Zx", "2026-11-22T04:05:06+1:00", "null"})
        EXPECT_FALSE(parseKubeTime(text)) << text;
}

TEST(RequestRate, IsTheMeanOfTheLastTenSeconds) {
    ManualClock clock{SystemTime(std::chrono::hours(1))};
    RequestRate rate(clock);
    for (int i = 0; i < 30; ++i)
        rate.count();
    EXPECT_EQ(rate.perSecond(), 0); // this second is not over
    clock.advance(std::chrono::seconds(1));
    EXPECT_EQ(rate.perSecond(), 3);
    clock.advance(std::chrono::seconds(9));
    rate.count();
    EXPECT_EQ(rate.perSecond(), 3);
    clock.advance(std::chrono::seconds(1));
    EXPECT_EQ(rate.perSecond(), 0.1);
    clock.advance(std::chrono::hours(1));
    EXPECT_EQ(rate.perSecond(), 0);
    EXPECT_EQ(rate.total(), 31U);
}

TEST(Resource, PathsAreThoseOfTheApi) {
    using namespace resources;
    EXPECT_EQ(pathOf(kPods, ""), "/api/v1/pods");
    EXPECT_EQ(pathOf(kPods, "models", "a b", "log"), "/api/v1/namespaces/models/pods/a%20b/log");
    EXPECT_EQ(pathOf(kDeployments, "models", "churn", "scale"),
              "/apis/apps/v1/namespaces/models/deployments/churn/scale");
    EXPECT_EQ(pathOf(kNodes, "models"), "/api/v1/nodes");
    EXPECT_EQ(pathOf(kNamespaces, "", "models"), "/api/v1/namespaces/models");
    EXPECT_EQ(nameOf(kRollouts), "rollouts.argoproj.io");
    EXPECT_EQ(nameOf(kPods), "pods");
}

} // namespace
} // namespace perch::kube
