#pragma once

#include "core/present/train_screen.h"

#include <QPlainTextEdit>

namespace perch::widgets {

/// The log of a run, read-only, at most 10,000 lines. Follows the end as long as the person looks at it.
class RunLogView : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit RunLogView(QWidget* parent = nullptr);
    void setLog(const std::string& run, const std::vector<present::LogRow>& rows);

protected:
    void changeEvent(QEvent* event) override;

private:
    void append(const present::LogRow& row);

    std::string m_run;
    std::vector<present::LogRow> m_rows;
};

} // namespace perch::widgets
