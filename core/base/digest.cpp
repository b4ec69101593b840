#include "core/base/digest.h"

#include "core/base/file.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>

namespace perch {

struct Sha256::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256()
    : m_state(std::make_unique<State>()) {
    EVP_DigestInit_ex(m_state->context, EVP_sha256(), nullptr);
}

Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
    EVP_DigestUpdate(m_state->context, bytes.data(), bytes.size());
}

Digest Sha256::finish() {
    std::array<unsigned char, 32> bytes{};
    EVP_DigestFinal_ex(m_state->context, bytes.data(), nullptr);
    std::string hex;
    hex.reserve(64);
    for (unsigned char byte : bytes)
        hex += fmt::format("{:02x}", byte);
    return *Digest::parse(hex);
}

Digest sha256(std::string_view bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.finish();
}

Result<Digest> sha256File(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return fileError(file, "read");
    Sha256 hash;
    std::array<char, 1 << 16> buffer;
    while (stream) {
        stream.read(buffer.data(), buffer.size());
        hash.update({buffer.data(), static_cast<std::size_t>(stream.gcount())});
    }
    if (stream.bad())
        return fileError(file, "read");
    return hash.finish();
}

} // namespace perch
