#pragma once

#include "core/present/traffic.h"

#include <QWidget>

namespace perch::widgets {

/// The replicas of each version as tiles: a stripe in the version's color, the short name, the state's glyph. As many
/// columns as fit; the height follows the width. Arrow keys walk through the tiles.
class ReplicaGrid : public QWidget {
    Q_OBJECT
public:
    explicit ReplicaGrid(QWidget* parent = nullptr);
    void setGroups(const std::vector<present::ReplicaGroup>& groups);
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Placed {
        const present::ReplicaTile* tile;
        QRect area;
    };
    std::vector<Placed> place(int width, std::vector<QRect>* headings, int* height) const;

    std::vector<present::ReplicaGroup> m_groups;
    int m_current = 0;
};

} // namespace perch::widgets
