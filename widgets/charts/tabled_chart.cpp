#include "widgets/charts/tabled_chart.h"

#include "widgets/support/fonts.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QStackedLayout>
#include <QTableView>

#include <algorithm>

namespace perch::widgets {

TabledChart::TabledChart(QWidget* parent) : QWidget(parent), m_pages(new QStackedLayout(this)) {
    m_pages->setContentsMargins(0, 0, 0, 0);
    setFocusPolicy(Qt::StrongFocus);
}

void TabledChart::setPlot(QWidget* plot) {
    m_plot = plot;
    m_pages->addWidget(plot);
    plot->setFocusPolicy(Qt::NoFocus);
}

bool TabledChart::tableShown() const {
    return m_view != nullptr && m_pages->currentWidget() == m_view;
}

void TabledChart::makeTableView() {
    m_model = new ChartTableModel(this);
    m_view = new QTableView(this);
    m_view->setModel(m_model);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setShowGrid(false);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setDefaultSectionSize(px(24));
    m_view->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_view->setContextMenuPolicy(Qt::NoContextMenu);
    m_view->installEventFilter(this);
    m_pages->addWidget(m_view);
}

void TabledChart::setTableShown(bool shown) {
    if (shown == tableShown())
        return;
    const bool focused = hasFocus() || (m_view != nullptr && m_view->hasFocus());
    if (shown) {
        if (m_view == nullptr)
            makeTableView();
        m_model->setTable(table());
        m_pages->setCurrentWidget(m_view);
        setFocusProxy(m_view);
    } else {
        setFocusProxy(nullptr);
        m_pages->setCurrentWidget(m_plot);
    }
    if (focused)
        setFocus();
}

void TabledChart::copyCsv() const {
    QApplication::clipboard()->setText(toCsv(table()));
}

void TabledChart::dataChanged(const QString& summary) {
    setAccessibleDescription(summary);
    if (tableShown())
        m_model->setTable(table());
}

void TabledChart::keyPressEvent(QKeyEvent* event) {
    if (event->modifiers() == Qt::ControlModifier && event->key() == Qt::Key_T)
        setTableShown(!tableShown());
    else if (event->matches(QKeySequence::Copy))
        copyCsv();
    else
        QWidget::keyPressEvent(event);
}

bool TabledChart::eventFilter(QObject* watched, QEvent* event) {
    // The table would copy one cell; the chart copies all of them.
    if (watched == m_view && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->matches(QKeySequence::Copy)) {
        copyCsv();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void TabledChart::contextMenuEvent(QContextMenuEvent* event) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction* show = menu->addAction(tableShown() ? tr("Show as chart") : tr("Show as table"));
    show->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_T));
    connect(show, &QAction::triggered, this, [this] { setTableShown(!tableShown()); });
    QAction* copy = menu->addAction(tr("Copy as CSV"));
    copy->setShortcut(QKeySequence::Copy);
    connect(copy, &QAction::triggered, this, &TabledChart::copyCsv);
    menu->popup(event->globalPos());
}

void toggleTables(QWidget* page) {
    const auto charts = page->findChildren<TabledChart*>();
    for (TabledChart* chart : charts)
        if (chart->hasFocus() || chart->isAncestorOf(QApplication::focusWidget())) {
            chart->setTableShown(!chart->tableShown());
            return;
        }
    const bool all = std::all_of(charts.begin(), charts.end(), [](const auto* chart) { return chart->tableShown(); });
    for (TabledChart* chart : charts)
        chart->setTableShown(!all);
}

} // namespace perch::widgets
