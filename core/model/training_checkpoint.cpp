#include "core/model/training_checkpoint.h"

#include "core/base/digest.h"
#include "core/base/file.h"

#include <nlohmann/json.hpp>

namespace perch::model {

Result<void> writeCheckpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint) {
    const nlohmann::json head = {
        {"schema", 1},
        {"round", checkpoint.round},
        {"best_round", checkpoint.bestRound ? nlohmann::json(*checkpoint.bestRound) : nlohmann::json()},
        {"best_value", checkpoint.bestValue},
        {"elapsed_s", checkpoint.elapsed.count()},
        {"sha256", sha256(checkpoint.booster).hex()}};
    return writeFileAtomically(folder / "checkpoint", head.dump() + "\n" + checkpoint.booster);
}

Result<Checkpoint> readCheckpoint(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / "checkpoint";
    std::string bytes = TRY(readFile(file));
    const auto corrupt = [&](std::string_view why) {
        return fail(ErrorCode::Corrupt, "The checkpoint {} {}.", file.string(), why);
    };
    const std::size_t end = bytes.find('\n');
    if (end == std::string::npos)
        return corrupt("has no head");
    Checkpoint checkpoint;
    try {
        const nlohmann::json head = nlohmann::json::parse(bytes.substr(0, end));
        checkpoint.round = head.at("round").get<std::uint32_t>();
        if (!head.at("best_round").is_null())
            checkpoint.bestRound = head.at("best_round").get<std::uint32_t>();
        checkpoint.bestValue = head.at("best_value").get<double>();
        checkpoint.elapsed = Seconds(head.at("elapsed_s").get<double>());
        checkpoint.booster = bytes.substr(end + 1);
        if (sha256(checkpoint.booster).hex() != head.at("sha256").get<std::string>())
            return corrupt("has a damaged model");
    } catch (const nlohmann::json::exception&) {
        return corrupt("has a head that is not readable");
    }
    return checkpoint;
}

} // namespace perch::model
