#pragma once

#include "core/present/train_screen.h"

#include <QWidget>

namespace perch::widgets {

/// The inside of the dataset card: file and digest, three figures, how the rows are split, and the verdict of each
/// check with its figure. A check's sentence is its tooltip; everything is the accessible description.
class DatasetView : public QWidget {
    Q_OBJECT
public:
    explicit DatasetView(QWidget* parent = nullptr);
    void setCard(const present::DatasetCard& card);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    int tilesTop() const;
    int splitTop() const;
    int checksTop() const;
    void paintTiles(QPainter& painter) const;
    void paintSplit(QPainter& painter) const;
    void paintChecks(QPainter& painter) const;

    present::DatasetCard m_card;
};

} // namespace perch::widgets
