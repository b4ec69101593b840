#pragma once

namespace CLI {
class App;
}

namespace perch::cli {

/// `perch rollout status MODEL`: where the rollout is and what each gate says, with its reason. Changes nothing.
void addRolloutStatus(CLI::App& group);

} // namespace perch::cli
