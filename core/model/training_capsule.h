#pragma once

#include "core/model/train.h"
#include "core/model/training_parameters.h"

#include <filesystem>
#include <string>
#include <vector>

namespace perch::model {

/// capsule.json: all that a training needs to be repeated, and what it was repeated on. Written into each package.
struct Capsule {
    ModelName model;
    std::string label;
    std::string positive;
    std::vector<std::string> ignored; ///< columns
    spec::TrainingSpec training;      ///< after a search: the parameters it found, without the search
    spec::ThresholdSpec threshold;
    std::uint32_t keptRounds = 0;
    std::uint32_t threads = 1;
    std::string device = "cpu";
    std::string xgboost, perch; ///< versions
    std::string source;         ///< of the data
    std::string fingerprint;    ///< digest of the data, hexadecimal
    std::string content;        ///< of the bytes alone, hexadecimal
    data::Cell trainedUntil;    ///< split by time: the newest time it learned from
    std::string booster;        ///< SHA-256 of the model bytes; empty in a capsule of an older version
};

/// What a training was made with, as far as its request does not say it.
struct TrainingFacts {
    const BoosterParameters& parameters;
    const spec::TrainingSpec& training; ///< with what a search found
    std::uint32_t threads = 1;
    std::uint32_t keptRounds = 0;
    std::string device;
    data::Cell trainedUntil; ///< split by time: the newest time among the rows that were learned from
    bool externalMemory = false;
};

std::string capsuleText(const XgboostLibrary& library, const TrainRequest& request, const PackageParts& parts,
                        const TrainingFacts& facts);

/// Corrupt that names the field.
Result<Capsule> parseCapsule(std::string_view json, const std::string& file);
/// From a capsule.json or from the folder that holds one.
Result<Capsule> loadCapsule(const std::filesystem::path& path);

/// What differs between the training that the capsule is of and one here: one sentence each. Empty: the model bytes
/// will be the same.
std::vector<std::string> differences(const Capsule& capsule, const data::Fingerprint& data,
                                     const XgboostLibrary& library, const std::string& perch, std::uint32_t threads,
                                     const std::string& device);

} // namespace perch::model
