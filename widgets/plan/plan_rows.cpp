#include "widgets/plan/plan_rows.h"

#include "widgets/charts/table_look.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QPainter>
#include <QStyledItemDelegate>
#include <QWheelEvent>

#include <array>

namespace perch::widgets {

namespace {

constexpr double kPlanRow = 28, kPlanHeader = 26, kPlanPadding = 24; ///< pixels at 100 %

class PlanRowDelegate : public QStyledItemDelegate {
public:
    PlanRowDelegate(const PlanRowsModel* model, QObject* parent) : QStyledItemDelegate(parent), m_model(model) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, theme().sel);
        painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), theme().line);
        paintCell(*painter, option.rect, index);
        painter->restore();
    }

private:
    void paintCell(QPainter& painter, const QRect& area, const QModelIndex& index) const {
        const present::PlanRow& row = m_model->rowAt(index.row());
        const auto text = [&](const QRect& place, const QColor& color, int weight, Qt::Alignment side,
                              Face face = Face::Mono) {
            painter.setFont(textFont(Size::Secondary, face, weight));
            painter.setPen(color);
            const QString whole = index.data().toString();
            painter.drawText(place, side | Qt::AlignVCenter,
                             painter.fontMetrics().elidedText(whole, Qt::ElideMiddle, place.width()));
        };
        switch (index.column()) {
        case PlanRowsModel::Object:
            paintProgress(painter, area, m_model->progress(index.row()));
            text(area.adjusted(px(kPlanPadding), 0, -px(8), 0), theme().ink, 500, Qt::AlignLeft);
            break;
        case PlanRowsModel::Field:
            text(area.adjusted(0, 0, -px(8), 0), theme().ink2, 400, Qt::AlignLeft);
            break;
        case PlanRowsModel::Before:
            text(area, theme().ink2, 400, Qt::AlignRight);
            break;
        case PlanRowsModel::Arrow: {
            const double side = px(12);
            paintGlyph(painter, QRectF(area.center().x() - side / 2, area.center().y() - side / 2, side, side),
                       QStringLiteral("chevron_right"), theme().ink3);
            break;
        }
        case PlanRowsModel::After:
            text(area.adjusted(0, 0, -px(8), 0), theme().ink, 700, Qt::AlignLeft);
            break;
        default:
            text(area.adjusted(0, 0, -px(8), 0), row.byPerch ? theme().accent : theme().ink2, 400, Qt::AlignLeft,
                 Face::Words);
        }
    }

    static void paintProgress(QPainter& painter, const QRect& area, RowProgress progress) {
        if (progress == RowProgress::None)
            return;
        const double side = px(14);
        const auto state = progress == RowProgress::Done ? present::State::Pass : present::State::Waiting;
        paintGlyph(painter, QRectF(area.left() + px(6), area.center().y() - side / 2 + 0.5, side, side), state,
                   theme().text(state));
    }

    const PlanRowsModel* m_model;
};

/// The header of the plan: the first column starts at the dialog's padding.
class PlanRowsHeader : public TableHeader {
public:
    using TableHeader::TableHeader;

protected:
    void paintSection(QPainter* painter, const QRect& rect, int section) const override {
        painter->save();
        painter->fillRect(rect, theme().raised);
        painter->fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), theme().line);
        painter->fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme().line);
        painter->setFont(textFont(Size::Caption, Face::Words, 600));
        painter->setPen(theme().ink2);
        const bool right = section == PlanRowsModel::Before;
        painter->drawText(rect.adjusted(section == PlanRowsModel::Object ? px(kPlanPadding) : 0, 0, 0, 0),
                          (right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter,
                          model()->headerData(section, Qt::Horizontal).toString());
        painter->restore();
    }
};

} // namespace

void PlanRowsModel::setRows(const std::vector<present::PlanRow>& rows) {
    beginResetModel();
    m_rows = rows;
    endResetModel();
}

void PlanRowsModel::setProgress(int done, bool running) {
    m_done = done;
    m_running = running;
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

RowProgress PlanRowsModel::progress(int row) const {
    if (row < m_done)
        return RowProgress::Done;
    return m_running && row == m_done ? RowProgress::Current : RowProgress::None;
}

int PlanRowsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int PlanRowsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant PlanRowsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const present::PlanRow& row = rowAt(index.row());
    if (role == Qt::ToolTipRole)
        return row.undo.empty() ? QString() : tr("Undo: %1").arg(toQString(row.undo));
    if (role == Qt::AccessibleTextRole)
        return tr("%1 %2, from %3 to %4, written by %5")
            .arg(toQString(row.object), toQString(row.field), toQString(row.before), toQString(row.after),
                 toQString(row.writer));
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Object:
        return toQString(row.object);
    case Field:
        return toQString(row.field);
    case Before:
        return toQString(row.before);
    case After:
        return toQString(row.after);
    case Writer:
        return toQString(row.writer);
    default:
        return {};
    }
}

QVariant PlanRowsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    static constexpr std::array kTitles{QT_TR_NOOP("Object"), QT_TR_NOOP("Field"),     QT_TR_NOOP("Before"), "",
                                        QT_TR_NOOP("After"),  QT_TR_NOOP("Written by")};
    const char* title = kTitles[static_cast<std::size_t>(section)];
    return *title == '\0' ? QString() : tr(title);
}

PlanRowsView::PlanRowsView(QWidget* parent) : QTableView(parent), m_model(new PlanRowsModel(this)) {
    setModel(m_model);
    setItemDelegate(new PlanRowDelegate(m_model, this));
    prepareTable(*this, px(kPlanRow), px(kPlanHeader));
    setHorizontalHeader(new PlanRowsHeader(px(kPlanHeader), this));
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("What changes"));
}

void PlanRowsView::fitHeight() {
    setFixedHeight(px(kPlanHeader) + px(kPlanRow) * m_model->rowCount());
}

void PlanRowsView::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    constexpr std::array<double, PlanRowsModel::ColumnCount> kShares{0.22, 0.25, 0.19, 0.04, 0.18, 0.12};
    for (std::size_t column = 0; column < kShares.size(); ++column)
        setColumnWidth(static_cast<int>(column), static_cast<int>(width() * kShares[column]));
}

// All rows are shown; the wheel belongs to the dialog.
void PlanRowsView::wheelEvent(QWheelEvent* event) {
    event->ignore();
}

} // namespace perch::widgets
