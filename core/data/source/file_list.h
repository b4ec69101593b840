#pragma once

#include "core/data/source/file_store.h"
#include "core/spec/source_spec.h"

#include <optional>

namespace perch::data {

/// One file of a source, with the partition it lies in.
struct ListedFile {
    StoredFile file;
    std::string name; ///< as the person would write it
    spec::FileSource::Format format = spec::FileSource::Format::Csv;
    std::vector<std::optional<std::string>> partition = {}; ///< a value per key, nothing for Hive's default partition
};

/// The files of a source in the order of their paths, at least one.
struct FileList {
    std::vector<ListedFile> files;
    std::vector<std::string> partitionKeys; ///< of `key=value` folders; the same for all files
};

/// Finds the files that a path, a glob or a folder names. In a folder only files count whose names end like data and do
/// not begin with `.` or `_`. A format that is not given follows from the name: .tsv, .jsonl, .ndjson, .parquet, also
/// with .gz or .zst behind; everything else is CSV. NotFound if nothing matches; InvalidInput for a folder without
/// data or files whose partitions differ.
Result<FileList> listFiles(FileStore& store, const std::string& path, spec::FileSource::Format format,
                           const std::stop_token& stop);

} // namespace perch::data
