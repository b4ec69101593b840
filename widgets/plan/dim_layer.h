#pragma once

#include <QWidget>

namespace perch::widgets {

/// Dims a window while a dialog is over it; follows the window's size.
class DimLayer : public QWidget {
    Q_OBJECT
public:
    explicit DimLayer(QWidget* window);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace perch::widgets
