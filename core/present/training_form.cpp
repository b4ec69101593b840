#include "core/present/training_form.h"

#include "core/spec/model_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string_view>

namespace perch::present {

namespace {

/// A parameter of perch.yaml's `training` section.
struct Parameter {
    const char* key;
    Text label;
    std::string (*standard)(const spec::TrainingSpec&);
};

/// As short as it reads back.
std::string shortest(double value) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

/// `income +1, age -1`
std::string rulesOf(const spec::TrainingSpec& training) {
    std::string rules;
    for (const auto& [column, direction] : training.monotone)
        rules += fmt::format("{}{} {}", rules.empty() ? "" : ", ", column, direction > 0 ? "+1" : "-1");
    return rules;
}

const std::vector<Parameter>& parameters() {
    using Spec = spec::TrainingSpec;
    static const std::vector<Parameter> all{
        {"learning_rate", PERCH_TEXT("Train", "Learning rate"), [](const Spec& s) { return shortest(s.learningRate); }},
        {"depth", PERCH_TEXT("Train", "Max depth"), [](const Spec& s) { return std::to_string(s.depth); }},
        {"min_child_weight", PERCH_TEXT("Train", "Min child weight"),
            [](const Spec& s) { return shortest(s.minimumChildWeight); }},
        {"row_sample", PERCH_TEXT("Train", "Row sample"), [](const Spec& s) { return shortest(s.rowSample); }},
        {"column_sample", PERCH_TEXT("Train", "Column sample"), [](const Spec& s) { return shortest(s.columnSample); }},
        {"l2", PERCH_TEXT("Train", "L2 penalty"), [](const Spec& s) { return shortest(s.l2); }},
        {"rounds", PERCH_TEXT("Train", "Rounds, most"), [](const Spec& s) { return std::to_string(s.rounds); }},
        {"early_stopping", PERCH_TEXT("Train", "Early stop after"),
            [](const Spec& s) { return std::to_string(s.earlyStopping); }},
        {"monotone", PERCH_TEXT("Train", "Monotone rules"), [](const Spec& s) { return rulesOf(s); }},
        {"seed", PERCH_TEXT("Train", "Seed"), [](const Spec& s) { return std::to_string(s.seed); }}};
    return all;
}

/// A scalar of YAML that means these letters and nothing else.
std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            result += '\\';
        result += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
    }
    return result + '"';
}

/// Numbers stay bare: a quoted one would be a text.
std::string scalar(const std::string& text) {
    const bool number = !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
    });
    return number ? text : quoted(text);
}

std::string trimmed(const std::string& text) {
    const std::size_t from = text.find_first_not_of(" \t\n");
    return from == std::string::npos ? std::string() : text.substr(from, text.find_last_not_of(" \t\n") - from + 1);
}

/// `income +1, age -1` as a YAML mapping.
std::string monotoneYaml(const std::string& rules) {
    std::string yaml;
    std::size_t from = 0;
    while (from <= rules.size()) {
        const std::size_t comma = std::min(rules.find(',', from), rules.size());
        const std::string rule = trimmed(rules.substr(from, comma - from));
        from = comma + 1;
        if (rule.empty())
            continue;
        const std::size_t space = rule.find_last_of(' ');
        const std::string column = space == std::string::npos ? rule : trimmed(rule.substr(0, space));
        std::string direction = space == std::string::npos ? std::string() : rule.substr(space + 1);
        if (direction.starts_with('+'))
            direction.erase(0, 1);
        yaml += fmt::format("{}{}: {}", yaml.empty() ? "" : ", ", quoted(column), scalar(direction));
    }
    return "{" + yaml + "}";
}

std::string yamlOf(const ParameterField& field) {
    return field.key == "monotone" ? monotoneYaml(field.value) : scalar(field.value);
}

bool isTraining(const ParameterField& field) {
    return std::ranges::any_of(parameters(), [&](const Parameter& p) { return field.key == p.key; });
}

/// The `training` section that the fields make; empty ones are left to the defaults.
std::string trainingYaml(const std::vector<ParameterField>& fields) {
    std::string yaml;
    for (const ParameterField& field : fields) {
        if (isTraining(field) && !trimmed(field.value).empty())
            yaml += fmt::format("  {}: {}\n", field.key, yamlOf(field));
    }
    return yaml.empty() ? yaml : "training:\n" + yaml;
}

/// What the reader of perch.yaml says about one field, without the place in a file that nobody wrote.
Text errorOf(const ParameterField& field) {
    if (!isTraining(field) || trimmed(field.value).empty())
        return {};
    const Result<spec::ModelSpec> read = spec::parseModelSpec("model: form\n" + trainingYaml({field}), "form");
    if (read)
        return {};
    const Error& error = read.error();
    const std::string place = error.where + ": ";
    return verbatim(error.message.starts_with(place) ? error.message.substr(place.size()) : error.message);
}

