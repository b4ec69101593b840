#include "core/kube/api_error.h"
#include "tests/kube/kube_fixture.h"

namespace perch::kube {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Error errorOf(int status, std::string body, std::string path = "/api/v1/namespaces/models/pods") {
    return apiError({.status = status, .body = std::move(body)}, {"10.0.0.1:6443", "shop", "token", std::move(path)});
}

TEST(ApiError, SaysWhoMayNotDoWhat) {
    const Error inNamespace = errorOf(
        403,
        statusText(
            403, "Forbidden",
            R"(deployments.apps is forbidden: User "anna" cannot list resource "deployments" in API group "apps" in the namespace "models")"));
    EXPECT_EQ(inNamespace.code, ErrorCode::Denied);
    EXPECT_EQ(inNamespace.message, R"("anna" may not list deployments.apps in the namespace "models".)");
    EXPECT_EQ(inNamespace.where, "10.0.0.1:6443");
    EXPECT_EQ(
        errorOf(
            403,
            statusText(
                403, "Forbidden",
                R"(nodes is forbidden: User "system:serviceaccount:m:p" cannot watch resource "nodes" in API group "" at the cluster scope: RBAC: clusterrole not found)"))
            .message,
        R"("system:serviceaccount:m:p" may not watch nodes in the whole cluster.)");
    EXPECT_EQ(
        errorOf(403, statusText(403, "Forbidden", R"(forbidden: User "system:anonymous" cannot get path "/version")"))
            .message,
        R"("system:anonymous" may not get /version.)");
}

TEST(ApiError, KeepsTheReasonOfOtherRefusals) {
    const Error quota = errorOf(403, statusText(403, "Forbidden", "pods \"a\" is forbidden: exceeded quota: gpu"));
    EXPECT_EQ(quota.code, ErrorCode::Denied);
    EXPECT_EQ(quota.message,
              "The API server at 10.0.0.1:6443 answers 403: pods \"a\" is forbidden: exceeded quota: gpu.");
}

TEST(ApiError, TellsAMissingObjectFromAMissingKind) {
    const Error object =
        errorOf(404, statusText(404, "NotFound", "x", R"({"name":"churn","group":"apps","kind":"deployments"})"));
    EXPECT_EQ(object.code, ErrorCode::NotFound);
    EXPECT_EQ(object.message, "There is no deployments.apps \"churn\".");
    const Error kind = errorOf(404, "404 page not found\n", "/apis/argoproj.io/v1alpha1/namespaces/models/rollouts");
    EXPECT_EQ(kind.code, ErrorCode::NotFound);
    EXPECT_THAT(kind.message, HasSubstr("does not know rollouts.argoproj.io/v1alpha1: its CRD is not installed"));
}

TEST(ApiError, NamesTheSignInThatIsNotAccepted) {
    const Error error = errorOf(401, statusText(401, "Unauthorized", "Unauthorized"));
    EXPECT_EQ(error.code, ErrorCode::Denied);
    EXPECT_THAT(error.message, HasSubstr("does not accept the sign-in of the context \"shop\" (token)"));
}

TEST(ApiError, GivesEachStatusItsCode) {
    const std::vector<std::pair<int, ErrorCode>> cases{
        {400, ErrorCode::InvalidInput}, {409, ErrorCode::Conflict},    {410, ErrorCode::Conflict},
        {422, ErrorCode::InvalidInput}, {429, ErrorCode::Unavailable}, {500, ErrorCode::Unavailable},
        {503, ErrorCode::Unavailable},  {504, ErrorCode::Timeout},     {302, ErrorCode::InvalidInput}};
    for (const auto& [status, code] : cases)
        EXPECT_EQ(errorOf(status, statusText(status, "R", "why")).code, code) << status;
}

TEST(ApiError, ShowsNothingThatATerminalWouldObey) {
    const Error error = errorOf(500, statusText(500, "InternalError", "a\x1b[31mb" + std::string(5'000, 'x')));
    EXPECT_THAT(error.message, HasSubstr("a?[31mb"));
    EXPECT_LT(error.message.size(), 800U);
    EXPECT_THAT(errorOf(502, "<html>secret page</html>").message, Not(HasSubstr("html")));
    EXPECT_EQ(errorOf(403, "[]").code, ErrorCode::Denied);
    EXPECT_EQ(errorOf(403, statusText(403, "Forbidden", "User \"a\" cannot ")).code, ErrorCode::Denied);
}

} // namespace
} // namespace perch::kube
