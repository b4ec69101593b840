#include "core/base/utf8.h"
#include "core/data/source/file_list.h"
#include "tests/fuzz/fuzzer.h"

#include <algorithm>

namespace {

using namespace perch;

/// A store that lists the lines of the input as its files.
class ListedStore final : public data::FileStore {
public:
    explicit ListedStore(std::string_view bytes) {
        while (!bytes.empty() && m_files.size() < 64)
            m_files.push_back({.path = "d/" + std::string(fuzz::takeLine(bytes)), .size = 1});
    }
    Result<data::StoredFile> look(const std::string& path) override {
        return data::StoredFile{.path = path, .isFolder = true};
    }
    Result<std::vector<data::StoredFile>> list(const std::string&, std::size_t, const std::stop_token&) override {
        return m_files;
    }
    Result<std::shared_ptr<arrow::io::RandomAccessFile>> open(const data::StoredFile&) override {
        return fail(ErrorCode::NotFound, "Nothing is opened here.");
    }
    std::string shown(const std::string& path) const override { return shownText(path); }

private:
    std::vector<data::StoredFile> m_files;
};

} // namespace

/// Paths below a folder: which of them are data, and their `key=value` folders.
PERCH_FUZZER(hive_folder) {
    ListedStore store(bytes);
    const auto list = data::listFiles(store, "d", spec::FileSource::Format::FromName, {});
    fuzz::requireSentence(list);
    if (!list)
        return;
    fuzz::require(!list->files.empty(), "a list has a file");
    for (const data::ListedFile& file : list->files) {
        fuzz::require(file.partition.size() == list->partitionKeys.size(), "each file has a value for each key");
        fuzz::require(file.format != spec::FileSource::Format::FromName, "each file has a format");
    }
    fuzz::require(std::ranges::none_of(list->partitionKeys, &std::string::empty), "a key has a name");
    for (auto key = list->partitionKeys.begin(); key != list->partitionKeys.end(); ++key)
        fuzz::require(std::find(std::next(key), list->partitionKeys.end(), *key) == list->partitionKeys.end(),
                      "a key is there once");
}
