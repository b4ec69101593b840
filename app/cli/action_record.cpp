#include "app/cli/action_record.h"

#include "core/platforms/local/local_platform.h"

#include <nlohmann/json.hpp>

#include <iostream>

namespace perch::cli {

namespace {

Result<rollout::AuditHead> write(const Context& context, const Workspace& workspace, rollout::AuditRecord record) {
    const auto platform = TRY(local::LocalPlatform::open(workspace, *context.clock, context.identity()));
    record.actor = {context.identity(), "perch"};
    return platform->operations().recordAction(std::move(record));
}

} // namespace

nlohmann::json recordAction(const Context& context, const Workspace& workspace, rollout::AuditRecord record) {
    const auto head = write(context, workspace, std::move(record));
    if (head)
        return {{"writer", head->writer}, {"sequence", head->sequence}, {"hash", head->hash}};
    context.endProgress();
    std::cerr << "There is no audit record of this: " << head.error().message << '\n';
    return nullptr;
}

} // namespace perch::cli
