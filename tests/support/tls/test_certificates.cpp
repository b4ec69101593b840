#include "tests/support/tls/test_certificates.h"

#include <atomic>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdexcept>

namespace perch::test {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr long kHour = 3'600;

void must(bool done) {
    if (!done)
        throw std::runtime_error("OpenSSL cannot make a certificate for the tests");
}

Key newKey() {
    Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    must(key != nullptr);
    return key;
}

template <typename Write>
std::string pem(const Write& write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    must(out != nullptr && write(out.get()) == 1);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

void addExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

Certificate newCertificate(const std::string& name, EVP_PKEY* key, long seconds) {
    static std::atomic<long> serial{1};
    Certificate certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kHour);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), seconds);
    X509_set_pubkey(certificate.get(), key);
    must(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0) == 1);
    return certificate;
}

std::string toPem(X509* certificate) {
    return pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

} // namespace

struct TestAuthority::State {
    Key key{nullptr, &EVP_PKEY_free};
    Certificate certificate{nullptr, &X509_free};
};

TestAuthority::TestAuthority(const std::string& name) : m_state(std::make_unique<State>()) {
    m_state->key = newKey();
    m_state->certificate = newCertificate(name, m_state->key.get(), 24 * kHour);
    X509* const own = m_state->certificate.get();
    X509_set_issuer_name(own, X509_get_subject_name(own));
    addExtension(own, own, NID_basic_constraints, "critical,CA:TRUE");
    addExtension(own, own, NID_key_usage, "critical,keyCertSign");
    must(X509_sign(own, m_state->key.get(), EVP_sha256()) > 0);
}

TestAuthority::~TestAuthority() = default;

std::string TestAuthority::certificate() const {
    return toPem(m_state->certificate.get());
}

KeyPair TestAuthority::issue(const std::string& commonName, const std::string& names, long seconds) const {
    const Key key = newKey();
    const Certificate certificate = newCertificate(commonName, key.get(), seconds);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(m_state->certificate.get()));
    if (!names.empty())
        addExtension(certificate.get(), m_state->certificate.get(), NID_subject_alt_name, names);
    must(X509_sign(certificate.get(), m_state->key.get(), EVP_sha256()) > 0);
    return {toPem(certificate.get()), pem([&](BIO* out) {
                return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
            })};
}

} // namespace perch::test
