#include "widgets/model/traffic_bar_view.h"
#include "widgets/plan/hold_to_confirm.h"
#include "widgets/plan/plan_dialog.h"
#include "widgets/plan/plan_parts.h"
#include "widgets/plan/plan_rows.h"
#include "widgets/support/button.h"
#include "widgets/support/run_label.h"

#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QScrollArea>
#include <QVBoxLayout>

// How the parts of the plan dialog are laid out; what they do is in plan_dialog.cpp.
namespace perch::widgets {

namespace {

constexpr int kLayoutPadding = 24; ///< pixels at 100 %

RunLabel* sectionTitle(const Text& text, QWidget* parent) {
    auto* label = new RunLabel(parent);
    label->setSize(Size::CardTitle);
    label->setTone(present::Tone::Plain);
    label->setText(text);
    label->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    return label;
}

RunLabel* note(QWidget* parent, present::Tone tone = present::Tone::Secondary) {
    auto* label = new RunLabel(parent);
    label->setTone(tone);
    return label;
}

QHBoxLayout* rowOf(std::initializer_list<QWidget*> widgets, int spacing) {
    auto* row = new QHBoxLayout;
    row->setSpacing(spacing);
    for (QWidget* widget : widgets)
        row->addWidget(widget);
    return row;
}

} // namespace

QWidget* PlanDialog::makeHeader() {
    auto* header = new QWidget(this);
    m_title = new RunLabel(header);
    m_title->setSize(Size::PageTitle);
    m_title->setTone(present::Tone::Plain);
    m_title->setMonoArguments(false);
    m_title->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    m_environment = new EnvironmentTag(header);
    m_place = note(header);
    m_close = new GlyphButton(QStringLiteral("close"), header);
    m_close->setAccessibleName(tr("Close without writing"));
    m_close->setToolTip(tr("Close without writing (Esc)"));
    connect(m_close, &GlyphButton::clicked, this, &QDialog::reject);
    auto* row = rowOf({m_title, m_environment, m_place}, px(16));
    row->addStretch(1);
    row->addWidget(m_close);
    row->setContentsMargins(px(kLayoutPadding) + px(34), px(18), px(kLayoutPadding), px(10));
    header->setLayout(row);
    return header;
}

QWidget* PlanDialog::makeTraffic() {
    auto* traffic = new QWidget(this);
    auto* grid = new QGridLayout(traffic);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(0);
    grid->setVerticalSpacing(px(6));
    const auto side = [&](int column, const Text& caption, TrafficBarView*& bar, RunLabel*& right) {
        auto* label = note(traffic);
        label->setText(caption);
        right = note(traffic);
        right->setAlignment(Qt::AlignRight);
        auto* words = rowOf({label}, 0);
        words->addStretch(1);
        words->addWidget(right);
        bar = new TrafficBarView(TrafficBarView::Height::Dialog, traffic);
        grid->addLayout(words, 0, column);
        grid->addWidget(bar, 1, column);
        grid->setColumnStretch(column, 1);
    };
    side(0, PERCH_TEXT("Plan", "Traffic now"), m_before, m_beforeNote);
    side(2, PERCH_TEXT("Plan", "After"), m_after, m_afterNote);
    auto* arrow = new GlyphButton(QStringLiteral("chevron_right"), traffic);
    arrow->setFocusPolicy(Qt::NoFocus);
    arrow->setEnabled(false); // a sign, not a control
    grid->addWidget(arrow, 1, 1, Qt::AlignCenter);
    grid->setColumnMinimumWidth(1, px(88));
    return traffic;
}

QWidget* PlanDialog::makeContent() {
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, px(16));
    column->setSpacing(px(16));
    const auto inset = [&](QLayout* layout) {
        layout->setContentsMargins(px(kLayoutPadding), 0, px(kLayoutPadding), 0);
        column->addLayout(layout);
    };
    inset(rowOf({makeTraffic()}, 0));
    m_warning = new WarningBanner(content);
    inset(rowOf({m_warning}, 0));
    m_changesNote = note(content);
    auto* changes = rowOf({sectionTitle(PERCH_TEXT("Plan", "What changes"), content), m_changesNote}, px(10));
    changes->addStretch(1);
    inset(changes);
    column->setSpacing(px(14));
    m_rows = new PlanRowsView(content);
    m_rows->setObjectName(QStringLiteral("planRows"));
    column->addWidget(m_rows);
    m_notTouched = note(content);
    m_notTouched->setWrapping(true);
    inset(rowOf({m_notTouched}, 0));
    m_checksNote = note(content);
    m_chips = new QWidget(content);
    auto* chips = new QHBoxLayout(m_chips);
    chips->setContentsMargins(0, 0, 0, 0);
    chips->setSpacing(px(8));
    auto* checks = rowOf({sectionTitle(PERCH_TEXT("Plan", "Checks"), content), m_checksNote}, px(10));
    checks->addStretch(1);
    checks->addWidget(m_chips);
    inset(checks);
    m_checks = new QWidget(content);
    m_checkGrid = new QGridLayout(m_checks);
    m_checkGrid->setContentsMargins(0, 0, 0, 0);
    m_checkGrid->setHorizontalSpacing(px(32));
    m_checkGrid->setVerticalSpacing(px(12));
    m_checkGrid->setColumnStretch(0, 1);
    m_checkGrid->setColumnStretch(1, 1);
    inset(rowOf({m_checks}, 0));
    column->addStretch(1);
    return content;
}

