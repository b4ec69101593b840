#pragma once

#include "core/data/source/batch_source.h"

namespace perch::data {

/// Opens a source of files: one, or several with the same columns that are read one after another in the order of their
/// paths; `key=value` folders become columns of texts behind those of the files.
Result<std::unique_ptr<BatchSource>> openFilesSource(const spec::FileSource& files, const SourceContext& context,
                                                     const std::stop_token& stop);

} // namespace perch::data
