#include "widgets/train/runs_table.h"

#include "widgets/charts/chart_table.h"
#include "widgets/charts/table_look.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>

namespace perch::widgets {

namespace {

constexpr double kRunRow = 30, kRunHeader = 26; ///< pixels at 100 %
struct RunColumn {
    enum Index { Compare, State, Version, Rounds, Metric, When, ColumnCount };
};

class RunsDelegate : public QStyledItemDelegate {
public:
    RunsDelegate(const std::vector<present::RunRow>* rows, QObject* parent)
        : QStyledItemDelegate(parent), m_rows(rows) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const auto& row = (*m_rows)[static_cast<std::size_t>(index.row())];
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, theme().sel);
        painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), theme().line);
        if (row.shown && index.column() == RunColumn::Compare)
            painter->fillRect(
                QRect(option.rect.left(), option.rect.top() + px(5), px(3), option.rect.height() - px(10)),
                theme().accent);
        paintCell(*painter, option.rect, row, index);
        painter->restore();
    }

private:
    static void paintCell(QPainter& painter, const QRect& area, const present::RunRow& row, const QModelIndex& index) {
        const double side = px(15);
        RunStyle style;
        style.color = row.shown ? theme().ink : theme().ink2;
        switch (index.column()) {
        case RunColumn::Compare: {
            if (row.shown)
                return;
            const QRectF box(area.left() + px(16), area.center().y() - side / 2 + 0.5, side, side);
            paintBox(painter, box, px(3), row.compared ? theme().accent : theme().surface,
                     row.compared ? theme().accent : theme().line2);
            if (row.compared) {
                painter.setPen(QPen(theme().onAccent, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
                painter.drawPolyline(QPolygonF{box.center() + QPointF(-3.5, 0), box.center() + QPointF(-1, 2.5),
                                               box.center() + QPointF(3.5, -3)});
            }
            return;
        }
        case RunColumn::State:
            paintGlyph(painter, QRectF(area.left() + px(8), area.center().y() - side / 2 + 0.5, side, side), row.state,
                       theme().text(row.state));
            style.color = theme().ink;
            style.weight = row.shown ? 600 : 500;
            paintRuns(painter, area.adjusted(px(31), 0, -px(4), 0), row.word, style);
            return;
        default:
            break;
        }
        const QRect words = area.adjusted(px(4), 0, index.column() == RunColumn::When ? -px(16) : -px(4), 0);
        paintRuns(painter, words, PERCH_TEXT("Train", "%1", {index.data().toString().toStdString()}), style,
                  Qt::AlignRight);
    }

    const std::vector<present::RunRow>* m_rows;
};

} // namespace

RunsTable::RunsTable(QWidget* parent) : QTableView(parent), m_model(new ChartTableModel(this)) {
    setObjectName(QStringLiteral("runsTable"));
    setAccessibleName(tr("Past runs"));
    setModel(m_model);
    setItemDelegate(new RunsDelegate(&m_runs, this));
    prepareTable(*this, px(kRunRow), px(kRunHeader));
    connect(this, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        if (const present::RunRow* row = at(index))
            Q_EMIT shown(QString::fromStdString(row->id));
    });
}

const present::RunRow* RunsTable::at(const QModelIndex& index) const {
    return index.isValid() && index.row() < static_cast<int>(m_runs.size())
               ? &m_runs[static_cast<std::size_t>(index.row())]
               : nullptr;
}

void RunsTable::setRuns(const std::vector<present::RunRow>& runs, const Text& metricHead) {
    const int row = currentIndex().row();
    const bool same = std::ranges::equal(runs, m_runs, [](const present::RunRow& a, const present::RunRow& b) {
        return a.id == b.id && a.word == b.word && a.shown == b.shown && a.compared == b.compared &&
               a.rounds == b.rounds && a.metric == b.metric && a.when == b.when;
    });
    if (same)
        return;
    m_runs = runs;
    ChartTable table;
    table.headers = {QString(), tr("State"), tr("Version"), tr("Rounds"), toQString(metricHead), tr("Started")};
    table.alignments = {Qt::AlignLeft, Qt::AlignLeft, Qt::AlignRight, Qt::AlignRight, Qt::AlignRight, Qt::AlignRight};
    table.rightPadding = px(16);
    for (const auto& run : runs)
        table.rows.append({run.compared ? tr("compared") : QString(), toQString(run.word), toQString(run.version),
                           toQString(run.rounds), toQString(run.metric), toQString(run.when)});
    m_model->setTable(table);
    sizeColumns();
    if (row >= 0 && row < m_model->rowCount())
        setCurrentIndex(m_model->index(row, RunColumn::State));
}

void RunsTable::sizeColumns() {
    const int box = px(40), version = px(64), rounds = px(64), metric = px(84), when = px(130);
    const std::array widths{box,     std::max(px(120), viewport()->width() - box - version - rounds - metric - when),
                            version, rounds,
                            metric,  when};
    for (int column = 0; column < RunColumn::ColumnCount; ++column)
        setColumnWidth(column, widths[static_cast<std::size_t>(column)]);
}

void RunsTable::keyPressEvent(QKeyEvent* event) {
    const present::RunRow* row = at(currentIndex());
    if (row != nullptr && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter))
        Q_EMIT shown(QString::fromStdString(row->id));
    else if (row != nullptr && !row->shown && event->key() == Qt::Key_Space)
        Q_EMIT comparedToggled(QString::fromStdString(row->id));
    else
        QTableView::keyPressEvent(event);
}

void RunsTable::mouseReleaseEvent(QMouseEvent* event) {
    QTableView::mouseReleaseEvent(event);
    const QModelIndex index = indexAt(event->position().toPoint());
    const present::RunRow* row = at(index);
    if (row != nullptr && !row->shown && index.column() == RunColumn::Compare && event->button() == Qt::LeftButton)
        Q_EMIT comparedToggled(QString::fromStdString(row->id));
}

void RunsTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    sizeColumns();
}

} // namespace perch::widgets
