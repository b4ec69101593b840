#pragma once

#include "core/present/plan_screen.h"

#include <QAbstractButton>
#include <QLineEdit>
#include <QWidget>

namespace perch::widgets {

class RunLabel;

/// `(lock) PRODUCTION` on the environment's color.
class EnvironmentTag : public QWidget {
    Q_OBJECT
public:
    explicit EnvironmentTag(QWidget* parent = nullptr);
    void setEnvironment(const std::string& environment, const Text& word);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::string m_environment;
    Text m_word;
};

/// The color of an environment's frame; not valid for development.
QColor environmentColor(const std::string& environment);

/// A glyph in ink2; as a button it is small and without a frame.
class GlyphButton : public QAbstractButton {
    Q_OBJECT
public:
    explicit GlyphButton(const QString& glyph, QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_glyph;
};

/// The uncomfortable fact: a triangle, a bold sentence with its numbers, a line of detail.
class WarningBanner : public QWidget {
    Q_OBJECT
public:
    explicit WarningBanner(QWidget* parent = nullptr);
    void setWords(const Text& title, const Text& detail);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    RunLabel* m_title;
    RunLabel* m_detail;
};

/// One check: glyph, headline, detail.
class CheckItem : public QWidget {
    Q_OBJECT
public:
    explicit CheckItem(const present::PlanCheck& check, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    present::State m_state;
};

/// The field in which a name is typed; says `matches` when it is right.
class ConfirmField : public QLineEdit {
    Q_OBJECT
public:
    explicit ConfirmField(QWidget* parent = nullptr);
    void setWord(const std::string& word);
    bool matches() const { return hasAcceptableInput(); }

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace perch::widgets
