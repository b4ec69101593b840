#pragma once

#include "core/base/clock.h"
#include "core/model/predict/predictor.h"
#include "core/serving/exposition.h"
#include "core/serving/row_reader.h"

#include <array>
#include <string_view>

namespace perch::serving {

/// How a request ended: the label `outcome` of ml_requests_total.
enum class Outcome { Ok, Invalid, Overloaded, Error };

/// The series of one version on one server. All of them exist at zero once it is constructed, so that rates and sums
/// are right from the first request on, and go with it. Recording takes no lock of ours and may be done from any thread.
class ModelMetrics {
public:
    /// Whether the model has a lookup table.
    enum class Lookups { No, Yes };
    /// `roles` are the values of the label `role` that may occur, `endpoints` those of `endpoint`.
    ModelMetrics(Exposition& exposition, const model::Predictor& predictor, Version version,
                 const std::vector<std::string>& roles, const std::vector<std::string>& endpoints, Lookups lookups);

    void countRequest(std::size_t role, Outcome outcome);
    void observeLatency(std::size_t role, std::size_t endpoint, Seconds duration);
    /// The bins of the rows, and what the lookup table had for them.
    void countRows(std::size_t role, const EncodedRows& rows);

private:
    OwnedSeries m_series;
    std::size_t m_endpoints;
    std::vector<std::array<prometheus::Counter*, 4>> m_requests; ///< by role
    std::vector<prometheus::Histogram*> m_latency;               ///< by role, then endpoint
    std::vector<std::vector<prometheus::Counter*>> m_bins;       ///< by feature
    std::vector<std::array<prometheus::Counter*, 3>> m_lookups;  ///< by role; none without a table
};

} // namespace perch::serving
