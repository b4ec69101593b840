#include "core/serving/prediction_record.h"
#include "tests/fuzz/fuzzer.h"

namespace {

using namespace perch;

/// A body that is read is written and read again as the same.
template <typename Parse>
void check(std::string_view bytes, Parse&& parse) {
    const auto value = parse(bytes);
    fuzz::requireSentence(value);
    if (!value)
        return;
    const std::string text = toJson(*value);
    const auto again = parse(std::string_view(text));
    fuzz::require(again && toJson(*again) == text, "what was written reads back as the same");
}

} // namespace

/// The bodies that the truth store takes: records, announcements and feedback.
PERCH_FUZZER(truth_body) {
    check(bytes, serving::recordsFromJson);
    check(bytes, serving::announcementFromJson);
    const auto feedback = serving::feedbackFromJson(bytes);
    fuzz::requireSentence(feedback);
    for (const serving::Feedback& entry : feedback.value_or(std::vector<serving::Feedback>()))
        fuzz::require(!entry.model.empty() && !entry.requestId.empty(), "feedback names a model and a request");
}