/// What XGBoost calls it.
std::string engineName(const std::string& key) {
    static const std::map<std::string, std::string> names{{"learning_rate", "eta"}, {"depth", "max_depth"},
        {"row_sample", "subsample"}, {"column_sample", "colsample_bytree"}, {"l2", "lambda"}};
    const auto found = names.find(key);
    return found == names.end() ? key : found->second;
}

std::string valueOf(const TrainingRun* run, const std::string& key, const std::string& otherwise) {
    if (run == nullptr)
        return otherwise;
    for (const std::string& name : {key, engineName(key)}) {
        if (const auto found = run->parameters.find(name); found != run->parameters.end())
            return found->second;
    }
    return key == "rounds" && run->rounds > 0 ? std::to_string(run->rounds) : otherwise;
}

/// As it was asked for, where that is kept; else as the engine was told.
std::string usedValue(const TrainingRun* run, const Parameter& parameter) {
    if (run != nullptr && run->asked != nullptr)
        return parameter.standard(run->asked->training);
    return valueOf(run, parameter.key, run == nullptr ? parameter.standard(spec::TrainingSpec()) : std::string());
}

const ParameterField* find(const std::vector<ParameterField>& fields, std::string_view key) {
    const auto found = std::ranges::find(fields, key, &ParameterField::key);
    return found == fields.end() ? nullptr : &*found;
}

std::string textOf(const std::vector<ParameterField>& fields, std::string_view key) {
    const ParameterField* field = find(fields, key);
    return field == nullptr ? std::string() : trimmed(field->value);
}

/// For a shell: nothing in it is special.
std::string shellQuoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text)
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

} // namespace

std::vector<ParameterField> editableFields(const TrainingRun* run, const TrainingFields& edits) {
    std::vector<ParameterField> fields{
        {"label", PERCH_TEXT("Train", "Label column"), run == nullptr ? std::string() : run->dataset.label, {}},
        {"positive", PERCH_TEXT("Train", "Positive value"), run != nullptr && run->asked != nullptr ? run->asked->positive : valueOf(run, "positive", ""), {}}};
    for (const Parameter& parameter : parameters())
        fields.push_back({parameter.key, parameter.label, usedValue(run, parameter), {}});
    for (ParameterField& field : fields) {
        if (const auto edit = edits.find(field.key); edit != edits.end())
            field.value = edit->second;
        field.error = errorOf(field);
    }
    return fields;
}

std::vector<ParameterField> fixedFields(const TrainingRun& run) {
    std::vector<ParameterField> fields{
        {"objective", PERCH_TEXT("Train", "Objective"), valueOf(&run, "objective", ""), {}, false},
        {"tree_method", PERCH_TEXT("Train", "Tree method"), valueOf(&run, "tree_method", "hist"), {}, false}};
    for (const Parameter& parameter : parameters())
        fields.push_back({parameter.key, parameter.label, usedValue(&run, parameter), {}, false});
    return fields;
}

Result<TrainingRequest> makeTrainingRequest(const ModelName& model, const std::string& data,
    const std::vector<ParameterField>& fields, const TrainingRun* run) {
    if (model.text().empty())
        return fail(ErrorCode::InvalidInput, "Choose a model first.");
    if (data.empty())
        return fail(ErrorCode::InvalidInput, "Choose the data first.");
    const std::string label = textOf(fields, "label");
    if (label.empty())
        return fail(ErrorCode::InvalidInput, "Name the label column first.");
    for (const ParameterField& field : fields) {
        if (!field.error.empty())
            return fail(ErrorCode::InvalidInput, "{}: {}", field.label.english(), field.error.english());
    }
    const spec::ModelSpec read = TRY(spec::parseModelSpec("model: form\n" + trainingYaml(fields), "form"));
    // The same data may be several sources, which one name of a file would not say.
    const bool same = run != nullptr && run->asked != nullptr && data == run->dataset.source;
    return TrainingRequest{model, same ? run->asked->data : std::filesystem::path(data), label, textOf(fields, "positive"), read.training, run == nullptr ? nullptr : run->asked};
}

std::string trainingScript(const ModelName& model, const std::string& data, const std::vector<ParameterField>& fields) {
    std::string yaml = fmt::format("model: {}\ndata: {}\n", model.text(), quoted(data));
    for (const char* key : {"label", "positive"}) {
        if (const std::string value = textOf(fields, key); !value.empty())
            yaml += fmt::format("{}: {}\n", key, quoted(value));
    }
    yaml += trainingYaml(fields);
    const std::string file = shellQuoted(model.text() + ".yaml");
    return fmt::format("#!/bin/sh\nset -eu\ncat > {0} <<'PERCH_YAML'\n{1}PERCH_YAML\nperch train --config {0}\n", file, yaml);
}

} // namespace perch::present
