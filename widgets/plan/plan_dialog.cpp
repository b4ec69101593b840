#include "widgets/plan/plan_dialog.h"

#include "widgets/model/traffic_bar_view.h"
#include "widgets/plan/dim_layer.h"
#include "widgets/plan/hold_to_confirm.h"
#include "widgets/plan/plan_parts.h"
#include "widgets/plan/plan_rows.h"
#include "widgets/support/button.h"
#include "widgets/support/chip.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"

#include <QAccessible>
#include <QGridLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QSaveFile>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>

namespace perch::widgets {

namespace {

constexpr int kDialogWidth = 1'008, kDialogHeight = 832, kDialogPadding = 24, kFromWindow = 24; ///< pixels at 100 %

/// Whether a person who had read `before` must look again.
bool differs(const present::PlanScreen& before, const present::PlanScreen& after) {
    const auto sameRow = [](const present::PlanRow& a, const present::PlanRow& b) {
        return a.object == b.object && a.field == b.field && a.before == b.before && a.after == b.after;
    };
    return !std::equal(before.rows.begin(), before.rows.end(), after.rows.begin(), after.rows.end(), sameRow) ||
           before.blocked != after.blocked;
}

/// The words over a bar have the color of the part that they name, while it has one.
void showNote(RunLabel& label, const Text& text, const present::TrafficBar& bar) {
    const present::Tone tone = bar.parts.size() > 1 ? bar.parts.back().tone : present::Tone::Secondary;
    label.setTone(tone);
    label.setArgumentTone(tone);
    label.setText(text);
}

} // namespace

PlanDialog::PlanDialog(const present::PlanScreen& screen, QWidget* parent)
    : QDialog(parent, Qt::Dialog | Qt::FramelessWindowHint), m_dialogs(desktopDialogs()) {
    setObjectName(QStringLiteral("planDialog"));
    setAttribute(Qt::WA_TranslucentBackground);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(1, px(4), 1, 1);
    column->setSpacing(0);
    column->addWidget(makeHeader());
    m_scroll = new QScrollArea(this);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setWidget(makeContent());
    m_scroll->viewport()->setAutoFillBackground(false);
    m_scroll->widget()->setAutoFillBackground(false);
    column->addWidget(m_scroll, 1);
    column->addWidget(makeFoot());
    show(screen);
}

PlanDialog::~PlanDialog() {
    delete m_dim;
}

void PlanDialog::show(const present::PlanScreen& screen) {
    m_screen = screen;
    setWindowTitle(toQString(screen.title));
    setAccessibleName(toQString(screen.title));
    setAccessibleDescription(toQString(screen.warningTitle) + QLatin1Char(' ') + toQString(screen.warningDetail));
    m_title->setText(screen.title);
    m_environment->setEnvironment(screen.environment, screen.environmentWord);
    m_place->setText(screen.place);
    m_before->setBar(screen.before);
    m_after->setBar(screen.after);
    showNote(*m_beforeNote, screen.beforeNote, screen.before);
    showNote(*m_afterNote, screen.afterNote, screen.after);
    m_warning->setWords(screen.warningTitle, screen.warningDetail);
    m_warning->setVisible(screen.warned);
    m_changesNote->setText(screen.changesNote);
    m_rows->rows().setRows(screen.rows);
    m_rows->fitHeight();
    m_notTouched->setText(screen.notTouched);
    m_notTouched->setVisible(!screen.notTouched.empty());
    m_checksNote->setText(screen.checksNote);
    showChecks();
    using present::Confirmation;
    const bool typed = screen.confirmation == Confirmation::TypedName, production = screen.environment == "production";
    m_confirmLabel->setText(typed ? screen.confirmLabel : Text{});
    m_confirmField->setWord(screen.confirmWord);
    m_confirmField->setAccessibleName(toQString(screen.confirmLabel));
    m_confirmField->setVisible(typed);
    m_hint->setVisible(!typed);
    m_hint->setTone(screen.blocked ? present::Tone::Fail : present::Tone::Secondary);
    m_hint->setText(screen.blocked                              ? screen.blockedReason
                    : screen.confirmation == Confirmation::Hold ? screen.confirmLabel
                                                                : Text{});
    m_keep->setLabel(screen.keepButton);
    m_confirm->setLabel(screen.confirmButton);
    m_confirm->setGlyph(QString::fromStdString(screen.glyph));
    m_confirm->setKind(production ? Button::Kind::Production : Button::Kind::Primary);
    m_hold->setActive(screen.confirmation == Confirmation::Hold);
    refresh();
    update();
}

void PlanDialog::showChecks() {
    qDeleteAll(m_checks->findChildren<CheckItem*>(Qt::FindDirectChildrenOnly));
    int index = 0;
    for (const auto& check : m_screen.checks) {
        m_checkGrid->addWidget(new CheckItem(check, m_checks), index / 2, index % 2);
        ++index;
    }
    qDeleteAll(m_chips->findChildren<Chip*>(Qt::FindDirectChildrenOnly));
    for (const auto& value : m_screen.checkChips) {
        auto* chip = new Chip(m_chips);
        chip->setValue(value);
        m_chips->layout()->addWidget(chip);
    }
}

void PlanDialog::setValue(const present::PlanScreen& screen) {
    if (m_phase != Phase::Reading)
        return;
    const bool changed = differs(m_screen, screen);
    m_askedAgain = false;
    if (changed)
        m_confirmField->clear();
    show(screen);
    if (changed) {
        m_validity->setTone(present::Tone::Warning);
        m_validity->setText(PERCH_TEXT("Plan", "The plan was read again and has changed: read it before you confirm"));
    }
}

bool PlanDialog::expired() const {
    return m_now && *m_now >= m_screen.expiresAt;
}

void PlanDialog::setNow(SystemTime now) {
    m_now = now;
    if (m_phase != Phase::Reading)
        return;
    m_validity->setTone(expired() ? present::Tone::Warning : present::Tone::Secondary);
    m_validity->setText(present::validityText(m_screen, now));
    refresh();
    if (expired() && !m_askedAgain) {
        m_askedAgain = true;
        Q_EMIT readAgain();
    }
}

void PlanDialog::refresh() {
    const bool named = m_screen.confirmation != present::Confirmation::TypedName || m_confirmField->matches();
    m_confirm->setEnabled(m_phase == Phase::Reading && named && !m_screen.blocked && !expired());
    const bool reading = m_phase == Phase::Reading;
    m_reason->setEnabled(reading);
    m_confirmField->setEnabled(reading);
}

void PlanDialog::confirm() {
    if (!m_confirm->isEnabled())
        return;
    m_phase = Phase::Executing;
    setProgress(0, tr("Starting"));
    Q_EMIT confirmed(m_reason->text());
}

void PlanDialog::setProgress(int done, const QString& sentence) {
    m_phase = Phase::Executing;
    m_rows->rows().setProgress(done, true);
    m_confirm->setProgress(PERCH_TEXT("Plan", "Writing"));
    m_keep->setLabel(PERCH_TEXT("Plan", "Close, it goes on"));
    m_validity->setTone(present::Tone::Accent);
    m_validity->setText(verbatim(sentence.toStdString()));
    refresh();
}

void PlanDialog::setResult(present::State state, const QString& sentence) {
    m_phase = Phase::Ended;
    const bool well = state == present::State::Pass;
    PlanRowsModel& rows = m_rows->rows();
    rows.setProgress(well ? rows.rowCount() : rows.done(), false);
    m_confirm->setProgress({});
    m_confirm->hide();
    m_keep->setLabel(PERCH_TEXT("Plan", "Close"));
    m_keep->setFocus();
    m_validity->setTone(well ? present::Tone::Pass : present::Tone::Fail);
    m_validity->setText(verbatim(sentence.toStdString()));
    refresh();
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

void PlanDialog::savePlan() {
    const QString file = m_dialogs.saveFile(this, tr("Save plan"), QStringLiteral("plan.txt"), tr("Text (*.txt)"));
    if (file.isEmpty())
        return;
    QSaveFile out(file);
    const QByteArray text = QByteArray::fromStdString(m_screen.asText);
    if (!out.open(QIODevice::WriteOnly) || out.write(text) != text.size() || !out.commit())
        m_dialogs.tell(this, tr("The plan was not saved: %1: %2").arg(file, out.errorString()));
}

void PlanDialog::place() {
    QWidget* window = parentWidget() != nullptr ? parentWidget()->window() : nullptr;
    const QSize room = window != nullptr ? window->size() - QSize(2 * px(kFromWindow), 2 * px(kFromWindow))
                                         : QSize(px(kDialogWidth), px(kDialogHeight));
    m_scroll->widget()->adjustSize();
    resize(std::min(px(kDialogWidth), room.width()), std::min(px(kDialogHeight), room.height()));
    if (window == nullptr)
        return;
    if (m_dim == nullptr)
        m_dim = new DimLayer(window);
    m_dim->show();
    move(window->mapToGlobal(QPoint((window->width() - width()) / 2, (window->height() - height()) / 2)));
}

void PlanDialog::showEvent(QShowEvent* event) {
    place();
    QDialog::showEvent(event);
    m_keep->setFocus(Qt::OtherFocusReason);
}

void PlanDialog::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double radius = px(8);
    QPainterPath whole;
    whole.addRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
    painter.fillPath(whole, theme().surface);
    painter.setClipPath(whole);
    painter.fillRect(m_foot->geometry().adjusted(-1, 0, 1, 1), theme().raised);
    painter.fillRect(QRect(0, m_foot->y() - 1, width(), 1), theme().line);
    if (const QColor frame = environmentColor(m_screen.environment); frame.isValid())
        painter.fillRect(QRect(0, 0, width(), px(4)), frame);
    painter.setClipping(false);
    painter.setPen(QPen(theme().line2, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(whole);
    const double side = px(20);
    const QRect title(m_title->mapTo(this, QPoint(0, 0)), m_title->size());
    paintGlyph(painter, QRectF(px(kDialogPadding), title.center().y() - side / 2 + 0.5, side, side),
               QString::fromStdString(m_screen.glyph), theme().ink);
}

void PlanDialog::keyPressEvent(QKeyEvent* event) {
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (!enter) {
        QDialog::keyPressEvent(event);
        return;
    }
    if (event->isAutoRepeat())
        return;
    if (event->modifiers() & Qt::ControlModifier) {
        m_hold->press();
        return;
    }
    // Enter presses the button that has the focus, but never confirms a production write.
    auto* focused = qobject_cast<Button*>(focusWidget());
    if (focused != nullptr && (focused != m_confirm || m_screen.confirmation == present::Confirmation::Click))
        focused->click();
}

void PlanDialog::keyReleaseEvent(QKeyEvent* event) {
    const bool held =
        event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Control;
    if (held && !event->isAutoRepeat())
        m_hold->release();
    QDialog::keyReleaseEvent(event);
}

} // namespace perch::widgets
