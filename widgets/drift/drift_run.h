#pragma once

#include "core/drift/drift_record.h"
#include "widgets/support/async.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

namespace perch::widgets {

/// What a person asks to be compared: names as the pickers show them.
struct DriftRequest {
    ModelName model;
    std::string version;   ///< `v7`: whose features, weights and scores
    std::string reference; ///< file
    std::string current;   ///< file
    drift::DriftPreset preset = drift::DriftPreset::Perch;
    bool operator==(const DriftRequest&) const = default;
};

/// Given by the app; called off the GUI thread, as is the share done (0 to 1) that it tells.
using DriftProgress = std::function<void(double)>;
using DriftMeasurer =
    std::function<Result<drift::DriftRecord>(const DriftRequest&, const DriftProgress&, std::stop_token)>;

/// One comparison at a time, in the background; a newer one makes the older stale. Says twice a second how far it is.
class DriftRun : public QObject {
    Q_OBJECT
public:
    explicit DriftRun(QObject* parent = nullptr);
    ~DriftRun() override;
    void setMeasurer(DriftMeasurer measurer, QThreadPool* pool);
    bool available() const { return static_cast<bool>(m_measurer); }
    bool running() const { return m_running.has_value(); }
    void start(const DriftRequest& request);
    void cancel();

Q_SIGNALS:
    void progressed(const QString& sentence);
    void finished(std::shared_ptr<const perch::drift::DriftRecord> record);
    void failed(const QString& sentence);

private:
    void tell();

    DriftMeasurer m_measurer;
    std::unique_ptr<LatestOnly<drift::DriftRecord>> m_work;
    std::optional<DriftRequest> m_running;
    std::shared_ptr<std::atomic<double>> m_share; ///< of the run under way; outlives this object with its work
    QElapsedTimer m_since;
    QTimer m_tick;
};

} // namespace perch::widgets
