#include "widgets/drift/ranked_card.h"

#include "widgets/charts/chart_table.h"
#include "widgets/charts/table_look.h"
#include "widgets/drift/ranked_delegate.h"
#include "widgets/support/button.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"

#include <QKeyEvent>
#include <QPainter>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <numeric>

namespace perch::widgets {

namespace {

constexpr double kRankedRow = 24, kRankedHeader = 28; ///< pixels at 100 %
constexpr int kFewestRows = 6;                        ///< that stay in sight in a low window

/// The lines under the table, with a rule over them.
class RankedFoot : public QWidget {
public:
    using QWidget::QWidget;

protected:
    void paintEvent(QPaintEvent*) override { QPainter(this).fillRect(QRect(0, 0, width(), 1), theme().line); }
};

QString joinedText(const Text& a, const Text& b) {
    return b.empty() ? toQString(a) : a.empty() ? toQString(b) : toQString(a) + QStringLiteral(", ") + toQString(b);
}

Text footText(const present::DriftScreen& screen) {
    std::string all = screen.reason.english();
    for (const Text& note : screen.notes)
        all += " " + note.english();
    return verbatim(all);
}

} // namespace

RankedCard::RankedCard(QWidget* parent)
    : Card(parent),
      m_view(new QTableView(this)),
      m_model(new ChartTableModel(this)),
      m_order(new Segments(this)),
      m_foot(nullptr) {
    setTitle(PERCH_TEXT("Drift", "Ranked columns"));
    body()->setContentsMargins(0, 0, 0, 0);
    body()->setSpacing(0);
    m_order->setObjectName(QStringLiteral("driftOrder"));
    m_order->setAccessibleName(tr("Order"));
    m_order->setLabels({PERCH_TEXT("Drift", "Name"), PERCH_TEXT("Drift", "Score"), PERCH_TEXT("Drift", "Effect")});
    addHeaderWidget(m_order);
    connect(m_order, &Segments::chosen, this,
            [this](int index) { Q_EMIT ordered(static_cast<present::DriftOrder>(index)); });
    m_view->setObjectName(QStringLiteral("driftTable"));
    m_view->setAccessibleName(tr("Ranked columns"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(new RankedDelegate(&m_rows, m_view));
    prepareTable(*m_view, px(kRankedRow), px(kRankedHeader));
    m_view->installEventFilter(this);
    m_view->viewport()->installEventFilter(this);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& index) {
        if (!m_setting && index.isValid())
            Q_EMIT chosen(QString::fromStdString(m_rows[static_cast<std::size_t>(index.row())].feature));
    });
    auto* foot = new RankedFoot(this);
    auto* lines = new QVBoxLayout(foot);
    lines->setContentsMargins(px(16), px(8), px(16), px(10));
    m_foot = new RunLabel(foot);
    m_foot->setWrapping(true);
    m_foot->setMonoArguments(false);
    lines->addWidget(m_foot);
    body()->addWidget(m_view, 1);
    body()->addWidget(foot);
    m_view->setMinimumHeight(px(kRankedHeader) + px(kRankedRow) * kFewestRows);
}

void RankedCard::setScreen(const present::DriftScreen& screen, present::DriftOrder order) {
    m_setting = true;
    setNote(screen.rankedNote);
    m_order->setCurrent(static_cast<int>(order));
    m_rows = screen.rows;
    ChartTable table;
    table.headers = {tr("#"),        tr("Column"),
                     tr("Weight"),   toQString(screen.scoreHeader),
                     tr("Shape"),    tr("Test"),
                     tr("Distance"), screen.preset == drift::DriftPreset::Perch ? tr("p, adjusted") : tr("p"),
                     toQString(screen.effectHeader), tr("Verdict")};
    table.alignments = {Qt::AlignRight, Qt::AlignLeft, Qt::AlignLeft,  Qt::AlignLeft,    Qt::AlignLeft,
                        Qt::AlignLeft,  Qt::AlignLeft, Qt::AlignRight, Qt::AlignHCenter, Qt::AlignLeft};
    for (const auto& row : m_rows)
        table.rows.append({toQString(row.rank), joinedText(verbatim(row.feature), row.role), toQString(row.weight),
                           toQString(row.score.text), QString(), toQString(row.test), toQString(row.statistic),
                           toQString(row.p), toQString(row.effect), joinedText(row.verdict.word, row.remark)});
    const QString shown = toCsv(table);
    if (shown != m_shown) {
        m_model->setTable(table);
        m_shown = shown;
        sizeColumns();
    }
    const int selected = screen.selected ? static_cast<int>(*screen.selected) : -1;
    if (m_view->currentIndex().row() != selected && selected >= 0)
        m_view->setCurrentIndex(m_model->index(selected, RankedColumn::Feature));
    m_foot->setText(footText(screen));
    m_view->viewport()->update();
    m_setting = false;
}

void RankedCard::sizeColumns() {
    std::array<int, RankedColumn::ColumnCount> widths{px(36), px(120), px(56), px(124), px(68),
                                                      px(86), px(76),  px(78), px(104), px(140)};
    const QFontMetrics names(textFont(Size::Secondary, Face::Mono));
    for (const auto& row : m_rows)
        widths[RankedColumn::Feature] =
            std::max(widths[RankedColumn::Feature],
                     names.horizontalAdvance(QString::fromStdString(row.feature)) + px(row.role.empty() ? 18 : 56));
    int spare = m_view->viewport()->width() - std::accumulate(widths.begin(), widths.end(), 0);
    // Names give way first, then the pictures; numbers do not.
    for (const auto& [column, least] :
         {std::pair<int, int>(RankedColumn::Feature, px(132)), std::pair<int, int>(RankedColumn::Shape, px(56)),
          std::pair<int, int>(RankedColumn::Effect, px(92))}) {
        int& width = widths[static_cast<std::size_t>(column)];
        const int given = std::clamp(-spare, 0, std::max(0, width - least));
        width -= given;
        spare += given;
    }
    widths[RankedColumn::Verdict] += std::max(0, spare);
    for (int column = 0; column < RankedColumn::ColumnCount; ++column)
        m_view->setColumnWidth(column, widths[static_cast<std::size_t>(column)]);
}

bool RankedCard::orderBy(int key) {
    for (const auto& [letter, order] :
         {std::pair(Qt::Key_N, present::DriftOrder::Name), std::pair(Qt::Key_S, present::DriftOrder::Score),
          std::pair(Qt::Key_E, present::DriftOrder::Effect)}) {
        if (key == letter) {
            Q_EMIT ordered(order);
            return true;
        }
    }
    return false;
}

/// Letters order; the view would search the first column for them. The columns follow the room that scroll bars leave.
bool RankedCard::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_view->viewport() && event->type() == QEvent::Resize)
        sizeColumns();
    if (watched == m_view && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->modifiers() == Qt::NoModifier && orderBy(key->key()))
            return true;
    }
    return Card::eventFilter(watched, event);
}

} // namespace perch::widgets
