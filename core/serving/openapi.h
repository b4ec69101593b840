#pragma once

#include "core/serving/field_route.h"
#include "core/serving/served_model.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace perch::serving {

/// What a server answers now.
struct ServedApi {
    std::string_view programVersion;
    std::span<const std::shared_ptr<ServedModel>> models; ///< in the order of loading: the last of a model answers
    std::span<const RouteRule> rules;
    std::size_t rowLimit = 0;
};

/// The OpenAPI 3.1 document of the first listener: every path of every loaded version with the model's own fields,
/// their types, the categories that training knew and the range that most of its rows lie in. A pure function.
std::string openApiDocument(const ServedApi& api);

} // namespace perch::serving
