#pragma once

#include "core/fleet/snapshot.h"
#include "core/platforms/kubernetes/kube_facts.h"

namespace perch::kubernetes {

/// Where an HTTPRoute of the namespace divides the traffic of a model among Services of its versions, that is its
/// lever: the route, its split and the addresses of the versions. A model without one is left as it is; one whose route
/// is more than a rule with backends, or sends traffic to what is no version, is fixed, and says why. `deployments`:
/// those of the model. Pure.
void addRouteFacts(fleet::ModelFacts& model, const std::vector<const DeploymentObject*>& deployments,
                   const KubeObjects& objects);

} // namespace perch::kubernetes