QWidget* PlanDialog::makeFoot() {
    m_foot = new QWidget(this);
    auto* grid = new QGridLayout(m_foot);
    grid->setContentsMargins(px(kLayoutPadding), px(14), px(kLayoutPadding), px(16));
    grid->setHorizontalSpacing(px(32));
    grid->setVerticalSpacing(px(6));
    auto* reasonLabel = note(m_foot);
    reasonLabel->setText(PERCH_TEXT("Plan", "Reason, kept in the audit log"));
    m_reason = new QLineEdit(m_foot);
    m_reason->setObjectName(QStringLiteral("reasonField"));
    m_reason->setAccessibleName(tr("Reason, kept in the audit log"));
    m_reason->setTextMargins(px(8), 0, px(8), 0);
    m_reason->setMaxLength(500);
    m_confirmLabel = note(m_foot);
    m_confirmLabel->setArgumentTone(present::Tone::Plain);
    m_confirmLabel->setArgumentWeight(600);
    m_confirmField = new ConfirmField(m_foot);
    m_confirmField->setObjectName(QStringLiteral("confirmField"));
    connect(m_confirmField, &QLineEdit::textChanged, this, &PlanDialog::refresh);
    m_hint = note(m_foot);
    m_hint->setWrapping(true);
    grid->addWidget(reasonLabel, 0, 0);
    grid->addWidget(m_reason, 1, 0);
    grid->addWidget(m_confirmLabel, 0, 1);
    grid->addWidget(m_confirmField, 1, 1);
    grid->addWidget(m_hint, 1, 1);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
    const auto button = [&](const char* name, const Text& label) {
        auto* made = new Button(m_foot);
        made->setObjectName(QString::fromLatin1(name));
        made->setLabel(label);
        return made;
    };
    m_copy = button("copyPlanButton", PERCH_TEXT("Plan", "Copy plan"));
    m_save = button("savePlanButton", PERCH_TEXT("Plan", "Save plan…"));
    m_keep = button("keepButton", {});
    m_confirm = button("confirmButton", {});
    connect(m_copy, &Button::clicked, this,
            [this] { QApplication::clipboard()->setText(QString::fromStdString(m_screen.asText)); });
    connect(m_save, &Button::clicked, this, &PlanDialog::savePlan);
    connect(m_keep, &Button::clicked, this, &QDialog::reject);
    connect(m_confirm, &Button::clicked, this, [this] {
        if (!m_hold->active())
            confirm();
    });
    m_hold = new HoldToConfirm(m_confirm);
    connect(m_hold, &HoldToConfirm::confirmed, this, &PlanDialog::confirm);
    m_validity = note(m_foot);
    auto* row = rowOf({m_copy, m_save}, px(8));
    row->addSpacing(px(8));
    row->addWidget(m_validity, 1);
    row->addWidget(m_keep);
    row->addSpacing(px(4));
    row->addWidget(m_confirm);
    row->setContentsMargins(0, px(10), 0, 0);
    grid->addLayout(row, 2, 0, 1, 2);
    return m_foot;
}

} // namespace perch::widgets
