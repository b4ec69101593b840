#pragma once

#include "core/data/source/batch_source.h"

namespace perch::data {

/// A page that is longer is an error; it bounds what is held at once.
constexpr std::size_t kLargestPage = std::size_t{16} << 20;

/// Reads pages of JSON records that are chained by Link headers; a link to another scheme, host or port is an error,
/// since the token would go with it. Records that come again with the same id are dropped and counted. Without `fields`
/// the columns are those of the first page with records. More pages than the source allows are InvalidInput. The digest
/// is over the records' pages as received.
Result<std::unique_ptr<BatchSource>> openRestSource(const spec::RestSource& source, std::string name,
                                                    const SourceContext& context, const std::stop_token& stop);

} // namespace perch::data
