#pragma once

#include "core/data/build/event_series.h"
#include "core/data/build/partition_file.h"

#include <filesystem>
#include <optional>

namespace perch::data {

/// The events of a group while they are taken in: an EventSeries up to a bound in bytes, beyond it a PartitionFile by
/// entity, of which one partition at a time becomes an EventSeries again. An entity's events are in one partition and
/// keep their order, so that what is asked of them has the same answer to the last bit.
class EventStore {
public:
    struct Shape {
        std::size_t filters = 0, values = 0, codes = 0;
    };
    /// `folder` takes the file, `inMemory` is the bound.
    EventStore(Shape shape, std::filesystem::path folder, std::size_t inMemory);

    /// As of an EventSeries. Unavailable if the disk is full.
    Result<void> add(std::uint32_t entity, Micros time, std::span<const std::uint8_t> kept,
                     std::span<const double> values, std::span<const std::uint32_t> codes);
    /// Once all events are there; entities are 0 to `entities` - 1.
    Result<void> finish(std::size_t entities);

    /// The series of all entities; null if they were too many.
    const EventSeries* series() const { return m_file ? nullptr : &m_series; }
    /// Of the entities of one partition, under their numbers within it.
    Result<EventSeries> load(std::size_t partition) const;
    static std::size_t partitionOf(std::uint32_t entity) { return entity % PartitionFile::kPartitions; }
    static std::uint32_t numberWithin(std::uint32_t entity) {
        return entity / static_cast<std::uint32_t>(PartitionFile::kPartitions);
    }

private:
    Result<void> spill();
    Result<void> append(std::uint32_t entity, Micros time, std::span<const std::uint8_t> kept,
                        std::span<const double> values, std::span<const std::uint32_t> codes);

    Shape m_shape;
    std::filesystem::path m_folder;
    std::size_t m_inMemory;
    std::size_t m_entities = 0;
    EventSeries m_series;
    std::optional<PartitionFile> m_file;
    std::string m_record;
};

} // namespace perch::data
