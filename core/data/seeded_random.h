#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace perch::data {

/// Random numbers that are the same on every machine and with every standard library: xoshiro256** seeded by
/// splitmix64. For samples, never for secrets.
class SeededRandom {
public:
    explicit SeededRandom(std::uint64_t seed) {
        for (std::uint64_t& word : m_state) {
            seed += 0x9E3779B97F4A7C15U;
            std::uint64_t mixed = seed;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
            word = mixed ^ (mixed >> 31);
        }
    }

    std::uint64_t next() {
        const std::uint64_t result = rotate(m_state[1] * 5, 7) * 9;
        const std::uint64_t shifted = m_state[1] << 17;
        m_state[2] ^= m_state[0];
        m_state[3] ^= m_state[1];
        m_state[1] ^= m_state[2];
        m_state[0] ^= m_state[3];
        m_state[2] ^= shifted;
        m_state[3] = rotate(m_state[3], 45);
        return result;
    }

    /// In [0, 1), with 53 random bits.
    double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

    /// In [0, bound), without bias; `bound` > 0.
    std::uint64_t below(std::uint64_t bound) {
        const std::uint64_t rejected = -bound % bound; // 2^64 mod bound
        std::uint64_t value = next();
        while (value < rejected)
            value = next();
        return value % bound;
    }

    template <typename T>
    void shuffle(std::span<T> values) {
        for (std::size_t i = values.size(); i > 1; --i)
            std::swap(values[i - 1], values[below(i)]);
    }

private:
    static std::uint64_t rotate(std::uint64_t value, int bits) { return (value << bits) | (value >> (64 - bits)); }
    std::uint64_t m_state[4];
};

} // namespace perch::data
