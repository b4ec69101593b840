#pragma once

#include "core/base/secret_reference.h"

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace perch::spec {

class YamlSection;

/// Files: one path, a glob, or a folder of a Hive-partitioned dataset; local, or `s3://bucket/key`.
struct FileSource {
    enum class Format { FromName, Csv, Tsv, JsonLines, Parquet };
    std::string path; ///< a relative one is taken from the folder of perch.yaml
    Format format = Format::FromName;
    char delimiter = '\0';    ///< Csv; NUL: comma for Csv, tab for Tsv
    std::string endpoint = {}; ///< S3: scheme, host and port; empty for the public service of the region
    std::string region = {};
    SecretReference accessKey = {}, secretKey = {}; ///< S3; both empty: anonymous
};

/// One read-only query.
struct PostgresSource {
    std::string connection; ///< libpq's keywords or URI, without a password
    SecretReference password = {};
    std::string query;
};

/// Pages of JSON records.
struct RestSource {
    std::string url;
    std::string preset = {};                        ///< `shopify-orders`, `shopify-customers`, or empty
    SecretReference token = {};
    std::string tokenHeader = {};                   ///< default `Authorization` with `Bearer `, or the preset's
    std::string records = {};                       ///< JSON pointer of the array of records; empty: the document
    std::map<std::string, std::string> fields = {}; ///< column -> JSON pointer within a record
    std::uint32_t pages = 10'000;                   ///< more pages than this is an error, not a cut
};

struct SourceSpec {
    std::string name;
    std::variant<FileSource, PostgresSource, RestSource> from;
};

/// The section `sources`.
Result<void> readSources(const YamlSection& top, std::vector<SourceSpec>& sources);

} // namespace perch::spec
