#pragma once

#include "core/base/text.h"

#include <QTimer>
#include <QWidget>

namespace perch::widgets {

/// What a page shows before its first value: nothing for 200 ms, then bars in `sunken` where the content will be, and
/// after 2 s in words what is being read. No spinner, no motion.
class LoadingBars : public QWidget {
    Q_OBJECT
public:
    explicit LoadingBars(const Text& words, QWidget* parent = nullptr);
    int stage() const { return m_stage; } ///< 0: nothing yet, 1: bars, 2: bars and words

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void advance();

    Text m_words;
    QTimer m_timer;
    int m_stage = 0;
};

} // namespace perch::widgets
