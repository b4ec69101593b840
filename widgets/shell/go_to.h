#pragma once

#include "core/base/text.h"

#include <QDialog>

#include <functional>
#include <vector>

class QLineEdit;
class QListWidget;

namespace perch::widgets {

/// Somewhere to go or something to do; doing it opens a page or a plan, it never writes.
struct GoToEntry {
    Text text;
    QString hint; ///< key, or why it is off
    bool enabled = true;
    std::function<void()> run;
};

/// The palette of Ctrl+K: type words, arrows, Enter.
class GoTo : public QDialog {
    Q_OBJECT
public:
    GoTo(std::vector<GoToEntry> entries, QWidget* parent);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void filter(const QString& words);
    void run();

    std::vector<GoToEntry> m_entries;
    std::vector<std::size_t> m_shown;
    QLineEdit* m_field;
    QListWidget* m_list;
};

} // namespace perch::widgets
