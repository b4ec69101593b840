#include "core/kube/kubeconfig.h"
#include "tests/fuzz/fuzzer.h"

/// A kubeconfig. An error is at a line and column; each context can be used or says why not; merging with itself
/// changes nothing.
PERCH_FUZZER(kubeconfig) {
    using namespace perch;
    Result<kube::Kubeconfig> config = kube::Kubeconfig::parse(bytes, "/none/config");
    fuzz::requireSentence(config);
    if (!config) {
        fuzz::require(config.error().code == ErrorCode::InvalidInput, "a wrong file is invalid input");
        fuzz::require(config.error().where.starts_with("/none/config:"), "an error has a place");
        return;
    }
    for (const auto& [name, entry] : config->contexts)
        fuzz::requireSentence(kube::kubeAccess(*config, name));
    const std::size_t contexts = config->contexts.size(), users = config->users.size();
    config->merge(*kube::Kubeconfig::parse(bytes, "/none/config"));
    fuzz::require(config->contexts.size() == contexts && config->users.size() == users, "the first file has a name");
}
