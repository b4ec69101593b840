#include "core/spec/source_spec.h"

#include "core/spec/yaml_section.h"

namespace perch::spec {

Result<void> readSources(const YamlSection& /*top*/, std::vector<SourceSpec>& /*sources*/) {
    return {};
}

} // namespace perch::spec
