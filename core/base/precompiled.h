#pragma once

// Precompiled for every room of core (see cmake/Rooms.cmake); no source may rely on it: headers are compiled without.
#include "core/base/result.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>
