#include "core/kube/api_session.h"

#include <algorithm>

namespace perch::kube {

namespace {

/// An answer is a page of objects: what is larger is no API.
constexpr std::size_t kLongestAnswer = std::size_t{256} << 20;
constexpr std::string_view kLoopback = "localhost,127.0.0.0/8,::1";

bool isHttps(std::string_view server) {
    return server.starts_with("https://");
}

/// As kubectl: an address without a scheme is https if anything about TLS is said.
std::string withScheme(const KubeAccess& access) {
    std::string server = access.cluster.server;
    while (server.ends_with('/'))
        server.pop_back();
    if (server.find("://") != std::string::npos)
        return server;
    const bool tls = access.cluster.insecure || !access.cluster.authority.empty() ||
                     !access.cluster.authorityFile.empty() || !access.user.certificate.empty() ||
                     !access.user.certificateFile.empty();
    return (tls ? "https://" : "http://") + server;
}

/// The proxy resolves the names, as in kubectl: it may know more of them than we do.
std::string proxyOf(const std::string& url) {
    static constexpr std::string_view kSocks = "socks5://";
    return url.starts_with(kSocks) ? "socks5h://" + url.substr(kSocks.size()) : url;
}

/// Compressing takes longer there than sending.
bool isLoopback(std::string_view host) {
    return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

std::string lowerCase(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

} // namespace

ApiSession::ApiSession(KubeAccess access, ApiOptions options, std::string server, std::string host, const Clock& clock)
    : m_access(std::move(access)),
      m_options(std::move(options)),
      m_server(std::move(server)),
      m_host(std::move(host)),
      m_credentials(m_access, m_options.path, m_options.terminal, clock),
      m_rate(clock) {}

Result<std::shared_ptr<ApiSession>> ApiSession::open(KubeAccess access, ApiOptions options, const Clock& clock) {
    std::string server = withScheme(access);
    if (!isHttps(server) && !server.starts_with("http://"))
        return fail(ErrorCode::InvalidInput, "The server \"{}\" of the context \"{}\" is no http or https address.",
                    shownName(access.cluster.server), shownName(access.context));
    const std::size_t host = server.find("://") + 3;
    std::string name = server.substr(host, server.find('/', host) - host);
    return std::shared_ptr<ApiSession>(
        new ApiSession(std::move(access), std::move(options), std::move(server), std::move(name), clock));
}

http::Client::Options ApiSession::clientOptions(const SignIn& signIn) const {
    const ClusterEntry& cluster = m_access.cluster;
    const UserEntry& user = m_access.user;
    http::Client::Options options{.connectDeadline = m_options.connectDeadline,
                                  .bodyLimit = kLongestAnswer,
                                  .tls = {.authority = cluster.authority,
                                          .authorityFile = cluster.authorityFile,
                                          .certificate = user.certificate,
                                          .certificateFile = user.certificateFile,
                                          .key = user.key,
                                          .keyFile = user.keyFile,
                                          .serverName = isHttps(m_server) ? cluster.tlsServerName : "",
                                          .insecure = cluster.insecure},
                                  .compressed = !isLoopback(m_host)};
    if (!signIn.certificate.empty()) {
        options.tls.certificate = signIn.certificate;
        options.tls.key = signIn.key;
    }
    options.proxy = proxyOf(cluster.proxyUrl);
    if (options.proxy.empty() && !m_options.proxy.empty() && isHttps(m_server)) {
        options.proxy = proxyOf(m_options.proxy);
        options.noProxy = std::string(kLoopback) + (m_options.noProxy.empty() ? "" : ",") + m_options.noProxy;
    }
    return options;
}

http::Headers ApiSession::headers(const SignIn& signIn) const {
    http::Headers headers{{"User-Agent", "perch"}};
    // As kubectl: nothing of it goes over a connection that others can read.
    if (!isHttps(m_server))
        return headers;
    if (!signIn.authorization.empty())
        headers.emplace_back("Authorization", signIn.authorization.reveal());
    const Impersonation& as = m_access.user.as;
    if (!as.user.empty())
        headers.emplace_back("Impersonate-User", as.user);
    if (!as.uid.empty())
        headers.emplace_back("Impersonate-Uid", as.uid);
    for (const std::string& group : as.groups)
        headers.emplace_back("Impersonate-Group", group);
    for (const auto& [key, values] : as.extra) {
        for (const std::string& value : values)
            headers.emplace_back("Impersonate-Extra-" + http::percentEncode(lowerCase(key)), value);
    }
    return headers;
}

} // namespace perch::kube
