#pragma once

namespace perch::spec {

/// How a canary is compared with the stable version while both serve (core/stats/sequential.h).
struct ComparisonSpec {
    /// What its verdict is for: a promotion, only for people, or nothing.
    enum class Use { Required, Advisory, Off } use = Use::Required;
    double accuracyMargin = 0.02; ///< accuracy lower than stable's by less than this is not worse; share, 0 to 1
    double errorMargin = 0.005;   ///< the same of the error rate
    double alpha = 0.05;          ///< of a wrong verdict ever, however often it is looked at; in (0, 0.5]
};

} // namespace perch::spec
