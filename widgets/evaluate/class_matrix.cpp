#include "widgets/evaluate/class_matrix.h"

#include "widgets/support/fonts.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <cmath>

namespace perch::widgets {

namespace {
constexpr double kAnswerNames = 22, kTruthNames = 96, kGap = 3, kLargestCell = 74; ///< pixels at 100 %
}

class ClassMatrix::Plot : public QWidget {
public:
    Plot(const present::ClassCards* cards, QWidget* parent) : QWidget(parent), m_cards(cards) {
        setMinimumSize(px(240), px(180));
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setFont(textFont(Size::Caption, Face::Words, 500));
        painter.setPen(theme().ink2);
        for (std::size_t index = 0; index < m_cards->names.size(); ++index) {
            const QRectF first = cellArea(0, index), row = cellArea(index, 0);
            paintName(painter, QRectF(first.left(), 0, first.width(), px(kAnswerNames)), index, Qt::AlignHCenter);
            paintName(painter, QRectF(0, row.top(), px(kTruthNames) - px(6), row.height()), index, Qt::AlignLeft);
        }
        painter.setFont(textFont(Size::Secondary, Face::Mono, 500));
        for (std::size_t truth = 0; truth < m_cards->cells.size(); ++truth)
            for (std::size_t answer = 0; answer < m_cards->cells[truth].size(); ++answer)
                paintCell(painter, cellArea(truth, answer), m_cards->cells[truth][answer]);
    }

    bool event(QEvent* event) override {
        if (event->type() != QEvent::ToolTip)
            return QWidget::event(event);
        const auto* help = static_cast<QHelpEvent*>(event);
        for (std::size_t truth = 0; truth < m_cards->cells.size(); ++truth)
            for (std::size_t answer = 0; answer < m_cards->cells[truth].size(); ++answer)
                if (cellArea(truth, answer).contains(help->pos())) {
                    QToolTip::showText(help->globalPos(), toQString(m_cards->cells[truth][answer].tooltip), this);
                    return true;
                }
        QToolTip::hideText();
        return true;
    }

private:
    QRectF cellArea(std::size_t truth, std::size_t answer) const {
        const double count = static_cast<double>(std::max<std::size_t>(1, m_cards->names.size())), gap = px(kGap);
        const double width = (this->width() - px(kTruthNames)) / count;
        const double height = std::min<double>(px(kLargestCell), (this->height() - px(kAnswerNames)) / count);
        return {px(kTruthNames) + static_cast<double>(answer) * width,
                px(kAnswerNames) + static_cast<double>(truth) * height, width - gap, height - gap};
    }

    void paintName(QPainter& painter, const QRectF& area, std::size_t index, Qt::Alignment side) const {
        const QString name = QString::fromStdString(m_cards->names[index]);
        painter.drawText(area, side | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(name, Qt::ElideMiddle, static_cast<int>(area.width())));
    }

    static void paintCell(QPainter& painter, const QRectF& area, const present::ClassCell& cell) {
        QColor tint = cell.correct ? theme().canary : theme().warnFill;
        tint.setAlphaF(static_cast<float>(0.04 + 0.36 * std::sqrt(cell.share)));
        paintBox(painter, area, px(3), theme().surface, theme().line);
        paintBox(painter, area, px(3), tint, Qt::transparent);
        const QString count = toQString(cell.count);
        if (painter.fontMetrics().horizontalAdvance(count) > area.width() - 4 ||
            painter.fontMetrics().height() > area.height())
            return;
        painter.setPen(theme().ink);
        painter.drawText(area, Qt::AlignCenter, count);
    }

    const present::ClassCards* m_cards;
};

ClassMatrix::ClassMatrix(QWidget* parent) : TabledChart(parent), m_matrix(new Plot(&m_cards, this)) {
    setAccessibleName(tr("Confusion"));
    setPlot(m_matrix);
}

void ClassMatrix::setCards(const present::ClassCards& cards) {
    m_cards = cards;
    m_matrix->update();
    QStringList words;
    for (std::size_t truth = 0; truth < cards.cells.size(); ++truth)
        words.append(toQString(cards.cells[truth][truth].tooltip));
    dataChanged(words.join(QStringLiteral(", ")));
}

ChartTable ClassMatrix::table() const {
    ChartTable table;
    table.headers.append(tr("Truth"));
    for (const std::string& name : m_cards.names)
        table.headers.append(QString::fromStdString(name));
    for (std::size_t truth = 0; truth < m_cards.cells.size(); ++truth) {
        QStringList row{QString::fromStdString(m_cards.names[truth])};
        for (const present::ClassCell& cell : m_cards.cells[truth])
            row.append(toQString(cell.count));
        table.rows.append(row);
    }
    return table;
}

} // namespace perch::widgets
