#include "widgets/shell/known_choices.h"

#include <algorithm>
#include <functional>

namespace perch::widgets {

ModelChoices knownChoices(const Facts& facts, const ModelName& name) {
    ModelChoices choices{name, {}, {}};
    const auto addData = [&choices](const std::string& file) {
        if (!file.empty() && std::ranges::find(choices.data, file) == choices.data.end())
            choices.data.push_back(file);
    };
    const auto evaluation = facts.evaluations.find(name);
    if (evaluation != facts.evaluations.end() && evaluation->second != nullptr)
        addData(evaluation->second->data);
    std::vector<const registry::VersionRecord*> records;
    if (const fleet::ModelFacts* model = facts.snapshot == nullptr ? nullptr : facts.snapshot->find(name)) {
        for (const fleet::VersionFacts& version : model->versions) {
            if (version.record)
                records.push_back(&*version.record);
        }
    }
    std::ranges::sort(records, std::greater{}, [](const registry::VersionRecord* record) { return record->version; });
    for (const registry::VersionRecord* record : records) {
        choices.versions.push_back(record->version.text());
        addData(record->dataSource);
    }
    const auto drift = facts.drifts.find(name);
    if (drift != facts.drifts.end() && drift->second != nullptr) {
        addData(drift->second->reference);
        addData(drift->second->current);
    }
    return choices;
}

} // namespace perch::widgets
