#include "core/kube/credentials.h"

#include "core/base/base64.h"
#include "core/base/file.h"

namespace perch::kube {

namespace {

constexpr std::size_t kLongestToken = std::size_t{1} << 20;
/// A sign-in that ends during the request is of no use.
constexpr std::chrono::seconds kExpiryMargin{10};

Secret bearer(std::string_view token) {
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' '))
        token.remove_suffix(1);
    return Secret("Bearer " + std::string(token));
}

} // namespace

std::string signInOf(const UserEntry& user) {
    std::string text = "nothing";
    if (!user.token.empty() || !user.tokenFile.empty())
        text = "token";
    else if (!user.name.empty())
        text = "password";
    else if (user.exec)
        text = "plugin " + user.exec->command;
    else if (!user.certificate.empty() || !user.certificateFile.empty())
        text = "certificate";
    return user.as.user.empty() ? text : fmt::format("{}, as {}", text, user.as.user);
}

Credentials::Credentials(KubeAccess access, std::string path, Program::Terminal terminal, const Clock& clock)
    : m_access(std::move(access)), m_path(std::move(path)), m_terminal(terminal), m_clock(&clock) {}

Result<SignIn> Credentials::current(const std::stop_token& stop) {
    const UserEntry& user = m_access.user;
    if (!user.tokenFile.empty())
        return SignIn{.authorization = bearer(TRY(readFile(user.tokenFile, kLongestToken)))};
    if (!user.token.empty())
        return SignIn{.authorization = bearer(user.token.reveal())};
    if (!user.name.empty())
        return SignIn{.authorization = Secret("Basic " + toBase64(user.name + ":" + user.password.reveal()))};
    if (user.exec)
        return fromPlugin(stop);
    return SignIn();
}

Result<SignIn> Credentials::fromPlugin(const std::stop_token& stop) {
    const std::scoped_lock lock(m_mutex);
    if (m_kept && m_kept->expires && m_clock->now() + kExpiryMargin >= *m_kept->expires)
        m_kept.reset();
    if (!m_kept) {
        m_kept = TRY(runExecPlugin(*m_access.user.exec, m_access.cluster, m_path, m_terminal, stop));
        ++m_number;
    }
    return SignIn{.authorization = m_kept->token.empty() ? Secret() : bearer(m_kept->token.reveal()),
                  .certificate = m_kept->certificate,
                  .key = m_kept->key,
                  .number = m_number};
}

bool Credentials::refused(const SignIn& used) {
    if (used.number == 0)
        return false;
    const std::scoped_lock lock(m_mutex);
    // Another request may have met the same refusal first.
    if (used.number == m_number)
        m_kept.reset();
    return true;
}

} // namespace perch::kube
