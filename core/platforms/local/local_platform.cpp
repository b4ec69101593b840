#include "core/platforms/local/local_platform.h"

#include "core/base/identity.h"
#include "core/platforms/local/local_backend.h"
#include "core/platforms/local/local_facts.h"
#include "core/registry/embedded_registry.h"
#include "core/rollout/journal.h"

namespace perch::local {

struct LocalPlatform::Parts {
    Parts(const Workspace& workspace, LocalStore&& opened, std::unique_ptr<registry::Registry> openedRegistry,
          const Clock& clock)
        : store(std::move(opened)),
          registry(std::move(openedRegistry)),
          backend(LocalFiles(workspace), store, *registry, clock),
          facts(LocalFiles(workspace), store, *registry, clock) {}

    LocalStore store;
    std::unique_ptr<registry::Registry> registry;
    LocalBackend backend;
    LocalFacts facts;
    std::unique_ptr<rollout::Operations> operations;
};

Result<std::unique_ptr<LocalPlatform>> LocalPlatform::open(const Workspace& workspace, const Clock& clock,
                                                           const std::string& identity) {
    Result<LocalStore> opened = LocalStore::open(workspace);
    // On a full disk a database that nobody has open cannot even be read: its log needs a place.
    if (!opened && opened.error().code == ErrorCode::Unavailable && rollout::Journal::giveUpRoom(workspace.journal()))
        opened = LocalStore::open(workspace);
    LocalStore store = TRY(std::move(opened));
    auto registry = TRY(registry::EmbeddedRegistry::open(workspace, clock));
    auto parts = std::make_unique<Parts>(workspace, std::move(store), std::move(registry), clock);
    parts->operations = TRY(rollout::Operations::open(parts->facts, parts->backend, workspace, clock,
                                                      identity.empty() ? processIdentity() : identity));
    return std::unique_ptr<LocalPlatform>(new LocalPlatform(std::move(parts)));
}

LocalPlatform::LocalPlatform(std::unique_ptr<Parts> parts) : m_parts(std::move(parts)) {}
LocalPlatform::~LocalPlatform() = default;

fleet::FactsSource& LocalPlatform::facts() {
    return m_parts->facts;
}

rollout::Backend& LocalPlatform::backend() {
    return m_parts->backend;
}

registry::Registry& LocalPlatform::registry() {
    return *m_parts->registry;
}

rollout::Operations& LocalPlatform::operations() {
    return *m_parts->operations;
}

std::string LocalPlatform::whyEmpty() {
    const Result<std::optional<LocalSettings>> known = settings();
    return known && !known->has_value() ? "The local platform of this workspace has never been started." : "";
}

Result<std::optional<LocalSettings>> LocalPlatform::settings() {
    return LocalSettings::load(m_parts->store);
}

} // namespace perch::local
