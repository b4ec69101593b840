#pragma once

#include "core/present/model_screen.h"

#include <QDoubleSpinBox>
#include <QWidget>

namespace perch::widgets {

class Button;
class RunLabel;

/// `[- | 10 % | +] [Apply…] no change`: chooses the canary's weight. A value that a person typed stays while new
/// snapshots arrive, until it is applied or the route gets it.
class WeightField : public QWidget {
    Q_OBJECT
public:
    explicit WeightField(QWidget* parent = nullptr);
    void setField(const present::WeightField& field);
    void setBusy(bool busy);
    Percent chosen() const;
    bool changed() const;
    void focusField();

Q_SIGNALS:
    void applied(Percent weight);

protected:
    void changeEvent(QEvent* event) override;

private:
    void refresh();

    present::WeightField m_field;
    bool m_busy = false;
    bool m_edited = false;
    class WeightSpin* m_spin;
    Button* m_apply;
    RunLabel* m_reason;
};

/// The box itself: shows `10 %` or `12.5 %`, steps by 5 between its own buttons.
class WeightSpin : public QDoubleSpinBox {
    Q_OBJECT
public:
    explicit WeightSpin(QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    QString textFromValue(double value) const override;
    double valueFromText(const QString& text) const override;
    QValidator::State validate(QString& text, int& position) const override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    int stepAt(const QPoint& position) const; ///< -1, 0 or 1
};

} // namespace perch::widgets
