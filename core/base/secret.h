#pragma once

#include <algorithm>
#include <string>
#include <utility>

namespace perch {

/// A value that must not be seen. It has no formatter and no stream operator; `reveal` is easy to search for.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : m_value(std::move(value)) {}
    ~Secret() { std::fill(m_value.begin(), m_value.end(), '\0'); }
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    const std::string& reveal() const { return m_value; }
    bool empty() const { return m_value.empty(); }

private:
    std::string m_value;
};

} // namespace perch
