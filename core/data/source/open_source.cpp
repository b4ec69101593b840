#include "core/data/source/batch_source.h"
#include "core/data/source/files_source.h"

#include <cstdlib>
#include <new>

namespace perch::data {

namespace {

Result<std::unique_ptr<BatchSource>> openAny(const spec::SourceSpec& source, const SourceContext& context,
                                             const std::stop_token& stop) {
    if (const auto* files = std::get_if<spec::FileSource>(&source.from))
        return openFilesSource(*files, context, stop);
    return fail(ErrorCode::InvalidInput, "The kind of the source {} cannot be read yet.", source.name);
}

} // namespace

Result<std::unique_ptr<BatchSource>> openSource(const spec::SourceSpec& source, const SourceContext& context,
                                                std::stop_token stop) {
    try {
        return openAny(source, context, stop);
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::Unavailable, "The source {} does not fit into memory.", source.name);
    } catch (const std::exception& error) {
        return fail(ErrorCode::Internal, "Opening the source {} failed: {}.", source.name, error.what());
    }
}

spec::SourceSpec sourceOfPath(std::string_view path) {
    spec::FileSource file{.path = std::string(path)};
    if (path.starts_with("s3://")) {
        const auto variable = [](const char* name) { return std::string(std::getenv(name) ? std::getenv(name) : ""); };
        file.endpoint = variable("AWS_ENDPOINT_URL");
        file.region = variable("AWS_REGION");
        if (!variable("AWS_ACCESS_KEY_ID").empty()) {
            file.accessKey = SecretReference::parse("env:AWS_ACCESS_KEY_ID").value();
            file.secretKey = SecretReference::parse("env:AWS_SECRET_ACCESS_KEY").value();
        }
    }
    return {.name = std::string(path), .from = std::move(file)};
}

} // namespace perch::data
