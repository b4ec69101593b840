#pragma once

#include <QHeaderView>

class QTableView;

namespace perch::widgets {

/// The header of a dense table: caption size, weight 600, ink2 on raised, a rule under it, no handles.
class TableHeader : public QHeaderView {
    Q_OBJECT
public:
    TableHeader(int height, QWidget* parent);
    QSize sizeHint() const override;

protected:
    void paintSection(QPainter* painter, const QRect& rect, int section) const override;

private:
    int m_height;
};

/// A read-only table of one row height without grid, frame or corner; rows are selected as a whole.
void prepareTable(QTableView& view, int rowHeight, int headerHeight);

} // namespace perch::widgets
