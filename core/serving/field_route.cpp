#include "core/serving/field_route.h"

#include "core/base/utf8.h"
#include "core/serving/predict_protocol.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <prometheus/counter.h>

#include <algorithm>

namespace perch::serving {

namespace {

constexpr std::array<const char*, 3> kMatches = {"listed", "unknown", "absent"};
constexpr std::size_t kListed = 0, kUnknown = 1, kAbsent = 2;

/// A scalar as the text that a rule names: `condo`, `3`, `2.5`, `true`. Nothing for null, lists and objects.
std::optional<std::string> routedText(const nlohmann::json& value) {
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_boolean())
        return value.get<bool>() ? "true" : "false";
    if (value.is_number())
        return fmt::format("{}", value.get<double>());
    return std::nullopt;
}

} // namespace

bool RouteRule::leadsTo(const ModelName& name) const {
    return name == model || std::ranges::any_of(route.models, [&](const auto& entry) { return entry.second == name; });
}

FieldRoute::FieldRoute(const RouteRule& rule,
                       const std::function<std::shared_ptr<ServedModel>(const ModelName&)>& newest,
                       Exposition& exposition)
    : m_field(rule.route.field), m_path(rule.path) {
    const auto add = [&](const ModelName& name) {
        const auto known = std::ranges::find(m_targets, name, &Target::name);
        if (known != m_targets.end())
            return static_cast<std::size_t>(known - m_targets.begin());
        Target target{name, newest(name)};
        for (std::size_t match = 0; match < kMatches.size(); ++match) {
            // Only the default model gets rows that the rule does not list.
            if (match == kListed || m_targets.empty())
                target.rows[match] =
                    &exposition.counter("ml_routed_rows_total", "Rows at the path of a rule by the model they led to.",
                                        {{"path", m_path}, {"model", name.text()}, {"match", kMatches[match]}});
        }
        m_targets.push_back(std::move(target));
        return m_targets.size() - 1;
    };
    add(rule.model);
    for (const auto& [value, model] : rule.route.models)
        m_targetOfValue[value] = add(model);
}

const ModelName* FieldRoute::absentModel() const {
    const auto found = std::ranges::find(m_targets, nullptr, &Target::model);
    return found == m_targets.end() ? nullptr : &found->name;
}

void FieldRoute::countRefused(std::size_t role, Outcome outcome) const {
    if (m_targets.front().model)
        m_targets.front().model->countRefused(role, outcome);
}

std::pair<std::size_t, std::size_t> FieldRoute::targetOf(const nlohmann::json& row) const {
    const auto field = row.is_object() ? row.find(m_field) : row.end();
    const std::optional<std::string> text = field == row.end() ? std::nullopt : routedText(*field);
    if (!text)
        return {0, kAbsent};
    const auto found = m_targetOfValue.find(*text);
    return found == m_targetOfValue.end() ? std::pair{std::size_t{0}, kUnknown} : std::pair{found->second, kListed};
}

/// One part for each model, in the order of the first row of each.
Result<std::vector<FieldRoute::Part>> FieldRoute::partsOf(const PredictBody& body) const {
    std::vector<Part> parts;
    std::vector<std::size_t> partOfTarget(m_targets.size(), m_targets.size());
    for (std::size_t row = 0; row < body.rows.size(); ++row) {
        const auto [target, match] = targetOf(*body.rows[row]);
        if (partOfTarget[target] == m_targets.size()) {
            partOfTarget[target] = parts.size();
            parts.push_back({.target = &m_targets[target]});
        }
        Part& part = parts[partOfTarget[target]];
        part.places.push_back(row);
        ++part.matches[match];
    }
    for (const Part& part : parts) {
        if (part.target->model)
            continue;
        Error error = fail(ErrorCode::Unavailable, "The model {}, to which the field \"{}\" leads, is not loaded.",
                           part.target->name.text(), m_field);
        error.where = body.placeOf(part.places.front());
        return error;
    }
    return parts;
}

Result<void> FieldRoute::encode(const PredictBody& body, Part& part) const {
    const RowReader& reader = part.target->model->reader();
    part.rows.values.reserve(part.places.size() * reader.transform().width());
    for (const std::size_t place : part.places)
        TRY(reader.append(*body.rows[place], body.placeOf(place), part.rows, m_field));
    return {};
}

Result<PredictionReply> FieldRoute::predict(const PredictionCall& call, const Clock& clock) const {
    const SteadyTime begin = clock.steadyNow();
    std::vector<Part> parts;
    Result<PredictionReply> reply = answer(call, clock, parts);
    count(parts, reply ? nullptr : &reply.error(), call.role, clock.steadyNow() - begin);
    return reply;
}

/// A request counts once for each model that it led to; one that led nowhere counts with the default.
void FieldRoute::count(const std::vector<Part>& parts, const Error* error, std::size_t role, Seconds duration) const {
    const Outcome outcome = error == nullptr ? Outcome::Ok : outcomeOf(*error);
    for (const Part& part : parts)
        part.target->model->count(role, m_path, outcome, duration);
    if (parts.empty() && m_targets.front().model)
        m_targets.front().model->count(role, m_path, outcome, duration);
}

std::string FieldRoute::format(const std::vector<Part>& parts, std::size_t rows, std::string_view id) const {
    if (parts.size() == 1) {
        const ServedModel& model = *parts.front().target->model;
        return formatPredict({.model = model.name(),
                              .version = model.version(),
                              .classes = model.classes(),
                              .predictions = parts.front().predictions,
                              .notes = parts.front().rows.notes,
                              .id = id,
                              .stale = parts.front().rows.stale()});
    }
    std::vector<NamedPrediction> predictions(rows);
    std::vector<std::string> notes;
    bool stale = false;
    for (const Part& part : parts) {
        stale = stale || part.rows.stale();
        const ServedModel& model = *part.target->model;
        for (std::size_t i = 0; i < part.places.size(); ++i)
            predictions[part.places[i]] = {&model.name(), model.version(), model.classes(), part.predictions[i]};
        notes.insert(notes.end(), part.rows.notes.begin(), part.rows.notes.end());
    }
    return formatPredictions(predictions, notes, stale, id);
}

Result<PredictionReply> FieldRoute::answer(const PredictionCall& call, const Clock& clock,
                                           std::vector<Part>& parts) const {
    if (!call.requestId.empty())
        TRY(checkRequestId(call.requestId));
    const PredictBody body = TRY(readPredictBody(call.body, BareRow::Yes, call.rowLimit));
    parts = TRY(partsOf(body));
    for (Part& part : parts) {
        part.rows.keepsCells = call.keepCells;
        TRY(encode(body, part));
    }
    for (Part& part : parts)
        part.predictions = TRY(part.target->model->decide(part.rows, call.role));

    PredictionReply reply;
    reply.requestId = requestIdOf(body.id, call.requestId);
    reply.body = format(parts, body.rows.size(), reply.requestId);
    const std::vector<std::string> ids = rowIds(reply.requestId, body.rows.size());
    for (Part& part : parts) {
        for (std::size_t match = 0; match < part.matches.size(); ++match) {
            if (part.matches[match] > 0)
                part.target->rows[match]->Increment(static_cast<double>(part.matches[match]));
        }
        AnsweredRows& answered = reply.answered.emplace_back();
        for (const std::size_t place : part.places)
            answered.ids.push_back(ids[place]);
        answered.model = part.target->model;
        answered.rows = std::move(part.rows);
        answered.predictions = std::move(part.predictions);
        answered.role = call.role;
        answered.time = clock.now();
    }
    return reply;
}

} // namespace perch::serving
