#pragma once

#include <string>

namespace perch {

/// The value of a variable of this process's environment; empty if it is not set.
std::string environmentText(const char* name);

} // namespace perch
