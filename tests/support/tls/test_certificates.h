#pragma once

#include <memory>
#include <string>

namespace perch::test {

/// PEM of a certificate and of its key.
struct KeyPair {
    std::string certificate, key;
};

/// A certificate authority that lives in memory. Its certificates are valid from an hour ago.
class TestAuthority {
public:
    explicit TestAuthority(const std::string& name = "perch test authority");
    ~TestAuthority();

    std::string certificate() const; ///< its own, PEM
    /// `names` as OpenSSL writes alternative names (`DNS:localhost,IP:127.0.0.1`); valid for `seconds` from now, which
    /// may be negative.
    KeyPair issue(const std::string& commonName, const std::string& names = "", long seconds = 3'600) const;
    /// For a server on loopback.
    KeyPair issueServer() const { return issue("server", "DNS:localhost,IP:127.0.0.1"); }

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace perch::test
