#pragma once

#include "core/fleet/snapshot.h"
#include "core/platforms/kubernetes/kube_objects.h"

namespace perch::kubernetes {

/// Where a Pod is, as a replica: state, restarts, and in one sentence why it does not serve. Pure.
fleet::Replica replicaOf(const PodObject& pod);

} // namespace perch::kubernetes
