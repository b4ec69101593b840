#include "core/kube/resource.h"

#include "core/http/message.h"

#include <fmt/format.h>

namespace perch::kube {

std::string nameOf(const Resource& resource) {
    return resource.group.empty() ? std::string(resource.plural)
                                  : fmt::format("{}.{}", resource.plural, resource.group);
}

std::string pathOf(const Resource& resource, std::string_view nameSpace, std::string_view name, std::string_view part) {
    std::string path = resource.group.empty() ? fmt::format("/api/{}", resource.version)
                                              : fmt::format("/apis/{}/{}", resource.group, resource.version);
    if (resource.scope == Resource::Scope::Namespaced && !nameSpace.empty())
        path += "/namespaces/" + http::percentEncode(nameSpace);
    path += fmt::format("/{}", resource.plural);
    if (!name.empty())
        path += "/" + http::percentEncode(name);
    if (!part.empty())
        path += fmt::format("/{}", part);
    return path;
}

} // namespace perch::kube
