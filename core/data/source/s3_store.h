#pragma once

#include "core/data/source/file_store.h"
#include "core/spec/source_spec.h"

#include <chrono>

namespace perch::data {

bool isS3(std::string_view path);
/// `bucket/key` of `s3://bucket/key`.
std::string pathInStore(std::string_view path);

/// A store on S3 or what speaks its protocol. Requests have deadlines and are repeated a bounded number of times, first
/// after `firstDelay`. NotFound or Denied if a key cannot be resolved.
Result<std::unique_ptr<FileStore>> makeS3Store(const spec::FileSource& source, std::chrono::milliseconds firstDelay);

} // namespace perch::data
