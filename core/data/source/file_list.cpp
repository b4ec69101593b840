#include "core/data/source/file_list.h"

#include "core/base/utf8.h"
#include "core/data/source/glob.h"
#include "core/http/message.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace perch::data {

namespace {

using Format = spec::FileSource::Format;

constexpr std::string_view kNoPartition = "__HIVE_DEFAULT_PARTITION__";

std::string_view withoutEnding(std::string_view name, std::string_view ending) {
    return name.ends_with(ending) ? name.substr(0, name.size() - ending.size()) : name;
}

/// What the end of a name says; nothing if it is none of ours.
std::optional<Format> formatOf(std::string_view path) {
    const std::string_view name = withoutEnding(withoutEnding(path, ".gz"), ".zst");
    if (name.ends_with(".csv"))
        return Format::Csv;
    if (name.ends_with(".tsv") || name.ends_with(".tab"))
        return Format::Tsv;
    if (name.ends_with(".jsonl") || name.ends_with(".ndjson"))
        return Format::JsonLines;
    if (name.ends_with(".parquet"))
        return Format::Parquet;
    return std::nullopt;
}

std::string_view lastSegment(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

bool isData(const std::string& path, std::string_view base, Format format) {
    std::string_view inside = std::string_view(path).substr(base.size());
    while (!inside.empty()) {
        const std::size_t slash = std::min(inside.find('/'), inside.size());
        const std::string_view segment = inside.substr(0, slash);
        if (segment.starts_with('.') || segment.starts_with('_'))
            return false;
        inside.remove_prefix(std::min(slash + 1, inside.size()));
    }
    return format != Format::FromName || formatOf(path);
}

/// Reads `key=value` folders below `base` into the file; the keys are returned.
std::vector<std::string> readPartition(ListedFile& listed, std::size_t base) {
    std::vector<std::string> keys;
    std::string_view inside = std::string_view(listed.file.path).substr(std::min(base, listed.file.path.size()));
    inside = inside.substr(0, inside.size() - lastSegment(inside).size());
    while (!inside.empty()) {
        const std::size_t slash = std::min(inside.find('/'), inside.size());
        const std::string_view segment = inside.substr(0, slash);
        if (const std::size_t equals = segment.find('='); equals != std::string_view::npos && equals > 0) {
            keys.push_back(http::percentDecode(segment.substr(0, equals)));
            const std::string_view value = segment.substr(equals + 1);
            listed.partition.push_back(value == kNoPartition ? std::nullopt
                                                             : std::optional(http::percentDecode(value)));
        }
        inside.remove_prefix(std::min(slash + 1, inside.size()));
    }
    return keys;
}

std::string shownKeys(const std::vector<std::string>& keys) {
    std::vector<std::string> shown;
    for (const std::string& key : keys)
        shown.push_back(shownText(key));
    return fmt::format("[{}]", fmt::join(shown, ", "));
}

Result<FileList> makeList(const FileStore& store, std::vector<StoredFile> files, std::string_view base,
                          Format format) {
    FileList list;
    for (StoredFile& file : files) {
        ListedFile listed{.file = std::move(file)};
        listed.name = store.shown(listed.file.path);
        listed.format = format == Format::FromName ? formatOf(listed.file.path).value_or(Format::Csv) : format;
        std::vector<std::string> keys = readPartition(listed, base.size());
        for (auto key = keys.begin(); key != keys.end(); ++key) {
            if (std::find(std::next(key), keys.end(), *key) != keys.end())
                return fail(ErrorCode::InvalidInput, "{} lies in two folders of the key \"{}\".", listed.name,
                            shownText(*key));
        }
        if (list.files.empty())
            list.partitionKeys = std::move(keys);
        else if (keys != list.partitionKeys)
            return fail(ErrorCode::InvalidInput, "{} lies in folders with the keys {}, but {} with {}.",
                        listed.name, shownKeys(keys), list.files.front().name, shownKeys(list.partitionKeys));
        list.files.push_back(std::move(listed));
    }
    return list;
}

Result<FileList> listFolder(FileStore& store, std::string folder, Format format, const std::stop_token& stop) {
    while (folder.size() > 1 && folder.ends_with('/'))
        folder.pop_back();
    std::vector<StoredFile> files = TRY(store.list(folder, 0, stop));
    std::erase_if(files, [&](const StoredFile& file) { return !isData(file.path, folder, format); });
    if (files.empty())
        return fail(ErrorCode::InvalidInput, "{} is a folder without CSV, TSV, JSON Lines or Parquet files.",
                    store.shown(folder));
    return makeList(store, std::move(files), folder, format);
}

} // namespace

Result<FileList> listFiles(FileStore& store, const std::string& path, Format format, const std::stop_token& stop) {
    const Result<StoredFile> one = store.look(path);
    if (one && one->isFolder)
        return listFolder(store, path, format, stop);
    // A file whose very name holds a bracket is meant as it is.
    if (one)
        return makeList(store, {*one}, path, format);
    if (!isGlob(path) || one.error().code != ErrorCode::NotFound)
        return one.error();
    const std::string base = globBase(path);
    std::vector<StoredFile> files = TRY(store.list(base.empty() && path.starts_with('/') ? "/" : base,
                                                   globDepth(path), stop));
    std::erase_if(files, [&](const StoredFile& file) { return !matchesGlob(path, file.path); });
    if (files.empty())
        return fail(ErrorCode::NotFound, "No file matches {}.", store.shown(path));
    return makeList(store, std::move(files), base, format);
}

} // namespace perch::data
