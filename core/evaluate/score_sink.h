#pragma once

#include "core/model/predict/predictor.h"

#include <filesystem>
#include <memory>
#include <span>

namespace perch::evaluate {

/// Where answers go, batch after batch. One thread. The file is complete only after `finish`.
class ScoreSink {
public:
    virtual ~ScoreSink() = default;
    virtual Result<void> write(std::span<const model::Prediction> answers) = 0;
    virtual Result<void> finish() = 0;

    /// By the ending of `name`; the bytes go to `file`, which must not exist yet. `classes` must outlive the sink.
    static Result<std::unique_ptr<ScoreSink>> create(const std::filesystem::path& name,
                                                     const std::filesystem::path& file,
                                                     const std::vector<std::string>& classes);
};

} // namespace perch::evaluate
