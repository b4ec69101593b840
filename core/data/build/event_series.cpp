#include "core/data/build/event_series.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

namespace perch::data {

namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kLargeBlock = kBlock * kBlock;

template <typename T>
void reorder(std::vector<T>& values, const std::vector<std::uint32_t>& order) {
    std::vector<T> sorted(values.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        sorted[i] = values[order[i]];
    values = std::move(sorted);
}

void addNumber(EventSeries::Moments& moments, double number) {
    if (std::isnan(number))
        return;
    moments.sum += number;
    moments.minimum = std::min(moments.minimum, number);
    moments.maximum = std::max(moments.maximum, number);
    ++moments.count;
}

} // namespace

void EventSeries::Moments::add(const Moments& other) {
    sum += other.sum;
    minimum = std::min(minimum, other.minimum);
    maximum = std::max(maximum, other.maximum);
    count += other.count;
}

EventSeries::EventSeries(std::size_t filters, std::size_t values, std::size_t codes)
    : m_filters(filters), m_values(values), m_codes(codes) {}

void EventSeries::add(std::uint32_t entity, Micros time, std::span<const std::uint8_t> kept,
                      std::span<const double> values, std::span<const std::uint32_t> codes) {
    m_entities.push_back(entity);
    m_times.push_back(time);
    for (std::size_t i = 0; i < m_filters.size(); ++i)
        m_filters[i].kept.push_back(kept[i]);
    for (std::size_t i = 0; i < m_values.size(); ++i)
        m_values[i].numbers.push_back(values[i]);
    for (std::size_t i = 0; i < m_codes.size(); ++i)
        m_codes[i].push_back(codes[i]);
}

void EventSeries::sort(std::size_t entities) {
    m_begins.assign(entities + 1, 0);
    for (const std::uint32_t entity : m_entities)
        ++m_begins[entity + 1];
    std::partial_sum(m_begins.begin(), m_begins.end(), m_begins.begin());
    std::vector<std::uint32_t> order(m_entities.size());
    {
        std::vector<std::size_t> next(m_begins.begin(), m_begins.end() - 1);
        for (std::size_t i = 0; i < m_entities.size(); ++i)
            order[next[m_entities[i]]++] = static_cast<std::uint32_t>(i);
    }
    m_entities = {};
    const auto earlier = [this](std::uint32_t a, std::uint32_t b) { return m_times[a] < m_times[b]; };
    for (std::size_t entity = 0; entity < entities; ++entity) {
        const auto begin = order.begin() + static_cast<std::ptrdiff_t>(m_begins[entity]);
        const auto end = order.begin() + static_cast<std::ptrdiff_t>(m_begins[entity + 1]);
        if (!std::is_sorted(begin, end, earlier))
            std::stable_sort(begin, end, earlier);
    }
    reorder(m_times, order);
    for (Filter& filter : m_filters)
        sortFilter(filter, order);
    for (Value& value : m_values) {
        reorder(value.numbers, order);
        cacheBlocks(value);
    }
    for (std::vector<std::uint32_t>& codes : m_codes) {
        reorder(codes, order);
        linkCodes(codes);
    }
}

void EventSeries::sortFilter(Filter& filter, const std::vector<std::uint32_t>& order) {
    filter.bits.assign(order.size() / 64 + 1, 0);
    for (std::size_t i = 0; i < order.size(); ++i)
        filter.bits[i / 64] |= std::uint64_t{filter.kept[order[i]] != 0} << (i % 64);
    filter.kept = {};
    std::uint32_t before = 0;
    for (const std::uint64_t word : filter.bits) {
        filter.rank.push_back(before);
        before += static_cast<std::uint32_t>(std::popcount(word));
    }
}

void EventSeries::cacheBlocks(Value& value) {
    for (std::uint32_t entity = 0; entity + 1 < m_begins.size(); ++entity) {
        const std::size_t count = m_begins[entity + 1] - m_begins[entity];
        if (count < 4 * kBlock)
            continue;
        const Span whole{m_begins[entity], m_begins[entity], m_begins[entity + 1], entity};
        std::vector<Moments> small, large;
        for (std::size_t at = 0; at + kBlock <= count; at += kBlock)
            small.push_back(momentsOfBlock(value, whole, whole.begin + at));
        auto& blocks = value.blocks[entity];
        blocks.first = std::move(small);
        for (std::size_t at = 0; at + kLargeBlock <= count; at += kLargeBlock)
            large.push_back(momentsOfLargeBlock(value, whole, whole.begin + at));
        blocks.second = std::move(large);
    }
}

/// Replaces each code by the position of its last occurrence before, within the entity.
void EventSeries::linkCodes(std::vector<std::uint32_t>& codes) const {
    std::uint32_t most = 0;
    for (const std::uint32_t code : codes)
        most = code == kNoCode ? most : std::max(most, code + 1);
    std::vector<std::uint32_t> seen(most, 0); // 1 more than the last position
    for (std::size_t entity = 0; entity + 1 < m_begins.size(); ++entity) {
        for (std::size_t i = m_begins[entity]; i < m_begins[entity + 1]; ++i) {
            if (codes[i] == kNoCode)
                continue;
            const std::uint32_t before = std::exchange(seen[codes[i]], static_cast<std::uint32_t>(i + 1));
            codes[i] = before > m_begins[entity] ? before : 0;
        }
    }
}

EventSeries::Span EventSeries::span(std::uint32_t entity, Micros from, Micros asOf) const {
    const auto begin = m_times.begin() + static_cast<std::ptrdiff_t>(m_begins[entity]);
    const auto end = m_times.begin() + static_cast<std::ptrdiff_t>(m_begins[entity + 1]);
    const auto last = std::lower_bound(begin, end, asOf);
    const auto first = std::lower_bound(begin, last, from);
    return {m_begins[entity], static_cast<std::size_t>(first - m_times.begin()),
            static_cast<std::size_t>(last - m_times.begin()), entity};
}

bool EventSeries::isSet(const Filter& filter, std::size_t position) {
    return (filter.bits[position / 64] >> (position % 64)) & 1;
}

/// Bits set before a position.
std::uint64_t EventSeries::rank(const Filter& filter, std::size_t position) const {
    const std::uint64_t below = (std::uint64_t{1} << (position % 64)) - 1;
    return filter.rank[position / 64] + static_cast<std::uint64_t>(std::popcount(filter.bits[position / 64] & below));
}

std::uint64_t EventSeries::count(const Span& span, std::optional<std::size_t> filter) const {
    if (!filter)
        return span.last - span.first;
    return rank(m_filters[*filter], span.last) - rank(m_filters[*filter], span.first);
}

std::optional<Micros> EventSeries::firstTime(const Span& span, std::optional<std::size_t> filter) const {
    if (count(span, filter) == 0)
        return std::nullopt;
    std::size_t at = span.first;
    while (filter && !isSet(m_filters[*filter], at))
        ++at;
    return m_times[at];
}

std::optional<Micros> EventSeries::lastTime(const Span& span, std::optional<std::size_t> filter) const {
    if (count(span, filter) == 0)
        return std::nullopt;
    std::size_t at = span.last - 1;
    while (filter && !isSet(m_filters[*filter], at))
        --at;
    return m_times[at];
}

EventSeries::Moments EventSeries::momentsOfBlock(const Value& value, const Span& span, std::size_t at) const {
    if (const auto cached = value.blocks.find(span.entity); cached != value.blocks.end())
        return cached->second.first[(at - span.begin) / kBlock];
    Moments moments;
    for (std::size_t i = at; i < at + kBlock; ++i)
        addNumber(moments, value.numbers[i]);
    return moments;
}

EventSeries::Moments EventSeries::momentsOfLargeBlock(const Value& value, const Span& span, std::size_t at) const {
    if (const auto cached = value.blocks.find(span.entity);
        cached != value.blocks.end() && !cached->second.second.empty())
        return cached->second.second[(at - span.begin) / kLargeBlock];
    Moments moments;
    for (std::size_t i = at; i < at + kLargeBlock; i += kBlock)
        moments.add(momentsOfBlock(value, span, i));
    return moments;
}

EventSeries::Moments EventSeries::moments(const Span& span, std::size_t index) const {
    const Value& value = m_values[index];
    Moments moments;
    for (std::size_t at = span.first; at < span.last;) {
        const std::size_t fromBegin = at - span.begin;
        if (fromBegin % kLargeBlock == 0 && at + kLargeBlock <= span.last) {
            moments.add(momentsOfLargeBlock(value, span, at));
            at += kLargeBlock;
        } else if (fromBegin % kBlock == 0 && at + kBlock <= span.last) {
            moments.add(momentsOfBlock(value, span, at));
            at += kBlock;
        } else {
            addNumber(moments, value.numbers[at++]);
        }
    }
    return moments;
}

std::uint64_t EventSeries::distinct(const Span& span, std::size_t code) const {
    std::uint64_t count = 0;
    for (std::size_t i = span.first; i < span.last; ++i) {
        const std::uint32_t before = m_codes[code][i];
        count += before != kNoCode && before <= span.first;
    }
    return count;
}

} // namespace perch::data
