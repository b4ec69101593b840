#pragma once

#include "core/present/drift_screen.h"

#include <QWidget>

namespace perch::widgets {

/// Key numbers beside one another with a rule between them: a caption, under it the value and its interval. In equal
/// parts of the width, or each as wide as it must be.
class FigureRow : public QWidget {
    Q_OBJECT
public:
    enum class Spread { Equal, Natural };
    explicit FigureRow(Spread spread, QWidget* parent = nullptr);
    void setFigures(const std::vector<present::DriftFigure>& figures);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    std::vector<QRect> cells() const;

    Spread m_spread;
    std::vector<present::DriftFigure> m_figures;
};

} // namespace perch::widgets
