#include "core/model/predict/model_card_json.h"

#include "core/base/json.h"
#include "core/base/utf8.h"

#include <nlohmann/json.hpp>

namespace perch::model {

namespace {

constexpr std::string_view kWhat = "model card";

template <typename T>
Result<T> valueOf(const nlohmann::json& document, const char* field) {
    try {
        return document.at(field).get<T>();
    } catch (const nlohmann::json::exception&) {
        return fail(ErrorCode::InvalidInput, "{}: the field \"{}\" is missing or has a wrong type.", kWhat, field);
    }
}

} // namespace

Result<Task> parseTask(std::string_view text) {
    for (const Task task : {Task::Binary, Task::MultiClass, Task::Regression}) {
        if (toString(task) == text)
            return task;
    }
    return fail(ErrorCode::InvalidInput, "{}: the task \"{}\" is unknown.", kWhat, shownText(text));
}

std::string_view toString(Task task) {
    switch (task) {
    case Task::Binary:
        return "binary";
    case Task::MultiClass:
        return "multi_class";
    case Task::Regression:
        return "regression";
    }
    return "unknown";
}

nlohmann::json toJson(const ModelCard& card) {
    nlohmann::json document = {{"schema", 1},
                               {"model", card.model.text()},
                               {"task", toString(card.task)},
                               {"label", card.label},
                               {"classes", card.classes},
                               {"threshold", card.threshold},
                               {"threshold_rule", card.thresholdRule},
                               {"trained_at_ms", toMillis(card.trainedAt)},
                               {"trained_at", toIso8601(card.trainedAt)},
                               {"metrics", card.metrics},
                               {"rows", card.rows}};
    if (card.tolerance > 0)
        document["tolerance"] = card.tolerance;
    return document;
}

Result<ModelCard> modelCardFromJson(const nlohmann::json& document) {
    if (TRY(jsonInteger(document, "schema", kWhat)) != 1)
        return fail(ErrorCode::InvalidInput, "The model card has a schema that this version does not know.");
    ModelCard card;
    const std::string model = TRY(jsonString(document, "model", kWhat));
    card.model = TRY(ModelName::parse(model));
    const std::string task = TRY(jsonString(document, "task", kWhat));
    card.task = TRY(parseTask(task));
    card.label = TRY(jsonString(document, "label", kWhat));
    card.classes = TRY(valueOf<std::vector<std::string>>(document, "classes"));
    card.threshold = TRY(jsonNumber(document, "threshold", kWhat));
    card.thresholdRule = TRY(jsonString(document, "threshold_rule", kWhat));
    card.trainedAt = fromMillis(TRY(jsonInteger(document, "trained_at_ms", kWhat)));
    using Metrics = std::map<std::string, double>;
    using Rows = std::map<std::string, std::uint64_t>;
    card.metrics = TRY(valueOf<Metrics>(document, "metrics"));
    card.rows = TRY(valueOf<Rows>(document, "rows"));
    if (card.task == Task::Binary && (card.classes.size() != 2 || !(card.threshold >= 0 && card.threshold <= 1)))
        return fail(ErrorCode::InvalidInput, "{}: a binary model needs two classes and a threshold from 0 to 1.",
                    kWhat);
    if (card.task == Task::MultiClass && card.classes.size() < 2)
        return fail(ErrorCode::InvalidInput, "{}: a multi-class model needs its classes.", kWhat);
    if (document.contains("tolerance"))
        card.tolerance = TRY(jsonNumber(document, "tolerance", kWhat));
    if (!(card.tolerance >= 0) || (card.tolerance > 0 && card.task != Task::Regression))
        return fail(ErrorCode::InvalidInput, "{}: the tolerance must be that of a regression, and not negative.", kWhat);
    if (card.task == Task::Regression && !card.classes.empty())
        return fail(ErrorCode::InvalidInput, "{}: a regression has no classes.", kWhat);
    return card;
}

} // namespace perch::model
