#include "core/spec/source_spec.h"

#include "core/spec/yaml_section.h"

#include <algorithm>
#include <array>

namespace perch::spec {

namespace {

constexpr std::string_view kFileKeys[] = {"path",     "format", "delimiter", "endpoint",
                                          "region", "access_key", "secret_key"};
constexpr std::string_view kPostgresKeys[] = {"postgres", "password", "query"};
constexpr std::string_view kRestKeys[] = {"rest", "preset", "token", "token_header", "records", "fields", "pages"};
constexpr std::string_view kFormatWords[] = {"csv", "tsv", "jsonl", "parquet"};
constexpr std::string_view kPresetWords[] = {"shopify-orders", "shopify-customers"};
constexpr std::uint32_t kMostPages = 1'000'000;

Result<void> readReference(const YamlSection& section, std::string_view key, SecretReference& reference) {
    if (!section.has(key))
        return {};
    std::string text;
    TRY(section.readText(key, text));
    Result<SecretReference> parsed = SecretReference::parse(text);
    if (!parsed)
        return section.errorAt(key, parsed.error().message);
    reference = *std::move(parsed);
    return {};
}

bool isWebAddress(std::string_view text) {
    return text.starts_with("http://") || text.starts_with("https://");
}

/// `user:secret@` before the host of a URL.
bool holdsUser(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos)
        return false;
    const std::string_view rest = url.substr(scheme + 3);
    return rest.substr(0, rest.find_first_of("/?#")).find('@') != std::string_view::npos;
}

bool isLoopback(std::string_view url) {
    std::string_view host = url.substr(url.find("://") + 3);
    host = host.substr(0, host.find_first_of("/?#"));
    host = host.substr(0, host.starts_with('[') ? host.find(']') + 1 : host.find(':'));
    return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

Result<void> readStore(const YamlSection& section, FileSource& file) {
    TRY(section.readText("endpoint", file.endpoint));
    TRY(section.readText("region", file.region));
    TRY(readReference(section, "access_key", file.accessKey));
    TRY(readReference(section, "secret_key", file.secretKey));
    for (const std::string_view key : {"endpoint", "region", "access_key", "secret_key"}) {
        if (section.has(key) && !file.path.starts_with("s3://"))
            return section.errorAt(key, "is only for a path that begins with s3://.");
    }
    if (section.has("endpoint") && (!isWebAddress(file.endpoint) || holdsUser(file.endpoint)))
        return section.errorAt("endpoint", "must be an address like http://127.0.0.1:9000.");
    if (file.accessKey.empty() != file.secretKey.empty())
        return section.errorAt(file.accessKey.empty() ? "secret_key" : "access_key",
                               "needs the other of access_key and secret_key beside it.");
    return {};
}

Result<FileSource> readFile(const YamlSection& section) {
    FileSource file;
    TRY(section.readText("path", file.path));
    if (section.has("format")) {
        std::size_t word = 0;
        TRY(section.readWord("format", word, kFormatWords));
        file.format = static_cast<FileSource::Format>(word + 1);
    }
    if (section.has("delimiter")) {
        std::string text;
        TRY(section.readText("delimiter", text));
        const bool good = text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80 &&
                          std::string_view("\"\r\n").find(text[0]) == std::string_view::npos;
        if (!good)
            return section.errorAt("delimiter", "must be one ASCII character, not a quote or line break.");
        if (file.format == FileSource::Format::JsonLines || file.format == FileSource::Format::Parquet)
            return section.errorAt("delimiter", "is only for csv and tsv.");
        file.delimiter = text[0];
    }
    TRY(readStore(section, file));
    return file;
}

Result<PostgresSource> readPostgres(const YamlSection& section) {
    PostgresSource postgres;
    TRY(section.readText("postgres", postgres.connection));
    const std::size_t user = postgres.connection.find("://");
    const bool inAddress = user != std::string::npos && holdsUser(postgres.connection) &&
                           postgres.connection.find(':', user + 3) < postgres.connection.find('@');
    if (inAddress || postgres.connection.find("password") != std::string::npos)
        return section.errorAt("postgres", "must not hold a password; refer to it: 'password: env:NAME'.");
    TRY(readReference(section, "password", postgres.password));
    if (!section.has("query"))
        return section.errorHere("the key 'query' is missing beside 'postgres'.");
    TRY(section.readText("query", postgres.query));
    return postgres;
}

Result<void> readPointer(const YamlSection& section, std::string_view key, std::string& pointer) {
    TRY(section.readText(key, pointer));
    if (section.has(key) && !pointer.starts_with('/'))
        return section.errorAt(key, "must be a JSON pointer such as /orders.");
    return {};
}

Result<RestSource> readRest(const YamlSection& section) {
    RestSource rest;
    TRY(section.readText("rest", rest.url));
    if (!isWebAddress(rest.url) || holdsUser(rest.url))
        return section.errorAt("rest", "must be an address that begins with https:// or http:// and holds no user.");
    TRY(readReference(section, "token", rest.token));
    if (!rest.token.empty() && rest.url.starts_with("http://") && !isLoopback(rest.url))
        return section.errorAt("rest", "must begin with https://: anyone on the way could read the token.");
    TRY(section.readText("token_header", rest.tokenHeader));
    if (rest.tokenHeader.find_first_of(": \t\r\n") != std::string::npos)
        return section.errorAt("token_header", "must be the name of a header.");
    if (section.has("preset")) {
        std::size_t word = 0;
        TRY(section.readWord("preset", word, kPresetWords));
        rest.preset = kPresetWords[word];
        for (const std::string_view key : {"records", "fields"}) {
            if (section.has(key))
                return section.errorAt(key, "is known from the preset.");
        }
    }
    TRY(readPointer(section, "records", rest.records));
    if (section.has("fields")) {
        const YamlSection fields = TRY(section.namedSection("fields"));
        for (const std::string& column : fields.keys())
            TRY(readPointer(fields, column, rest.fields[column]));
    }
    TRY(section.readInteger("pages", rest.pages, 1, kMostPages));
    return rest;
}

Result<SourceSpec> readSource(const YamlSection& sources, const std::string& name) {
    const YamlSection any = TRY(sources.namedSection(name));
    const auto kinds = std::array{any.has("path"), any.has("postgres"), any.has("rest")};
    if (std::ranges::count(kinds, true) != 1)
        return sources.errorAt(name, "must have exactly one of path, postgres and rest.");
    SourceSpec source{.name = name, .from = FileSource{}};
    if (kinds[0])
        source.from = TRY(readFile(TRY(sources.section(name, kFileKeys))));
    else if (kinds[1])
        source.from = TRY(readPostgres(TRY(sources.section(name, kPostgresKeys))));
    else
        source.from = TRY(readRest(TRY(sources.section(name, kRestKeys))));
    return source;
}

} // namespace

Result<void> readSources(const YamlSection& top, std::vector<SourceSpec>& sources) {
    if (!top.has("sources"))
        return {};
    const YamlSection section = TRY(top.namedSection("sources"));
    for (const std::string& name : section.keys())
        sources.push_back(TRY(readSource(section, name)));
    if (sources.empty())
        return top.errorAt("sources", "must name at least one source.");
    return {};
}

} // namespace perch::spec
