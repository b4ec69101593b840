#pragma once

#include "core/base/result.h"

#include <string_view>

namespace arrow {
class Status;
}

namespace perch::data {

/// What Arrow complains about while reading `name`, as one sentence. The code follows from Arrow's and, for S3, from
/// the store's own word (`NoSuchBucket`, `AccessDenied`).
Error arrowError(const arrow::Status& status, std::string_view name);

} // namespace perch::data
