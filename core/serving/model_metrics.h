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
    /// `roles` are the values of the label `role` that may occur, `endpoints` those of `endpoint`.
    ModelMetrics(Exposition& exposition, const model::Predictor& predictor, Version version,
        const std::vector<std::string>& roles, const std::vector<std::string>& endpoints);

    void countRequest(std::size_t role, Outcome outcome);
    void observeLatency(std::size_t role, std::size_t endpoint, Seconds duration);
    void countBins(const EncodedRows& rows);

private:
    OwnedSeries m_series;
    std::size_t m_endpoints;
    std::vector<std::array<prometheus::Counter*, 4>> m_requests; ///< by role
    std::vector<prometheus::Histogram*> m_latency;               ///< by role, then endpoint
    std::vector<std::vector<prometheus::Counter*>> m_bins;       ///< by feature
};

} // namespace perch::serving
