#include "core/model/predict/package.h"

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/model/predict/model_card_json.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>

namespace perch::model {

namespace {

constexpr const char* kManifest = "manifest.json";
constexpr std::size_t kLargestManifest = std::size_t{1} << 20;
constexpr std::size_t kLargestPart = std::size_t{256} << 20;
constexpr std::size_t kLargestModel = std::size_t{1} << 30;
constexpr std::array kParts = {"model.ubj", "transform.json", "reference.json",
                               "card.json", "capsule.json",   "check.json"};

using PartBytes = std::map<std::string, std::string>;

PartBytes bytesOf(const PackageParts& parts) {
    return {{"model.ubj", parts.booster},
            {"transform.json", parts.transform.toJson().dump(1)},
            {"reference.json", parts.reference.toJson().dump(1)},
            {"card.json", toJson(parts.card).dump(1)},
            {"capsule.json", parts.capsule},
            {"check.json", parts.check}};
}

std::string manifestOf(const PartBytes& bytes) {
    nlohmann::json digests = nlohmann::json::object();
    for (const auto& [name, content] : bytes)
        digests[name] = sha256(content).hex();
    return nlohmann::json{{"schema", 1}, {"parts", std::move(digests)}}.dump(1);
}

Error corrupt(const std::filesystem::path& file, std::string_view why) {
    Error error = fail(ErrorCode::Corrupt, "The package part {} {}.", file.string(), why);
    error.where = file.string();
    return error;
}

/// Reads one part; a file that is gone is damage, because the manifest promises it.
Result<std::string> readPart(const std::filesystem::path& file, std::size_t limit) {
    Result<std::string> bytes = readFile(file, limit);
    if (!bytes && bytes.error().code == ErrorCode::NotFound)
        return corrupt(file, "is missing");
    return bytes;
}

Result<nlohmann::json> readManifest(const std::filesystem::path& folder, const Digest& expected, Digest& digest) {
    std::error_code code;
    if (!std::filesystem::is_directory(folder, code)) {
        Error error = fail(ErrorCode::NotFound, "There is no package folder {}.", folder.string());
        error.where = folder.string();
        return error;
    }
    const std::filesystem::path file = folder / kManifest;
    const std::string bytes = TRY(readPart(file, kLargestManifest));
    digest = sha256(bytes);
    if (!expected.empty() && digest != expected)
        return corrupt(file, fmt::format("has the digest {} instead of {}", digest.shortHex(), expected.shortHex()));
    Result<nlohmann::json> manifest = parseJson(bytes, file.string());
    if (!manifest || !manifest->is_object() || !manifest->contains("parts") || !(*manifest)["parts"].is_object() ||
        manifest->value("schema", nlohmann::json()) != 1)
        return corrupt(file, "is not a manifest that this version knows");
    return manifest;
}

/// All parts, each with the digest that the manifest names.
Result<PartBytes> readParts(const std::filesystem::path& folder, const nlohmann::json& manifest) {
    PartBytes parts;
    for (const char* name : kParts) {
        const std::filesystem::path file = folder / name;
        const auto digest = manifest["parts"].find(name);
        if (digest == manifest["parts"].end() || !digest->is_string())
            return corrupt(file, "is not in the manifest");
        const bool isModel = std::string_view(name) == "model.ubj";
        std::string bytes = TRY(readPart(file, isModel ? kLargestModel : kLargestPart));
        if (sha256(bytes).hex() != digest->get<std::string>())
            return corrupt(file, "differs from its digest in the manifest");
        parts[name] = std::move(bytes);
    }
    return parts;
}

/// Turns what the parser says about a part into Corrupt: its digest is right, so it was written wrongly.
template <typename T, typename Parse>
Result<T> parsePart(const std::filesystem::path& folder, const PartBytes& parts, const char* name, Parse parse) {
    const std::filesystem::path file = folder / name;
    Result<nlohmann::json> document = parseJson(parts.at(name), name);
    if (!document)
        return corrupt(file, "is not JSON");
    Result<T> value = parse(*document);
    if (!value)
        return corrupt(file, fmt::format("is not usable: {}", value.error().message));
    return value;
}

} // namespace

Result<Package> Package::load(const std::filesystem::path& folder, const Digest& expected) {
    Package package;
    package.folder = folder;
    const nlohmann::json manifest = TRY(readManifest(folder, expected, package.digest));
    PartBytes parts = TRY(readParts(folder, manifest));
    Result<ModelCard> card = parsePart<ModelCard>(folder, parts, "card.json", modelCardFromJson);
    package.card = TRY(std::move(card));
    Result<data::RowTransform> transform =
        parsePart<data::RowTransform>(folder, parts, "transform.json", data::RowTransform::fromJson);
    package.transform = TRY(std::move(transform));
    Result<data::ReferenceProfile> reference =
        parsePart<data::ReferenceProfile>(folder, parts, "reference.json", data::ReferenceProfile::fromJson);
    package.reference = TRY(std::move(reference));
    package.booster = std::move(parts["model.ubj"]);
    package.check = std::move(parts["check.json"]);
    return package;
}

Package packageOf(const PackageParts& parts) {
    return {.card = parts.card,
            .transform = parts.transform,
            .reference = parts.reference,
            .booster = parts.booster,
            .check = parts.check};
}

Digest digestOf(const PackageParts& parts) {
    return sha256(manifestOf(bytesOf(parts)));
}

Result<Digest> writePackage(const PackageParts& parts, const std::filesystem::path& destination) {
    const PartBytes bytes = bytesOf(parts);
    const std::string manifest = manifestOf(bytes);
    const Digest digest = sha256(manifest);
    std::error_code code;
    const std::filesystem::path target = std::filesystem::absolute(destination, code).lexically_normal();
    // A trailing slash would make the parent the folder itself.
    const std::filesystem::path folder = target.has_filename() ? target : target.parent_path();
    // An empty folder is replaced by the rename below.
    if (std::filesystem::exists(folder, code) && !std::filesystem::is_empty(folder, code)) {
        const Result<Package> existing = Package::load(folder, digest);
        if (existing)
            return digest;
        return fail(ErrorCode::Conflict, "{} already exists and is not this package.", folder.string());
    }
    if (!std::filesystem::exists(folder.parent_path(), code))
        TRY(makePrivateFolder(folder.parent_path()));
    TemporaryFolder temporary =
        TRY(TemporaryFolder::create("." + folder.filename().string() + "-", folder.parent_path()));
    for (const auto& [name, content] : bytes)
        TRY(writeFileAtomically(temporary.path() / name, content));
    TRY(writeFileAtomically(temporary.path() / kManifest, manifest));
    std::filesystem::rename(temporary.path(), folder, code);
    if (code) {
        errno = code.value();
        return fileError(folder, "write the package");
    }
    temporary.release();
    TRY(syncPath(folder.parent_path()));
    return digest;
}

} // namespace perch::model
