#pragma once

#include "core/base/secret.h"

#include <filesystem>
#include <string>

namespace perch::http {

/// What the other side of a TLS connection is checked against, and who we say that we are; all of it PEM. A text goes
/// before its file; a file is read again for each new connection.
struct Tls {
    std::string authority; ///< who may have signed the other side's certificate; nothing: whom the system trusts
    std::filesystem::path authorityFile;
    std::string certificate; ///< ours; nothing: we show none
    std::filesystem::path certificateFile;
    Secret key; ///< of our certificate
    std::filesystem::path keyFile;
    std::string serverName; ///< asked for, and looked for in the certificate; nothing: the host of the URL
    bool insecure = false;  ///< whoever answers is believed
};

} // namespace perch::http
