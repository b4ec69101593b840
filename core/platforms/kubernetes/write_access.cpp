#include "core/platforms/kubernetes/write_access.h"

#include "core/kube/cluster_check.h"

namespace perch::kubernetes {

namespace {

constexpr std::chrono::seconds kAccessEvery{60};

} // namespace

const std::string& WriteAccess::whyNot(const std::stop_token& stop) {
    const SteadyTime now = m_clock.steadyNow();
    if (!m_askedAt || now - *m_askedAt >= kAccessEvery) {
        m_whyNot = ask(stop);
        m_askedAt = now;
    }
    return m_whyNot;
}

std::string WriteAccess::ask(const std::stop_token& stop) {
    const std::string& nameSpace = m_client.session().access().nameSpace;
    for (const kube::AccessFact& fact : kube::neededAccess(nameSpace)) {
        if (fact.purpose != kube::AccessPurpose::Change)
            continue;
        const Result<kube::AccessAnswer> answer = kube::mayI(m_client, fact.question, stop);
        if (!answer)
            return "";
        if (!answer->allowed)
            return fmt::format(
                "This sign-in may not {} in the namespace {}: perch cluster check lists what is missing.",
                fact.question.text(), nameSpace);
    }
    return "";
}

} // namespace perch::kubernetes
