#include "app/cli/context.h"
#include "app/cli/verbs.h"
#include "core/spec/spec_schema.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::cli {

void addSchemaVerb(CLI::App& app) {
    // The document is the same with and without --json: it has a schema of its own, that of JSON Schema.
    addVerb(app, "schema", "Print the JSON Schema of perch.yaml for editors", [](const Context&) -> Result<int> {
        fmt::print("{}\n", spec::modelSpecSchema().dump(2));
        return 0;
    });
}

} // namespace perch::cli
