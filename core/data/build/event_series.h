#pragma once

#include "core/data/build/cell_parser.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace perch::data {

/// The events of a table by entity and time, as arrays: 8 bytes an event for its time, 8 for each value, 4 for each
/// column whose different values are counted and 1 bit for each filter; while it is sorted 12 more. Filled, sorted
/// once, then asked from any thread.
///
/// Whatever is asked about a span of time depends on the events in that span and before it only, to the last bit:
/// sums are formed in blocks that are counted from the entity's first event, never as differences of running sums.
class EventSeries {
public:
    static constexpr std::uint32_t kNoCode = std::numeric_limits<std::uint32_t>::max();
    static constexpr std::size_t kMostEvents = kNoCode - 1;

    EventSeries(std::size_t filters, std::size_t values, std::size_t codes);

    std::size_t size() const { return m_times.size(); }
    /// `kept` has one entry per filter; a missing value is NaN, a missing code kNoCode. At most kMostEvents.
    void add(std::uint32_t entity, Micros time, std::span<const std::uint8_t> kept, std::span<const double> values,
             std::span<const std::uint32_t> codes);
    /// Events of one entity and time keep the order in which they were added. Entities are 0 to `entities` - 1.
    void sort(std::size_t entities);

    /// Events of an entity from `from` on and strictly before `asOf`: positions [first, last).
    struct Span {
        std::size_t begin = 0; ///< the entity's first event
        std::size_t first = 0, last = 0;
        std::uint32_t entity = 0;
    };
    Span span(std::uint32_t entity, Micros from, Micros asOf) const;

    /// Of the values that are not missing.
    struct Moments {
        double sum = 0;
        double minimum = std::numeric_limits<double>::infinity();
        double maximum = -std::numeric_limits<double>::infinity();
        std::uint64_t count = 0;
        void add(const Moments& other);
    };
    std::uint64_t count(const Span& span, std::optional<std::size_t> filter) const;
    std::optional<Micros> firstTime(const Span& span, std::optional<std::size_t> filter) const;
    std::optional<Micros> lastTime(const Span& span, std::optional<std::size_t> filter) const;
    Moments moments(const Span& span, std::size_t value) const;
    /// Different codes that are not missing.
    std::uint64_t distinct(const Span& span, std::size_t code) const;

private:
    struct Filter {
        std::vector<std::uint8_t> kept; ///< until it is sorted
        std::vector<std::uint64_t> bits;
        std::vector<std::uint32_t> rank; ///< bits set before each word
    };
    struct Value {
        std::vector<double> numbers;
        /// Moments of whole blocks of the entities with many events, by the entity: first of 64 events, then of 4,096.
        std::unordered_map<std::uint32_t, std::pair<std::vector<Moments>, std::vector<Moments>>> blocks;
    };
    std::uint64_t rank(const Filter& filter, std::size_t position) const;
    static bool isSet(const Filter& filter, std::size_t position);
    Moments momentsOfBlock(const Value& value, const Span& span, std::size_t at) const;
    Moments momentsOfLargeBlock(const Value& value, const Span& span, std::size_t at) const;
    void sortFilter(Filter& filter, const std::vector<std::uint32_t>& order);
    void cacheBlocks(Value& value);
    void linkCodes(std::vector<std::uint32_t>& codes) const;

    std::vector<std::uint32_t> m_entities; ///< until it is sorted
    std::vector<Micros> m_times;
    std::vector<Filter> m_filters;
    std::vector<Value> m_values;
    /// Once sorted: 1 more than the position of the entity's last event before with the same code, 0 if there is none.
    std::vector<std::vector<std::uint32_t>> m_codes;
    std::vector<std::size_t> m_begins; ///< first event of each entity, and the end
};

} // namespace perch::data
