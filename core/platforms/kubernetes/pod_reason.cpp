#include "core/platforms/kubernetes/pod_reason.h"

#include "core/base/utf8.h"

#include <algorithm>

namespace perch::kubernetes {

namespace {

using State = fleet::Replica::State;

constexpr std::size_t kShownPodMessage = 300;

/// What the cluster wrote, at the end of a sentence of ours.
std::string because(const std::string& message) {
    std::string text = shownText(message, kShownPodMessage);
    while (text.ends_with('.') || text.ends_with(' '))
        text.pop_back();
    return text.empty() ? "." : fmt::format(": {}.", text);
}

std::string nameOf(const ContainerState& container) {
    return fmt::format("{}ontainer {}", container.init ? "Init c" : "C", shownText(container.name));
}

/// `, it ended with code 137 (OOMKilled)`
std::string lastEnd(const ContainerState& container) {
    if (!container.exitCode)
        return "";
    const std::string reason = container.exitReason.empty() || container.exitReason == "Error"
                                   ? ""
                                   : fmt::format(" ({})", shownText(container.exitReason));
    return fmt::format(", it ended with code {}{}", *container.exitCode, reason);
}

/// Waiting is usual while a Pod starts, and says nothing then.
bool waitsForNothing(const std::string& reason) {
    return reason.empty() || reason == "ContainerCreating" || reason == "PodInitializing";
}

/// What is wrong with a container; empty if nothing is.
std::string problemOf(const ContainerState& container) {
    if (container.waitingReason == "CrashLoopBackOff")
        return fmt::format("{} crashes again and again{}.", nameOf(container), lastEnd(container));
    if (container.waitingReason == "ImagePullBackOff" || container.waitingReason == "ErrImagePull" ||
        container.waitingReason == "InvalidImageName")
        return fmt::format("The image of {} cannot be fetched{}", shownText(container.name),
                           because(container.waitingMessage));
    if (!waitsForNothing(container.waitingReason))
        return fmt::format("{} cannot start ({}){}", nameOf(container), shownText(container.waitingReason),
                           because(container.waitingMessage));
    if (!container.started && !container.init && container.exitCode)
        return fmt::format("{} does not run{}.", nameOf(container), lastEnd(container));
    return "";
}

/// Why a Pod that is not ready is not.
std::string reasonOf(const PodObject& pod) {
    if (pod.meta.ending)
        return "It is ending.";
    if (pod.phase == "Failed" || pod.phase == "Succeeded")
        return fmt::format("It has ended ({}){}", shownText(pod.reason.empty() ? pod.phase : pod.reason),
                           because(pod.message));
    const Condition* const scheduled = pod.condition("PodScheduled");
    if (scheduled != nullptr && scheduled->status == "False")
        return "No node takes it" + because(scheduled->message);
    for (const ContainerState& container : pod.containers) {
        if (std::string problem = problemOf(container); !problem.empty())
            return problem;
    }
    for (const ContainerState& container : pod.containers) {
        if (!container.init && container.started && !container.ready)
            return fmt::format("{} runs and is not ready yet.", nameOf(container));
    }
    if (const Condition* const ready = pod.condition("Ready"); ready != nullptr && !ready->message.empty())
        return "It is not ready" + because(ready->message);
    return pod.node.empty() ? "It waits for a node." : "It is starting.";
}

State stateOf(const PodObject& pod) {
    if (pod.meta.ending)
        return State::Draining;
    if (pod.ready())
        return State::Ready;
    const bool crashed = std::ranges::any_of(pod.containers, [](const ContainerState& container) {
        return container.waitingReason == "CrashLoopBackOff" ||
               (!container.init && !container.started && container.exitCode);
    });
    return crashed || pod.phase == "Failed" ? State::Crashed : State::Starting;
}

} // namespace

fleet::Replica replicaOf(const PodObject& pod) {
    fleet::Replica replica{.name = pod.meta.name, .state = stateOf(pod), .startedAt = pod.meta.createdAt};
    if (replica.state != State::Ready)
        replica.reason = reasonOf(pod);
    for (const ContainerState& container : pod.containers)
        replica.restarts += container.restarts;
    return replica;
}

} // namespace perch::kubernetes
