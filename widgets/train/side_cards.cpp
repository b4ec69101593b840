#include "widgets/train/side_cards.h"

#include "widgets/charts/spark_line.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"
#include "widgets/train/train_parts.h"

#include <QPainter>
#include <QVBoxLayout>

namespace perch::widgets {

namespace {

/// Pixels at 100 %.
constexpr double kMachine = 54, kMetric = 28, kCardHead = 26, kStep = 28, kCardSide = 16;

/// Data as an argument, so that it is set in mono.
Text asFigure(const Text& text) {
    return PERCH_TEXT("Train", "%1", {text.english()});
}

/// A line of words with a rule over it, at the foot of a card.
RunLabel* addNote(Card& card) {
    auto* note = new RunLabel(&card);
    note->setTone(present::Tone::Muted);
    auto* inset = new QVBoxLayout;
    inset->setContentsMargins(px(kCardSide), px(10), px(kCardSide), px(10));
    inset->addWidget(note);
    card.body()->addLayout(inset);
    return note;
}

} // namespace

class MachineCard::Rows : public QWidget {
public:
    explicit Rows(QWidget* parent) : QWidget(parent) {}
    void set(const std::vector<present::MachineRow>& rows) {
        m_rows = rows;
        QStringList story;
        for (const auto& row : rows)
            story.append(toQString(row.name) + QLatin1Char(' ') + toQString(row.value) + QLatin1Char(' ') +
                         toQString(row.of));
        setAccessibleDescription(story.join(QStringLiteral(", ")));
        setFixedHeight(px(kMachine) * static_cast<int>(rows.size()));
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        int top = 0;
        for (const auto& row : m_rows) {
            painter.fillRect(QRect(0, top, width(), 1), theme().line);
            const QRect name(px(kCardSide), top + px(7), width() / 2, px(16));
            paintRuns(painter, name, row.name, styleOf(Size::Secondary, theme().ink2));
            QRect line(px(kCardSide), top + px(24), width() - 2 * px(kCardSide), px(22));
            RunStyle figure = styleOf(Size::CardTitle, theme().ink, 600);
            const int used = paintRuns(painter, line, asFigure(row.value), figure);
            paintRuns(painter, line.adjusted(used + px(5), 0, 0, 0), row.of, styleOf(Size::Secondary, theme().ink2));
            const double wide = px(112);
            paintSpark(painter, QRectF(width() - px(kCardSide) - wide, top + px(8), wide, px(16)), row.spark);
            top += px(kMachine);
        }
    }

private:
    std::vector<present::MachineRow> m_rows;
};

MachineCard::MachineCard(QWidget* parent) : Card(parent), m_rows(new Rows(this)) {
    setObjectName(QStringLiteral("machineCard"));
    setTitle(PERCH_TEXT("Train", "This machine"));
    setRightNote(PERCH_TEXT("Train", "last %1\u00a0min", {"2"}));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    body()->setContentsMargins(0, 0, 0, 0);
    body()->setSpacing(0);
    m_rows->setAccessibleName(tr("This machine"));
    body()->addWidget(m_rows);
    auto* line = new QFrame(this);
    line->setFixedHeight(1);
    line->setAutoFillBackground(true);
    line->setBackgroundRole(QPalette::Dark);
    body()->addWidget(line);
    m_note = addNote(*this);
}

void MachineCard::setScreen(const present::TrainScreen& screen) {
    m_rows->set(screen.machine);
    m_note->setText(screen.machine.empty() ? PERCH_TEXT("Train", "Nothing was measured yet.") : screen.machineNote);
}

class BestCard::Rows : public QWidget {
public:
    explicit Rows(QWidget* parent) : QWidget(parent) {}
    void set(const present::BestCard& value) {
        m_value = value;
        QStringList story;
        for (const auto& row : value.rows)
            story.append(toQString(row.metric) + QLatin1Char(' ') + toQString(row.candidate) +
                         (row.baseline.empty()
                              ? QString()
                              : tr(", %1 %2").arg(toQString(value.baseline), toQString(row.baseline))));
        setAccessibleDescription(story.join(QStringLiteral("; ")));
        setFixedHeight(value.rows.empty() ? 0 : px(kCardHead) + px(kMetric) * static_cast<int>(value.rows.size()));
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override {
        if (m_value.rows.empty())
            return;
        QPainter painter(this);
        const int side = px(kCardSide), last = m_value.baseline.empty() ? 0 : px(76);
        painter.fillRect(QRect(0, 0, width(), px(kCardHead)), theme().raised);
        painter.fillRect(QRect(0, 0, width(), 1), theme().line);
        const RunStyle head = styleOf(Size::Caption, theme().ink2, 600);
        const QRect top(side, 0, width() - 2 * side, px(kCardHead));
        const auto columns = [&](QRect row, const Text& name, const Text& candidate, const Text& baseline,
                                 const RunStyle& first, const RunStyle& second, const RunStyle& third) {
            paintRuns(painter, row, name, first);
            paintRuns(painter, row.adjusted(0, 0, -last, 0), candidate, second, Qt::AlignRight);
            paintRuns(painter, row, baseline, third, Qt::AlignRight);
        };
        columns(top, PERCH_TEXT("Train", "Metric"), m_value.candidate, m_value.baseline, head, head, head);
        QRect row(side, px(kCardHead), width() - 2 * side, px(kMetric));
        for (const auto& metric : m_value.rows) {
            painter.fillRect(QRect(0, row.top(), width(), 1), theme().line);
            columns(row, metric.metric, asFigure(metric.candidate), asFigure(metric.baseline),
                    styleOf(Size::Secondary, theme().ink), styleOf(Size::Secondary, theme().ink, 600),
                    styleOf(Size::Secondary, theme().ink2));
            row.translate(0, px(kMetric));
        }
    }

private:
    present::BestCard m_value;
};

BestCard::BestCard(QWidget* parent) : Card(parent), m_rows(new Rows(this)) {
    setObjectName(QStringLiteral("bestCard"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    body()->setContentsMargins(0, 0, 0, 0);
    body()->setSpacing(0);
    body()->addWidget(m_rows);
    m_note = addNote(*this);
}

void BestCard::setValue(const present::BestCard& value) {
    setTitle(value.title);
    setRightNote(value.note);
    m_rows->setAccessibleName(toQString(value.title));
    m_rows->set(value);
    m_note->setText(value.emptyText.empty() ? value.footnote : value.emptyText);
}

class StepsCard::Rows : public QWidget {
public:
    explicit Rows(QWidget* parent) : QWidget(parent) {}
    void set(const std::vector<present::StepRow>& rows) {
        m_rows = rows;
        QStringList story;
        for (const auto& row : rows)
            story.append(toQString(row.name) + QLatin1Char(' ') + toQString(row.value));
        setAccessibleDescription(story.join(QStringLiteral(", ")));
        setMinimumHeight(px(kStep) * static_cast<int>(rows.size()) + px(4));
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const int side = px(kCardSide);
        QRect row(side, 0, width() - 2 * side, px(kStep));
        for (const auto& step : m_rows) {
            painter.fillRect(QRect(0, row.top(), width(), 1), theme().line);
            const double glyph = px(15);
            paintGlyph(painter, QRectF(row.left(), row.center().y() - glyph / 2 + 0.5, glyph, glyph), step.state,
                       theme().text(step.state));
            const bool waits = step.state == present::State::NoData;
            const RunStyle name =
                styleOf(Size::Secondary, waits ? theme().ink2 : theme().ink, step.current ? 600 : 500);
            paintRuns(painter, row.adjusted(px(26), 0, 0, 0), step.name, name);
            const QColor color = step.current                         ? theme().accent
                                 : step.state == present::State::Fail ? theme().fail
                                                                      : theme().ink2;
            paintRuns(painter, row, asFigure(step.value), styleOf(Size::Secondary, color), Qt::AlignRight);
            row.translate(0, px(kStep));
        }
    }

private:
    std::vector<present::StepRow> m_rows;
};

StepsCard::StepsCard(QWidget* parent) : Card(parent), m_rows(new Rows(this)) {
    setObjectName(QStringLiteral("stepsCard"));
    setTitle(PERCH_TEXT("Train", "Steps"));
    m_rows->setAccessibleName(tr("Steps"));
    body()->setContentsMargins(0, 0, 0, 0);
    body()->addWidget(m_rows, 1);
}

void StepsCard::setSteps(const std::vector<present::StepRow>& steps) {
    m_rows->set(steps);
}

} // namespace perch::widgets
