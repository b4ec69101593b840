#include "widgets/model/action_bar.h"

#include "widgets/support/button.h"
#include "widgets/support/text.h"

#include <QHBoxLayout>

namespace perch::widgets {

namespace {

using present::ModelButton;

struct Fixed {
    ModelButton button;
    const char* objectName;
    const char* glyph;
};

constexpr std::array<Fixed, present::kModelButtons> kButtons{{
    {ModelButton::Promote, "promoteButton", "promote"},
    {ModelButton::SetWeight, "setWeightButton", "weight"},
    {ModelButton::Pause, "pauseButton", "pause"},
    {ModelButton::Shadow, "shadowButton", "shadow"},
    {ModelButton::Abort, "abortButton", "abort"},
    {ModelButton::RollBack, "rollBackButton", "rollback"},
}};

} // namespace

ActionBar::ActionBar(QWidget* parent) : QWidget(parent) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(8));
    for (std::size_t index = 0; index < kButtons.size(); ++index) {
        auto* button = new Button(this);
        button->setObjectName(QString::fromLatin1(kButtons[index].objectName));
        button->setGlyph(QString::fromLatin1(kButtons[index].glyph));
        connect(button, &Button::clicked, this, [this, index] { Q_EMIT clicked(kButtons[index].button); });
        row->addWidget(button);
        m_buttons[index] = button;
    }
}

void ActionBar::setActions(const std::array<present::ActionButton, present::kModelButtons>& actions) {
    m_actions = actions;
    apply();
}

void ActionBar::setBusy(std::optional<ModelButton> button, const QString& step) {
    m_busy = button;
    m_step = step;
    apply();
}

const present::ActionButton& ActionBar::action(ModelButton button) const {
    return m_actions[static_cast<std::size_t>(button)];
}

void ActionBar::apply() {
    for (std::size_t index = 0; index < kButtons.size(); ++index) {
        const present::ActionButton& action = m_actions[index];
        Button& button = *m_buttons[index];
        const bool writing = m_busy == kButtons[index].button;
        if (kButtons[index].button == ModelButton::Pause)
            button.setGlyph(
                action.intent.action == rollout::Action::Resume ? QStringLiteral("resume") : QStringLiteral("pause"));
        button.setKind(action.primary ? Button::Kind::Primary : Button::Kind::Plain);
        button.setProgress(writing ? verbatim(m_step.toStdString()) : Text{});
        button.setLabel(action.label);
        button.setSecond(action.second);
        button.setToolTip(toQString(action.tooltip));
        button.setEnabled(action.enabled && !m_busy);
    }
}

} // namespace perch::widgets
