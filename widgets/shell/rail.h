#pragma once

#include "core/present/shell_screen.h"

#include <QAbstractListModel>
#include <QListView>

namespace perch::widgets {

/// Pages, then the models of the workspace, as one list.
class RailModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum class Kind { Page, Heading, Model };
    struct Item {
        Kind kind = Kind::Page;
        present::Page page = present::Page::Fleet;
        QString glyph;
        Text text;
        ModelName model;
        present::State state = present::State::NoData;
        Text word;
        bool operator==(const Item&) const = default;
    };
    using QAbstractListModel::QAbstractListModel;
    void setItems(std::vector<Item> items);
    const Item& item(int row) const { return m_items[static_cast<std::size_t>(row)]; }
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

private:
    std::vector<Item> m_items;
};

/// The rail: 200 px with words, 48 px with icons and tooltips in a narrow window.
class Rail : public QListView {
    Q_OBJECT
public:
    explicit Rail(QWidget* parent = nullptr);
    void setValue(const present::ShellScreen& screen);
    void setCurrent(present::Page page, const ModelName& model);
    void setCompact(bool compact);
    bool compact() const { return m_compact; }
    present::Page page() const { return m_page; }
    ModelName model() const { return m_model; }

Q_SIGNALS:
    void pageChosen(perch::present::Page page);
    void modelChosen(const perch::ModelName& model);

private:
    RailModel* m_items;
    present::Page m_page = present::Page::Fleet;
    ModelName m_model;
    bool m_compact = false;
};

} // namespace perch::widgets
