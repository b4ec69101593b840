#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <string>
#include <string_view>

namespace perch {

/// Where a secret is kept: `env:NAME` or `file:PATH` (a file only its owner may read, mode 0600 or stricter). The
/// reference may be shown and stored anywhere; the value is read when it is used and never written.
class SecretReference {
public:
    SecretReference() = default;
    /// InvalidInput if the text is not a reference: a value in its place is not repeated in the message.
    static Result<SecretReference> parse(std::string_view text);

    bool empty() const { return m_text.empty(); }
    const std::string& text() const { return m_text; }
    /// NotFound if the variable or the file is missing or empty; Denied if others may read the file.
    Result<Secret> resolve() const;

private:
    std::string m_text;
};

} // namespace perch
