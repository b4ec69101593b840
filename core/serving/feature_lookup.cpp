#include "core/serving/feature_lookup.h"

#include "core/base/log.h"
#include "core/data/build/cell_parser.h"
#include "core/http/client.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include <algorithm>

namespace perch::serving {

Result<std::unique_ptr<FeatureLookup>> FeatureLookup::open(Options options, const model::Package& package,
                                                           Version version, const Clock& clock,
                                                           Exposition& exposition) {
    std::unique_ptr<FeatureLookup> lookup(new FeatureLookup(std::move(options), package, clock, exposition));
    lookup->m_seen = TRY(FileIdentity::of(lookup->m_options.file));
    lookup->m_file = TRY(LookupFile::open(lookup->m_options.file, package, lookup->m_options.connections));
    lookup->m_key = lookup->m_file->key();
    lookup->m_fields.assign(lookup->m_file->fields().begin(), lookup->m_file->fields().end());
    const Labels labels = {{"model", package.card.model.text()}, {"model_version", version.text()}};
    OwnedSeries& series = lookup->m_series;
    lookup->m_age = &series.gauge("ml_lookup_age_seconds", "Age of the lookup table's features.", labels);
    const auto reloads = [&](const char* result) {
        Labels all = labels;
        all.emplace("result", result);
        return &series.counter("ml_lookup_reloads_total", "Replaced lookup tables by what became of them.", all);
    };
    lookup->m_loaded = reloads("loaded");
    lookup->m_failed = reloads("failed");
    lookup->m_age->Set(lookup->ageOf(*lookup->m_file).count());
    lookup->m_thread = std::jthread([raw = lookup.get()](const std::stop_token& stop) { raw->watch(stop); });
    return lookup;
}

FeatureLookup::FeatureLookup(Options options, const model::Package& package, const Clock& clock, Exposition& exposition)
    : m_options(std::move(options)), m_package(package), m_clock(clock), m_series(exposition) {}

FeatureLookup::~FeatureLookup() = default;

void FeatureLookup::watch(const std::stop_token& stop) {
    while (http::pause(m_options.interval, stop))
        look();
}

void FeatureLookup::look() {
    const Result<FileIdentity> identity = FileIdentity::of(m_options.file);
    if (identity && *identity != m_seen) {
        Result<std::shared_ptr<const LookupFile>> file = load();
        if (file) {
            const std::lock_guard lock(m_mutex);
            m_file.swap(*file);
        } else {
            log::error("lookup", "{} The table before it stays.", file.error().message);
        }
        (file ? m_loaded : m_failed)->Increment();
        m_seen = *identity;
    }
    m_age->Set(ageOf(*current()).count());
}

/// Requests were promised the key and the fields of the first table.
Result<std::shared_ptr<const LookupFile>> FeatureLookup::load() const {
    std::shared_ptr<const LookupFile> file = TRY(LookupFile::open(m_options.file, m_package, m_options.connections));
    if (file->key() != m_key || !std::ranges::equal(file->fields(), m_fields))
        return fail(ErrorCode::Conflict,
                    "The lookup table {} has another key or other fields of the model than before.",
                    m_options.file.string());
    return file;
}

std::shared_ptr<const LookupFile> FeatureLookup::current() const {
    const std::lock_guard lock(m_mutex);
    return m_file;
}

Seconds FeatureLookup::ageOf(const LookupFile& file) const {
    return m_clock.now() - file.asOf();
}

Result<LookupResult> FeatureLookup::fill(std::string_view entity, const std::vector<bool>& given,
                                         std::span<data::Cell> cells) const {
    const std::shared_ptr<const LookupFile> file = current();
    std::vector<data::Cell> values(m_fields.size());
    const std::string_view key = data::trimmedCell(entity);
    if (key.empty() || !TRY(file->find(key, values)))
        return LookupResult::Unknown;
    for (std::size_t i = 0; i < m_fields.size(); ++i) {
        if (!given[m_fields[i]])
            cells[m_fields[i]] = std::move(values[i]);
    }
    const bool stale = m_options.maxAge && ageOf(*file) > *m_options.maxAge;
    return stale ? LookupResult::Stale : LookupResult::Found;
}

} // namespace perch::serving
