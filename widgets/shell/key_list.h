#pragma once

#include <QDialog>

namespace perch::widgets {

/// All keys (F1).
class KeyList : public QDialog {
    Q_OBJECT
public:
    explicit KeyList(QWidget* parent);

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace perch::widgets
