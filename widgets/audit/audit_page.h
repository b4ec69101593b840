#pragma once

#include "core/present/audit_screen.h"

#include <QWidget>

class QLineEdit;
class QPlainTextEdit;
class QTableView;
class QVBoxLayout;

namespace perch::widgets {

class AuditModel;
class Button;
class Card;
class Chip;
class EmptyLine;
class RunLabel;

/// The Audit screen: every record newest first, the verdict on the chain, one record in detail, export as CSV.
class AuditPage : public QWidget {
    Q_OBJECT
public:
    explicit AuditPage(QWidget* parent = nullptr);
    void setValue(const present::AuditScreen& screen);
    void setFilter(const QString& filter);
    void focusFilter();      ///< Ctrl+F
    std::string csv() const; ///< of the rows that are shown

Q_SIGNALS:
    void exportRequested(); ///< of the rows that are shown

private:
    QWidget* makeHeader();
    void showDetail();

    QWidget* m_content;
    EmptyLine* m_empty;
    Chip* m_chain;
    RunLabel* m_head;
    QLineEdit* m_filter;
    Button* m_export;
    Card* m_card;
    QTableView* m_table;
    AuditModel* m_model;
    Card* m_detailCard;
    QVBoxLayout* m_detail;
    QPlainTextEdit* m_evidence;
};

} // namespace perch::widgets
