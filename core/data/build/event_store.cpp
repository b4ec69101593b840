#include "core/data/build/event_store.h"

#include <future>

#include <malloc.h>

namespace perch::data {

Result<void> EventStore::add(std::uint32_t entity, Micros time, std::span<const std::uint8_t> kept,
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
    return m_events.append(partitionOf(entity), m_record);
}

Result<void> EventStore::finish(std::size_t entities) {
    m_entities = entities;
    TRY(m_events.finish());
    if (inFile())
        return {};
    m_series.assign(PartitionFile::kPartitions, EventSeries(m_shape.filters, m_shape.values, m_shape.codes));
    constexpr std::size_t kThreads = 2, kTrimAfter = 8;
    const auto loadEvery = [this](std::size_t first) -> Result<void> {
        for (std::size_t partition = first; partition < PartitionFile::kPartitions; partition += kThreads) {
            m_series[partition] = TRY(load(partition));
            m_events.drop(partition);
            if (first == 0 && partition % kTrimAfter == 0)
                ::malloc_trim(0); // what was dropped lies between what is still there, too small to be used again
        }
        return {};
    };
    auto others = std::async(std::launch::async, loadEvery, 1);
    const Result<void> mine = loadEvery(0);
    TRY(others.get());
    return mine;
}

Result<EventSeries> EventStore::load(std::size_t partition) const {
    EventSeries series(m_shape.filters, m_shape.values, m_shape.codes);
    std::vector<std::uint8_t> kept(m_shape.filters);
    std::vector<double> values(m_shape.values);
    std::vector<std::uint32_t> codes(m_shape.codes);
    PartitionFile::Reader reader(m_events, partition);
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
