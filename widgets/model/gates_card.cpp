#include "widgets/model/gates_card.h"

#include "widgets/charts/table_look.h"
#include "widgets/model/gates_model.h"
#include "widgets/support/chip.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"

#include <QEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include <array>

namespace perch::widgets {

namespace {

constexpr double kGateRow = 30, kGateHeader = 26; ///< pixels at 100 %

/// Paints a gate; the whole row carries the selection and the focus.
class GatesDelegate : public QStyledItemDelegate {
public:
    GatesDelegate(const GatesModel* model, QObject* parent) : QStyledItemDelegate(parent), m_model(model) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        const present::GateRow* row = m_model->rowAt(index.row());
        const bool selected = option.state & QStyle::State_Selected;
        if (selected || row == nullptr)
            painter->fillRect(option.rect, selected ? theme().sel : theme().raised);
        painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), theme().line);
        if (row == nullptr)
            paintHeading(*painter, option.rect, index);
        else
            paintCell(*painter, option.rect, *row, index.column());
        painter->restore();
    }

private:
    static void paintHeading(QPainter& painter, const QRect& area, const QModelIndex& index) {
        if (index.column() != GatesModel::Name)
            return;
        painter.setFont(textFont(Size::Caption, Face::Words, 600));
        painter.setPen(theme().ink2);
        painter.drawText(area.adjusted(px(8), 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, index.data().toString());
    }

    static void paintCell(QPainter& painter, const QRect& area, const present::GateRow& row, int column) {
        RunStyle style;
        style.size = Size::Secondary;
        style.color = theme().ink;
        switch (column) {
        case GatesModel::Glyph: {
            const double side = px(16);
            paintGlyph(painter, QRectF(area.left() + px(16), area.center().y() - side / 2 + 0.5, side, side),
                       row.verdict, theme().text(row.verdict));
            break;
        }
        case GatesModel::Name:
            style.size = Size::Body;
            style.monoArguments = false;
            paintRuns(painter, area.adjusted(px(8), 0, -px(8), 0), row.name, style);
            break;
        case GatesModel::Now:
            painter.setFont(textFont(Size::Secondary, Face::Mono, 600));
            painter.setPen(theme().text(row.now.tone));
            painter.drawText(area, Qt::AlignRight | Qt::AlignVCenter, toQString(row.now.text));
            break;
        case GatesModel::Limit:
            painter.setFont(textFont(Size::Secondary, Face::Mono));
            painter.setPen(theme().ink3);
            painter.drawText(area, Qt::AlignRight | Qt::AlignVCenter, toQString(row.limit));
            break;
        default:
            style.color = theme().text(row.verdict);
            style.weight = 500;
            paintRuns(painter, area.adjusted(px(8), 0, 0, 0), row.word, style);
        }
    }

    const GatesModel* m_model;
};

} // namespace

GatesCard::GatesCard(QWidget* parent)
    : Card(parent),
      m_summary(new Chip(this)),
      m_view(new QTableView(this)),
      m_model(new GatesModel(this)),
      m_empty(new RunLabel(this)) {
    setTitle(PERCH_TEXT("Model", "Promotion gates"));
    addHeaderWidget(m_summary);
    body()->setContentsMargins(0, 0, 0, 1);
    body()->setSpacing(0);
    m_empty->setWrapping(true);
    auto* inset = new QVBoxLayout;
    inset->setContentsMargins(px(16), px(4), px(16), 0);
    inset->addWidget(m_empty);
    body()->addLayout(inset);
    m_view->setObjectName(QStringLiteral("gatesTable"));
    m_view->setAccessibleName(tr("Promotion gates"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(new GatesDelegate(m_model, m_view));
    prepareTable(*m_view, px(kGateRow), px(kGateHeader));
    body()->addWidget(m_view, 1);
}

void GatesCard::setTable(const present::GateTable& table) {
    m_summary->setValue(table.summary);
    m_summary->setVisible(!table.summary.word.empty());
    m_model->setTable(table);
    m_view->clearSpans();
    if (m_model->headingRow() >= 0)
        m_view->setSpan(m_model->headingRow(), GatesModel::Name, 1, GatesModel::ColumnCount - GatesModel::Name);
    m_view->setVisible(!table.rows.empty());
    m_empty->setText(table.emptyText);
    m_empty->setVisible(table.rows.empty());
    setMinimumHeight(px(40 + kGateHeader + 4) + px(kGateRow) * std::min(m_model->rowCount(), 10));
    sizeColumns();
}

void GatesCard::sizeColumns() {
    const QFontMetrics numbers(textFont(Size::Secondary, Face::Mono, 600)),
        words(textFont(Size::Secondary, Face::Words, 500));
    std::array<int, GatesModel::ColumnCount> widths{px(36), 0, px(56), px(64), px(72)};
    for (int row = 0; row < m_model->rowCount(); ++row) {
        if (row == m_model->headingRow())
            continue;
        const auto wide = [&](int column, const QFontMetrics& metrics, int extra) {
            auto& width = widths[static_cast<std::size_t>(column)];
            width = std::max(width, metrics.horizontalAdvance(m_model->index(row, column).data().toString()) + extra);
        };
        wide(GatesModel::Now, numbers, px(4));
        wide(GatesModel::Limit, numbers, px(14));
        wide(GatesModel::Verdict, words, px(24));
    }
    // Numbers are never cut; names and then verdicts give way.
    const int room = m_view->viewport()->width();
    const int fixed = widths[0] + widths[2] + widths[3];
    widths[4] = std::clamp(widths[4], px(72), std::max(px(72), room - fixed - px(130)));
    widths[1] = std::max(px(90), room - fixed - widths[4]);
    for (int column = 0; column < GatesModel::ColumnCount; ++column)
        m_view->setColumnWidth(column, widths[static_cast<std::size_t>(column)]);
}

void GatesCard::resizeEvent(QResizeEvent* event) {
    Card::resizeEvent(event);
    sizeColumns();
}

void GatesCard::changeEvent(QEvent* event) {
    Card::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        m_view->viewport()->update();
}

} // namespace perch::widgets
