#pragma once

#include "core/data/source/batch_source.h"
#include "tests/support/test_support.h"

namespace perch::data {

/// All rows of a source as texts, for tests: `a|b|c`, and `-` for a null.
struct SourceRows {
    std::vector<std::string> columns;
    std::vector<std::string> rows;
    std::vector<std::string> places;
    Digest content;
    SourceCounts counts;
};

Result<SourceRows> readRows(const spec::SourceSpec& source, const SourceContext& context, std::stop_token stop = {});
spec::SourceSpec fileSource(const std::string& path, char delimiter = '\0',
                            spec::FileSource::Format format = spec::FileSource::Format::FromName);

} // namespace perch::data
