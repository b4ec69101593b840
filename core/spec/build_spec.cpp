#include "core/spec/build_spec.h"

#include "core/spec/yaml_section.h"

namespace perch::spec {

Result<void> readBuild(const YamlSection& /*top*/, BuildSpec& /*build*/) {
    return {};
}

} // namespace perch::spec
