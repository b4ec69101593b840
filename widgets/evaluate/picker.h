#pragma once

#include "core/base/text.h"
#include "core/present/state.h"

#include <QAbstractButton>

#include <optional>

namespace perch::widgets {

/// `(circle) Candidate v8 (chevron)`: a choice from a menu; the marker is a circle for the candidate, a square for the
/// baseline. Without choices it is a label that says what is shown.
class Picker : public QAbstractButton {
    Q_OBJECT
public:
    Picker(const Text& caption, std::optional<present::Tone> marker, QWidget* parent = nullptr);
    void setChoices(const QStringList& choices);
    void setCurrent(const QString& current);
    QString current() const { return m_current; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void chosen(const QString& choice);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void openMenu();

    Text m_caption;
    std::optional<present::Tone> m_marker;
    QStringList m_choices;
    QString m_current;
};

} // namespace perch::widgets
