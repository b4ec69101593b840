#include "core/model/training_process.h"

#include <fmt/core.h>

#include <fstream>
#include <sstream>
#include <string>

namespace perch::model {

std::optional<std::uint64_t> processStart(std::int64_t process) {
    std::ifstream file(fmt::format("/proc/{}/stat", process));
    std::string text;
    if (process <= 0 || !std::getline(file, text))
        return std::nullopt;
    // `pid (name, which may hold anything) state ...`: the state is field 3, the start field 22.
    const std::size_t name = text.rfind(')');
    if (name == std::string::npos)
        return std::nullopt;
    std::istringstream fields(text.substr(name + 1));
    std::string field;
    for (int number = 3; number <= 22 && fields >> field; ++number) {
        if (number == 3 && (field == "Z" || field == "X"))
            return std::nullopt;
        if (number == 22)
            return std::stoull(field);
    }
    return std::nullopt;
}

} // namespace perch::model
