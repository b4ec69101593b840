#include "widgets/audit/audit_page.h"

#include "widgets/audit/audit_delegate.h"
#include "widgets/audit/audit_model.h"
#include "widgets/charts/table_look.h"
#include "widgets/model/empty_line.h"
#include "widgets/support/button.h"
#include "widgets/support/card.h"
#include "widgets/support/chip.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"

#include <QHeaderView>
#include <QJsonDocument>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTableView>
#include <QVBoxLayout>

namespace perch::widgets {

namespace {

constexpr int kAuditRow = 30;
constexpr int kAuditHeader = 30;

QString readable(const std::string& json) {
    const QByteArray bytes = QByteArray::fromStdString(json);
    const QJsonDocument document = QJsonDocument::fromJson(bytes);
    return document.isNull() ? QString::fromUtf8(bytes) : QString::fromUtf8(document.toJson(QJsonDocument::Indented));
}

} // namespace

AuditPage::AuditPage(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("auditPage"));
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(px(16), px(14), px(16), px(16));
    outer->setSpacing(px(12));
    outer->addWidget(makeHeader());
    m_empty = new EmptyLine(this);
    outer->addWidget(m_empty);
    m_content = new QWidget(this);
    outer->addWidget(m_content, 1);
    auto* columns = new QHBoxLayout(m_content);
    columns->setContentsMargins(0, 0, 0, 0);
    columns->setSpacing(px(16));

    m_card = new Card(m_content);
    m_card->setTitle(PERCH_TEXT("Audit", "Records"));
    m_card->body()->setContentsMargins(0, px(4), 0, px(1));
    m_table = new QTableView(m_card);
    m_table->setObjectName(QStringLiteral("auditTable"));
    prepareTable(*m_table, px(kAuditRow), px(kAuditHeader));
    m_model = new AuditModel(this);
    m_table->setModel(m_model);
    m_table->setItemDelegate(new AuditDelegate(*m_model, this));
    const std::array<int, AuditModel::kColumns> widths{136, 126, 104, 120, 200, 84, 116};
    for (int column = 0; column < AuditModel::kColumns; ++column)
        m_table->setColumnWidth(column, px(widths[static_cast<std::size_t>(column)]));
    m_table->horizontalHeader()->setSectionResizeMode(AuditModel::What, QHeaderView::Stretch);
    m_card->body()->addWidget(m_table);
    columns->addWidget(m_card, 1);

    m_detailCard = new Card(m_content);
    m_detailCard->setTitle(PERCH_TEXT("Audit", "Record"));
    m_detailCard->setFixedWidth(px(360));
    m_detail = new QVBoxLayout;
    m_detail->setSpacing(px(8));
    m_detailCard->body()->addLayout(m_detail);
    auto* label = new RunLabel(m_detailCard);
    label->setText(PERCH_TEXT("Audit", "Evidence seen"));
    label->setSize(Size::Caption);
    label->setTone(present::Tone::Muted);
    m_detailCard->body()->addWidget(label);
    m_evidence = new QPlainTextEdit(m_detailCard);
    m_evidence->setReadOnly(true);
    m_evidence->setObjectName(QStringLiteral("auditEvidence"));
    m_evidence->setFont(textFont(Size::Caption, Face::Mono));
    m_detailCard->body()->addWidget(m_evidence, 1);
    columns->addWidget(m_detailCard);

    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_model->setFilter(text.toStdString());
        if (m_model->rowCount() > 0)
            m_table->selectRow(0);
        showDetail();
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &AuditPage::showDetail);
    connect(m_export, &QAbstractButton::clicked, this, &AuditPage::exportRequested);
}

QWidget* AuditPage::makeHeader() {
    auto* header = new QWidget(this);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(12));
    auto* title = new RunLabel(header);
    title->setSize(Size::PageTitle);
    title->setTone(present::Tone::Plain);
    title->setText(PERCH_TEXT("Audit", "Audit log"));
    m_chain = new Chip(header);
    m_head = new RunLabel(header);
    m_head->setTone(present::Tone::Muted);
    m_filter = new QLineEdit(header);
    m_filter->setObjectName(QStringLiteral("auditFilter"));
    m_filter->setPlaceholderText(tr("Filter: model, actor, action, hash"));
    m_filter->setFixedWidth(px(320));
    m_filter->setTextMargins(px(6), 0, px(6), 0);
    m_filter->addAction(glyphIcon(QStringLiteral("search"), theme().ink3, theme().ink3), QLineEdit::LeadingPosition);
    m_export = new Button(header);
    m_export->setObjectName(QStringLiteral("auditExportButton"));
    m_export->setGlyph(QStringLiteral("export"));
    m_export->setLabel(PERCH_TEXT("Audit", "Export\u2026"));
    row->addWidget(title);
    row->addWidget(m_chain);
    row->addWidget(m_head);
    row->addStretch(1);
    row->addWidget(m_filter);
    row->addWidget(m_export);
    return header;
}

void AuditPage::setValue(const present::AuditScreen& screen) {
    m_empty->setState(screen.empty);
    m_empty->setVisible(screen.empty.shown);
    m_content->setVisible(!screen.empty.shown);
    m_chain->setValue(screen.chain);
    m_head->setText(screen.head);
    m_card->setNote(screen.title);
    m_model->setRows(screen.rows);
    if (!m_table->currentIndex().isValid() && m_model->rowCount() > 0)
        m_table->selectRow(0);
    showDetail();
}

void AuditPage::setFilter(const QString& filter) {
    m_filter->setText(filter);
}

void AuditPage::focusFilter() {
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

std::string AuditPage::csv() const {
    return present::toCsv(m_model->rows());
}

void AuditPage::showDetail() {
    const QModelIndex index = m_table->currentIndex();
    const bool shown = index.isValid() && index.row() < m_model->rowCount();
    m_detailCard->setVisible(shown);
    const std::string hash = shown ? m_model->row(index.row()).record.hash : std::string();
    if (m_detail->property("hash").toString().toStdString() == hash)
        return;
    m_detail->setProperty("hash", QString::fromStdString(hash));
    while (QLayoutItem* item = m_detail->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    if (!shown)
        return;
    for (const auto& [name, value, mono] : m_model->row(index.row()).detail) {
        auto* label = new RunLabel(m_detailCard);
        label->setSize(Size::Caption);
        label->setTone(present::Tone::Muted);
        label->setText(name);
        auto* text = new RunLabel(m_detailCard);
        text->setTone(present::Tone::Plain);
        text->setWrapping(true);
        text->setMonoArguments(mono);
        if (mono)
            text->setSize(Size::Caption);
        text->setText(value);
        auto* pair = new QWidget(m_detailCard);
        auto* column = new QVBoxLayout(pair);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(0);
        column->addWidget(label);
        column->addWidget(text);
        m_detail->addWidget(pair);
    }
    m_evidence->setPlainText(readable(m_model->row(index.row()).record.evidence));
}

} // namespace perch::widgets
