#pragma once

#include "core/model/training_run_writer.h"
#include "core/model/training_watch.h"

#include <functional>

namespace perch::training {

using ReportProgress = std::function<void(const model::TrainProgress&)>;

/// Writes what a training says into its run folder, and hands the rounds on.
class RunWatch final : public model::TrainingWatch {
public:
    RunWatch(model::TrainingRunWriter& writer, const ReportProgress& report) : m_writer(writer), m_report(report) {}

    Result<void> stepBegan(std::string_view step) override { return m_writer.beginStep(step); }
    Result<void> planned(const model::TrainingPlan& plan) override;
    Result<void> noted(std::string_view level, std::string text) override {
        return m_writer.log(level, std::move(text));
    }
    Result<void> searched(const std::vector<model::ValidationResult>& candidates) override;
    Result<void> validated(const model::ValidationResult& result) override;
    Result<void> roundDone(const model::TrainProgress& progress) override;
    model::RunControl control() override { return m_writer.control(); }
    Result<void> pauseChanged(bool paused) override;
    Result<void> checkpoint(const model::Checkpoint& checkpoint) override;

private:
    model::TrainingRunWriter& m_writer;
    const ReportProgress& m_report;
};

} // namespace perch::training
