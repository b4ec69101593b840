#pragma once

#include <QObject>

class QWidget;

namespace perch::console {

/// Prints how long it took from the start of the process to the end of the first paint of a window, and how much
/// memory is resident, then ends the program.
class StartMeter : public QObject {
    Q_OBJECT
public:
    explicit StartMeter(QWidget& window);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    bool m_painted = false;
};

} // namespace perch::console
