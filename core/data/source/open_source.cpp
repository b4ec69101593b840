#include "core/base/environment.h"
#include "core/data/source/batch_source.h"
#include "core/data/source/files_source.h"
#include "core/data/source/postgres_source.h"
#include "core/data/source/rest_source.h"

#include <new>

namespace perch::data {

namespace {

Result<std::unique_ptr<BatchSource>> openAny(const spec::SourceSpec& source, const SourceContext& context,
                                             const std::stop_token& stop) {
    if (const auto* files = std::get_if<spec::FileSource>(&source.from))
        return openFilesSource(*files, context, stop);
    if (const auto* postgres = std::get_if<spec::PostgresSource>(&source.from))
        return openPostgresSource(*postgres, source.name, context, stop);
    return openRestSource(std::get<spec::RestSource>(source.from), source.name, context, stop);
}

/// Runs what may throw; exceptions of libraries end here.
template <typename Work>
auto guarded(const std::string& name, Work&& work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::Unavailable, "The source {} does not fit into memory.", name);
    } catch (const std::exception& error) {
        return fail(ErrorCode::Internal, "Reading the source {} failed: {}.", name, error.what());
    }
}

/// A source that throws nothing and stays failed once it has failed.
class SafeSource final : public BatchSource {
public:
    explicit SafeSource(std::unique_ptr<BatchSource> source) : m_source(std::move(source)) {}

    const std::vector<std::string>& columns() const override { return m_source->columns(); }
    Result<std::optional<SourceBatch>> next(std::stop_token stop) override {
        if (m_failure)
            return *m_failure;
        auto batch = guarded(name(), [&] { return m_source->next(stop); });
        if (!batch)
            m_failure = batch.error();
        return batch;
    }
    std::string place(std::uint64_t row) const override { return m_source->place(row); }
    Digest content() const override { return m_source->content(); }
    const SourceCounts& counts() const override { return m_source->counts(); }
    std::string name() const override { return m_source->name(); }
    bool hasHeader() const override { return m_source->hasHeader(); }
    double share() const override { return m_source->share(); }

private:
    std::unique_ptr<BatchSource> m_source;
    std::optional<Error> m_failure;
};

} // namespace

Result<std::unique_ptr<BatchSource>> openSource(const spec::SourceSpec& source, const SourceContext& context,
                                                std::stop_token stop) {
    auto opened = TRY(guarded(source.name, [&] { return openAny(source, context, stop); }));
    return std::make_unique<SafeSource>(std::move(opened));
}

spec::SourceSpec sourceOfPath(std::string_view path) {
    spec::FileSource file{.path = std::string(path)};
    if (path.starts_with("s3://")) {
        file.endpoint = environmentText("AWS_ENDPOINT_URL");
        file.region = environmentText("AWS_REGION");
        if (!environmentText("AWS_ACCESS_KEY_ID").empty()) {
            file.accessKey = SecretReference::parse("env:AWS_ACCESS_KEY_ID").value();
            file.secretKey = SecretReference::parse("env:AWS_SECRET_ACCESS_KEY").value();
        }
    }
    return {.name = std::string(path), .from = std::move(file)};
}

} // namespace perch::data
