#pragma once

#include "core/data/build/event_series.h"
#include "core/data/build/partition_file.h"

#include <filesystem>

namespace perch::data {

/// The events of a group, cut by entity into partitions: each becomes an EventSeries small enough to be sorted in the
/// processor's cache. Up to a bound in bytes all series are there at once; beyond it the events lie in a file, and one
/// series at a time is made of them. An entity's events are in one partition and keep their order, so that what is asked
/// of them has the same answer to the last bit.
class EventStore {
public:
    struct Shape {
        std::size_t filters = 0, values = 0, codes = 0;
    };
    /// `folder` takes the file, `inMemory` is the bound.
    EventStore(Shape shape, std::filesystem::path folder, std::size_t inMemory)
        : m_shape(shape), m_events(std::move(folder), inMemory) {}

    /// As of an EventSeries. Unavailable if the disk is full.
    Result<void> add(std::uint32_t entity, Micros time, std::span<const std::uint8_t> kept,
                     std::span<const double> values, std::span<const std::uint32_t> codes);
    /// Once all events are there; entities are 0 to `entities` - 1.
    Result<void> finish(std::size_t entities);

    bool inFile() const { return m_events.inFile(); }
    /// The series that holds the entity under its number within the partition; unless the events lie in a file.
    const EventSeries& seriesOf(std::uint32_t entity) const { return m_series[partitionOf(entity)]; }
    /// Of the entities of one partition.
    Result<EventSeries> load(std::size_t partition) const;
    static std::size_t partitionOf(std::uint32_t entity) { return entity % PartitionFile::kPartitions; }
    static std::uint32_t numberWithin(std::uint32_t entity) {
        return entity / static_cast<std::uint32_t>(PartitionFile::kPartitions);
    }

private:
    Shape m_shape;
    std::size_t m_entities = 0;
    PartitionFile m_events;
    std::vector<EventSeries> m_series; ///< per partition
    std::string m_record;
};

} // namespace perch::data
