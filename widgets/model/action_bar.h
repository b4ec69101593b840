#pragma once

#include "core/present/model_screen.h"

#include <QWidget>

#include <array>
#include <optional>

namespace perch::widgets {

class Button;

/// The six actions of a model, always in the same order and always visible: 48 px high, the second line says the
/// effect or why the action is off. Raises what was clicked; decides nothing.
class ActionBar : public QWidget {
    Q_OBJECT
public:
    explicit ActionBar(QWidget* parent = nullptr);
    void setActions(const std::array<present::ActionButton, present::kModelButtons>& actions);
    /// While `button` is executed it shows `step` and the others are off.
    void setBusy(std::optional<present::ModelButton> button, const QString& step);
    const present::ActionButton& action(present::ModelButton button) const;

Q_SIGNALS:
    void clicked(present::ModelButton button);

private:
    void apply();

    std::array<present::ActionButton, present::kModelButtons> m_actions;
    std::array<Button*, present::kModelButtons> m_buttons{};
    std::optional<present::ModelButton> m_busy;
    QString m_step;
};

} // namespace perch::widgets
