#include "core/data/build/event_store.h"

namespace perch::data {

EventStore::EventStore(Shape shape, std::filesystem::path folder, std::size_t inMemory)
    : m_shape(shape), m_folder(std::move(folder)), m_inMemory(inMemory),
      m_series(shape.filters, shape.values, shape.codes) {}

Result<void> EventStore::add(std::uint32_t entity, Micros time, std::span<const std::uint8_t> kept,
                             std::span<const double> values, std::span<const std::uint32_t> codes) {
    if (m_file)
        return append(entity, time, kept, values, codes);
    m_series.add(entity, time, kept, values, codes);
    return m_series.bytes() > m_inMemory ? spill() : Result<void>();
}

Result<void> EventStore::spill() {
    m_file = TRY(PartitionFile::create(m_folder));
    TRY(m_series.forEach([this](std::uint32_t entity, Micros time, std::span<const std::uint8_t> kept,
                                std::span<const double> values, std::span<const std::uint32_t> codes) {
        return append(entity, time, kept, values, codes);
    }));
    m_series = EventSeries(m_shape.filters, m_shape.values, m_shape.codes);
    return {};
}

Result<void> EventStore::append(std::uint32_t entity, Micros time, std::span<const std::uint8_t> kept,
                                std::span<const double> values, std::span<const std::uint32_t> codes) {
    m_record.clear();
    putValue(m_record, numberWithin(entity));
    putValue(m_record, time);
    for (const std::uint8_t flag : kept)
        putValue(m_record, flag);
    for (const double value : values)
        putValue(m_record, value);
    for (const std::uint32_t code : codes)
        putValue(m_record, code);
    return m_file->append(partitionOf(entity), m_record);
}

Result<void> EventStore::finish(std::size_t entities) {
    m_entities = entities;
    if (m_file)
        return m_file->finish();
    m_series.sort(entities);
    return {};
}

Result<EventSeries> EventStore::load(std::size_t partition) const {
    EventSeries series(m_shape.filters, m_shape.values, m_shape.codes);
    std::vector<std::uint8_t> kept(m_shape.filters);
    std::vector<double> values(m_shape.values);
    std::vector<std::uint32_t> codes(m_shape.codes);
    PartitionFile::Reader reader(*m_file, partition);
    for (;;) {
        std::string_view records = TRY(reader.next());
        if (records.empty())
            break;
        while (!records.empty()) {
            const auto entity = takeValue<std::uint32_t>(records);
            const auto time = takeValue<Micros>(records);
            for (std::uint8_t& flag : kept)
                flag = takeValue<std::uint8_t>(records);
            for (double& value : values)
                value = takeValue<double>(records);
            for (std::uint32_t& code : codes)
                code = takeValue<std::uint32_t>(records);
            series.add(entity, time, kept, values, codes);
        }
    }
    series.sort(m_entities / PartitionFile::kPartitions + 1);
    return series;
}

} // namespace perch::data
