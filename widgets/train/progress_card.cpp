#include "widgets/train/progress_card.h"

#include "widgets/support/perch_style.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"
#include "widgets/train/train_parts.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>

namespace perch::widgets {

/// The bar with a tick for the best round and one for where it stops.
class ProgressCard::Bar : public QWidget {
public:
    explicit Bar(QWidget* parent) : QWidget(parent) {
        setFixedHeight(px(14));
        setObjectName(QStringLiteral("trainingBar"));
    }
    void set(const present::ProgressCard& card) {
        m_card = card;
        setAccessibleName(toQString(card.round));
        setAccessibleDescription(toQString(card.summary));
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF track = QRectF(rect()).adjusted(0, px(1), 0, -px(1));
        paintBox(painter, track, px(3), theme().sunken, theme().line);
        if (m_card.share > 0) {
            QPainterPath whole;
            whole.addRoundedRect(track, px(3), px(3));
            painter.save();
            painter.setClipPath(whole);
            painter.fillRect(QRectF(track.left(), track.top(), track.width() * m_card.share, track.height()), theme().accent);
            painter.restore();
        }
        const auto tick = [&](const std::optional<double>& at, const QColor& color) {
            if (at)
                painter.fillRect(QRectF(std::round((width() - 2) * *at), 0, 2, height()), color);
        };
        tick(m_card.best, theme().pass);
        tick(m_card.stop, theme().warnFill);
    }

private:
    present::ProgressCard m_card;
};

ProgressCard::ProgressCard(QWidget* parent)
    : Card(parent),
      m_round(new RunLabel(this)),
      m_pace(new RunLabel(this)),
      m_likely(new RunLabel(this)),
      m_most(new RunLabel(this)),
      m_pause(new Button(this)),
      m_stop(new Button(this)),
      m_bar(new Bar(this)) {
    setHeaderShown(false);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    body()->setContentsMargins(px(16), px(14), px(16), px(16));
    body()->setSpacing(px(12));
    m_round->setSize(Size::Section);
    m_round->setTone(present::Tone::Plain);
    m_round->setWeight(600);
    m_round->setMonoArguments(false);
    m_round->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    m_pace->setTone(present::Tone::Secondary);
    m_pause->setObjectName(QStringLiteral("pauseTrainingButton"));
    m_pause->setGlyph(QStringLiteral("pause"));
    m_stop->setObjectName(QStringLiteral("stopTrainingButton"));
    m_stop->setGlyph(QStringLiteral("abort"));
    m_stop->setKind(Button::Kind::Primary);
    connect(m_pause, &Button::clicked, this, &ProgressCard::pauseClicked);
    connect(m_stop, &Button::clicked, this, &ProgressCard::stopClicked);
    auto* top = new QHBoxLayout;
    top->setSpacing(px(8));
    top->addWidget(m_round);
    top->addSpacing(px(4));
    top->addWidget(m_pace, 1);
    top->addWidget(m_pause);
    top->addWidget(m_stop);
    body()->addLayout(top);
    body()->addWidget(m_bar);
    auto* ends = new QHBoxLayout;
    m_most->setAlignment(Qt::AlignRight);
    ends->addWidget(m_likely, 1);
    ends->addWidget(m_most, 1);
    body()->addLayout(ends);
}

void ProgressCard::setScreen(const present::TrainScreen& screen) {
    const present::ProgressCard& card = screen.progress;
    m_round->setText(card.round);
    m_pace->setText(card.pace);
    m_likely->setText(card.likely);
    m_most->setText(card.most);
    m_bar->set(card);
    showAction(*m_pause, screen.pause);
    showAction(*m_stop, screen.stop);
    m_pause->setVisible(screen.pause.shown);
    m_stop->setVisible(screen.stop.shown);
    m_pause->setGlyph(screen.chip.state == present::State::Paused ? QStringLiteral("resume") : QStringLiteral("pause"));
}

} // namespace perch::widgets
