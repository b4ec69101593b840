#pragma once

#include "core/base/text.h"

#include <QAbstractButton>

namespace perch::widgets {

/// Every push button: verb and object, an optional glyph, an optional second line (then 48 px high instead of 32; small
/// ones are 24). Filled in accent (Primary) or in the production color (Production); off it is sunken and its second
/// line is the reason. `progress` keeps the width and shows the step while something is written.
class Button : public QAbstractButton {
    Q_OBJECT
public:
    enum class Kind { Plain, Primary, Production, Link };
    explicit Button(QWidget* parent = nullptr);
    void setKind(Kind kind);
    void setLabel(const Text& label);
    void setSecond(const Text& second);
    void setGlyph(const QString& name);
    void setSmall(bool small);
    /// From 0 to 1: how far the deliberate hold of the button has come; 0 shows nothing.
    void setHeld(double share);
    /// Shows `step` in place of the second line (or label) and keeps the width; an empty text ends it.
    void setProgress(const Text& step);
    Kind kind() const { return m_kind; }
    Text label() const { return m_label; }
    Text second() const { return m_second; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    Kind m_kind = Kind::Plain;
    Text m_label, m_second, m_progress;
    QString m_glyph;
    bool m_small = false;
    double m_held = 0;
    int m_keptWidth = 0;
};

/// A row of exclusive choices: `24 h | 7 d | 30 d`. Arrow keys move.
class Segments : public QWidget {
    Q_OBJECT
public:
    explicit Segments(QWidget* parent = nullptr);
    void setLabels(const std::vector<Text>& labels);
    void setCurrent(int index);
    int current() const { return m_current; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void chosen(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    std::vector<int> edges() const;
    std::vector<Text> m_labels;
    int m_current = 0;
};

} // namespace perch::widgets
