#include "core/base/secret_reference.h"

#include "core/base/file.h"

#include <cstdlib>

#include <sys/stat.h>

namespace perch {

namespace {

constexpr std::string_view kEnvironment = "env:";
constexpr std::string_view kFile = "file:";
constexpr std::size_t kLargestSecret = 64 * 1024;

Result<Secret> fromEnvironment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0')
        return fail(ErrorCode::NotFound, "The environment variable {} is not set; a secret is expected there.", name);
    return Secret(value);
}

Result<Secret> fromFile(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return fail(ErrorCode::NotFound, "The file {} is missing; a secret is expected there.", path);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fail(ErrorCode::Denied, "{} holds a secret but others may read it; run chmod 600 on it.", path);
    std::string value = TRY(readFile(path, kLargestSecret));
    while (!value.empty() && (value.back() == '\n' || value.back() == '\r'))
        value.pop_back();
    if (value.empty())
        return fail(ErrorCode::NotFound, "The file {} is empty; a secret is expected there.", path);
    return Secret(std::move(value));
}

} // namespace

Result<SecretReference> SecretReference::parse(std::string_view text) {
    const bool known = (text.starts_with(kEnvironment) && text.size() > kEnvironment.size()) ||
                       (text.starts_with(kFile) && text.size() > kFile.size());
    if (!known)
        return fail(ErrorCode::InvalidInput,
                    "must be a reference like env:NAME or file:/path, never the secret itself.");
    SecretReference reference;
    reference.m_text = text;
    return reference;
}

Result<Secret> SecretReference::resolve() const {
    if (m_text.starts_with(kEnvironment))
        return fromEnvironment(m_text.substr(kEnvironment.size()));
    return fromFile(m_text.substr(kFile.size()));
}

} // namespace perch
