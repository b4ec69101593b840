#pragma once

#include <vector>

namespace perch::stats {

/// Finite numbers in ascending order, sorted once for all distances that need them. Immutable.
class SortedSample {
public:
    /// Sorts by the bits of the numbers, mostly in linear time; -0 becomes 0. The values must be finite.
    SortedSample(std::vector<double> values);

    const std::vector<double>& values() const { return m_values; }
    bool empty() const { return m_values.empty(); }
    std::size_t size() const { return m_values.size(); }

private:
    std::vector<double> m_values;
};

} // namespace perch::stats
