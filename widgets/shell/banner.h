#pragma once

#include "core/present/state.h"

#include <QWidget>

namespace perch::widgets {

class RunLabel;

/// A sentence over the page that says what is wrong with the whole platform and what to do.
class Banner : public QWidget {
    Q_OBJECT
public:
    explicit Banner(QWidget* parent = nullptr);
    void setText(const Text& text); ///< empty: hidden

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    RunLabel* m_text;
};

} // namespace perch::widgets
