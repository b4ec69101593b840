#pragma once

#include "core/present/shell_screen.h"

#include <QWidget>

namespace perch::widgets {

/// The bar of 52 px under the menu: the mark, the environment tag, context and workspace, every source with its state
/// and age, and the field that goes anywhere.
class ContextBar : public QWidget {
    Q_OBJECT
public:
    explicit ContextBar(QWidget* parent = nullptr);
    void setValue(const present::ShellScreen& screen);
    void setBrandWidth(int width); ///< of the mark at the left: as wide as the rail
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void goToRequested();

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    QRect goToRect() const;
    void paintBrand(QPainter& painter) const;
    int paintTag(QPainter& painter, int x) const;
    int paintContext(
        QPainter& painter, int x, const Text& name, const Text& value, const QColor& border, bool joined) const;
    int sourcesWidth() const;
    void paintSources(QPainter& painter, int x, int right);
    void paintGoTo(QPainter& painter) const;

    present::ShellScreen m_screen;
    int m_brandWidth = 0;
    std::vector<std::pair<QRect, QString>> m_tips;
};

} // namespace perch::widgets
