#pragma once

#include <string>

namespace perch {

/// `user@host` of whoever runs this program, for journal, audit and locks.
std::string processIdentity();

} // namespace perch
