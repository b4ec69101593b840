#include "widgets/evaluate/confusion_card.h"

#include "widgets/evaluate/threshold_slider.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"

#include <QPainter>
#include <QVBoxLayout>

#include <array>

namespace perch::widgets {

namespace {
constexpr double kAnswerHead = 24, kTruthSide = 56, kCellGap = 8, kCell = 72; ///< pixels at 100 %
}

/// Four cells with their words; columns are what was predicted, rows what is true.
class ConfusionView::Matrix : public QWidget {
public:
    using QWidget::QWidget;
    void set(const present::ConfusionCard& card) {
        m_card = card;
        QStringList words;
        for (const auto* cell : {&card.trueNegative, &card.falsePositive, &card.falseNegative, &card.truePositive})
            words.append(toQString(cell->name) + QLatin1Char(' ') + toQString(cell->count) + QLatin1Char(' ') +
                         toQString(cell->share));
        setAccessibleName(words.join(QStringLiteral(", ")));
        update();
    }
    QSize sizeHint() const override { return {px(280), px(kAnswerHead) + 2 * px(kCell) + px(kCellGap)}; }
    QSize minimumSizeHint() const override { return {px(230), px(kAnswerHead) + 2 * px(62) + px(kCellGap)}; }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const double width = (this->width() - px(kTruthSide) - px(kCellGap)) / 2.0;
        const double height = std::min<double>(px(90), (this->height() - px(kAnswerHead) - px(kCellGap)) / 2.0);
        const auto cellArea = [&](int row, int column) {
            return QRectF(px(kTruthSide) + column * (width + px(kCellGap)),
                          px(kAnswerHead) + row * (height + px(kCellGap)), width, height);
        };
        RunStyle style;
        style.size = Size::Caption;
        style.weight = 500;
        style.color = theme().ink2;
        style.monoArguments = false;
        paintRuns(painter, QRect(static_cast<int>(cellArea(0, 0).left()), 0, static_cast<int>(width), px(kAnswerHead)),
                  m_card.predictedNegative, style);
        paintRuns(painter, QRect(static_cast<int>(cellArea(0, 1).left()), 0, static_cast<int>(width), px(kAnswerHead)),
                  m_card.predictedPositive, style);
        paintSide(painter, cellArea(0, 0), m_card.actualNegative);
        paintSide(painter, cellArea(1, 0), m_card.actualPositive);
        paintCell(painter, cellArea(0, 0), m_card.trueNegative);
        paintCell(painter, cellArea(0, 1), m_card.falsePositive);
        paintCell(painter, cellArea(1, 0), m_card.falseNegative);
        paintCell(painter, cellArea(1, 1), m_card.truePositive);
    }

private:
    static void paintSide(QPainter& painter, const QRectF& beside, const Text& text) {
        painter.setFont(textFont(Size::Caption, Face::Words, 500));
        painter.setPen(theme().ink2);
        painter.drawText(QRectF(0, beside.top(), px(kTruthSide) - px(4), beside.height()),
                         Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap, toQString(text));
    }

    static void paintCell(QPainter& painter, const QRectF& area, const present::ConfusionCell& cell) {
        paintBox(painter, area, px(4), cell.correct ? theme().canaryBg : theme().surface, theme().line);
        const QRect inner = area.toRect().adjusted(px(8), 0, -px(6), 0);
        const int middle = static_cast<int>(area.center().y());
        RunStyle small;
        small.size = Size::Caption;
        small.color = theme().ink2;
        paintRuns(painter, QRect(inner.left(), middle - px(30), inner.width(), px(16)), cell.name, small);
        const QRect row(inner.left(), middle - px(14), inner.width(), px(26));
        painter.setFont(textFont(Size::KeyNumber, Face::Mono));
        painter.setPen(theme().ink);
        const QString count = toQString(cell.count);
        painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, count);
        const int used = painter.fontMetrics().horizontalAdvance(count) + px(5);
        const int share = runsWidth(cell.share, small);
        if (used + share <= row.width()) // else the share gives way: the count is never cut
            paintRuns(painter, row.adjusted(used, px(2), 0, px(2)), cell.share, small);
        paintRuns(painter, QRect(inner.left(), middle + px(13), inner.width(), px(16)), cell.baseline, small);
    }

    present::ConfusionCard m_card;
};

/// The threshold in a box at the right of its caption.
class ConfusionView::ValueBox : public QWidget {
public:
    explicit ValueBox(QWidget* parent) : QWidget(parent) { setFixedSize(px(48), px(24)); }
    void set(const Text& text) {
        m_text = toQString(text);
        setAccessibleName(m_text);
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        paintBox(painter, QRectF(rect()), px(4), theme().surface, theme().line2);
        painter.setFont(textFont(Size::Secondary, Face::Mono, 600));
        painter.setPen(theme().ink);
        painter.drawText(rect(), Qt::AlignCenter, m_text);
    }

private:
    QString m_text;
};

ConfusionView::ConfusionView(QWidget* parent)
    : Card(parent), m_slider(new ThresholdSlider(this)), m_value(new ValueBox(this)), m_matrix(new Matrix(this)) {
    auto* row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 0, 0);
    auto* caption = new RunLabel(this);
    caption->setText(PERCH_TEXT("Evaluate", "Decision threshold"));
    row->addWidget(caption);
    row->addStretch(1);
    row->addWidget(m_value);
    m_slider->setObjectName(QStringLiteral("thresholdSlider"));
    m_matrix->setObjectName(QStringLiteral("confusionMatrix"));
    body()->setSpacing(px(4));
    body()->addLayout(row);
    body()->addWidget(m_slider);
    body()->addSpacing(px(2));
    body()->addWidget(m_matrix, 1);
    connect(m_slider, &ThresholdSlider::moved, this, &ConfusionView::thresholdMoved);
}

void ConfusionView::setCard(const present::ConfusionCard& card) {
    setTitle(card.title);
    setRightNote(card.note);
    m_value->set(card.thresholdText);
    m_slider->setValue(card.threshold, card.accuracyCurve, card.thresholdNote);
    m_matrix->set(card);
}

void ConfusionView::step(double by) {
    m_slider->step(by);
}

} // namespace perch::widgets
