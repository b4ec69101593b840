#include "widgets/evaluate/classes_card.h"

#include "widgets/charts/chart_table.h"
#include "widgets/charts/table_look.h"
#include "widgets/evaluate/rates_delegate.h"
#include "widgets/support/fonts.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QHeaderView>
#include <QTableView>
#include <QVBoxLayout>

namespace perch::widgets {

namespace {

constexpr double kClassRow = 30, kClassHeader = 26, kRateColumn = 76; ///< pixels at 100 %
struct ClassColumn {
    enum Index { Name, Rows, Precision, Recall, RocAuc, F1, Change, Count };
};

} // namespace

ClassesCard::ClassesCard(QWidget* parent)
    : Card(parent),
      m_view(new QTableView(this)),
      m_model(new ChartTableModel(this)),
      m_rates(new RatesDelegate(ClassColumn::Rows, ClassColumn::F1, m_view)) {
    body()->setContentsMargins(0, 0, 0, 2);
    m_view->setObjectName(QStringLiteral("classesTable"));
    m_view->setAccessibleName(tr("Classes"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(m_rates);
    prepareTable(*m_view, px(kClassRow), px(kClassHeader));
    body()->addWidget(m_view, 1);
}

void ClassesCard::setCards(const present::ClassCards& cards) {
    setTitle(cards.title);
    setRightNote(cards.note);
    std::vector<present::Tone> tones;
    ChartTable table;
    table.headers = {tr("Class"),
                     tr("Rows"),
                     tr("Precision"),
                     tr("Recall"),
                     tr("ROC AUC"),
                     tr("F1"),
                     cards.baseline.empty() ? QString() : tr("vs %1").arg(toQString(cards.baseline))};
    table.rightPadding = px(16);
    for (const auto& row : cards.rows) {
        table.rows.append({QString::fromStdString(row.name), toQString(row.rows), toQString(row.precision),
                           toQString(row.recall), toQString(row.rocAuc), toQString(row.f1),
                           toQString(row.change.text)});
        tones.push_back(row.change.tone);
    }
    m_rates->setTones(std::move(tones));
    m_model->setTable(table);
    m_view->horizontalHeader()->setSectionResizeMode(ClassColumn::Name, QHeaderView::Stretch);
    for (int column = ClassColumn::Rows; column < ClassColumn::Count; ++column)
        m_view->setColumnWidth(column, px(kRateColumn));
}

} // namespace perch::widgets
