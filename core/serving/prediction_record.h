#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"

#include <string>
#include <string_view>
#include <vector>

namespace perch::serving {

/// What the truth store needs to know of one prediction.
struct PredictionRecord {
    std::string model;
    std::string version; ///< `v7`
    std::string role;
    std::string requestId;
    SystemTime time{};
    float score = 0;
    std::string predicted; ///< the class as text; of a regression the score
};

/// A version presents itself to the truth store when it is loaded.
struct VersionAnnouncement {
    std::string model;
    std::string version;
    std::vector<std::string> classes; ///< none: a regression
    double tolerance = 0;             ///< Regression: an answer at most so far from the truth is right; 0: none declared
};

/// A label that arrives later.
struct Feedback {
    std::string model;
    std::string requestId;
    std::string truth; ///< the class as text; of a regression the number
};

/// The bodies of the truth store's requests: {"records":[...]}, one announcement, and one feedback or a list of them
/// (a truth may be a text, a number or a boolean). Parsing fails with InvalidInput that names the entry and field.
std::string toJson(const std::vector<PredictionRecord>& records);
std::string toJson(const VersionAnnouncement& announcement);
Result<std::vector<PredictionRecord>> recordsFromJson(std::string_view body);
Result<VersionAnnouncement> announcementFromJson(std::string_view body);
Result<std::vector<Feedback>> feedbackFromJson(std::string_view body);

} // namespace perch::serving
