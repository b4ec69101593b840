#include "widgets/model/weight_field.h"

#include "widgets/support/button.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPainter>

namespace perch::widgets {

namespace {

constexpr double kStepper = 28; ///< width of the - and + parts at 100 %
constexpr double kSmallest = 0.0, kLargest = 100.0, kWeightStep = 5.0;

} // namespace

WeightSpin::WeightSpin(QWidget* parent) : QDoubleSpinBox(parent) {
    setButtonSymbols(QAbstractSpinBox::NoButtons);
    setFrame(false);
    setDecimals(2);
    setRange(kSmallest, kLargest);
    setSingleStep(kWeightStep);
    setKeyboardTracking(true);
    setAlignment(Qt::AlignCenter);
    lineEdit()->setFrame(false);
    lineEdit()->setAutoFillBackground(false);
}

QSize WeightSpin::sizeHint() const {
    return {px(112), px(28)};
}

QString WeightSpin::textFromValue(double value) const {
    return QString::fromStdString(Percent::fromBasisPoints(static_cast<int>(std::lround(value * 100))).text()) +
           QStringLiteral("\u00a0%");
}

double WeightSpin::valueFromText(const QString& text) const {
    QString number = text;
    const auto weight = Percent::parse(number.remove(QChar(0x00a0)).remove(QLatin1Char(' ')).toStdString());
    return weight ? weight->percent() : value();
}

QValidator::State WeightSpin::validate(QString& text, int&) const {
    QString number = text;
    number.remove(QChar(0x00a0)).remove(QLatin1Char(' '));
    const auto weight = Percent::parse(number.toStdString());
    if (weight)
        return weight->percent() < minimum() || weight->percent() > maximum() ? QValidator::Intermediate
                                                                              : QValidator::Acceptable;
    const bool mayBecome = number.isEmpty() || number == QStringLiteral("%") || number.endsWith(QLatin1Char('.'));
    return mayBecome ? QValidator::Intermediate : QValidator::Invalid;
}

int WeightSpin::stepAt(const QPoint& position) const {
    return position.x() < px(kStepper) ? -1 : position.x() >= width() - px(kStepper) ? 1 : 0;
}

void WeightSpin::mousePressEvent(QMouseEvent* event) {
    if (const int step = stepAt(event->pos()); step != 0 && event->button() == Qt::LeftButton)
        stepBy(step);
    else
        QDoubleSpinBox::mousePressEvent(event);
}

void WeightSpin::resizeEvent(QResizeEvent* event) {
    QDoubleSpinBox::resizeEvent(event);
    lineEdit()->setGeometry(px(kStepper) + 1, 1, width() - 2 * px(kStepper) - 2, height() - 2);
    lineEdit()->setFont(textFont(Size::Body, Face::Mono, 600));
}

void WeightSpin::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& t = theme();
    const QRectF whole(rect());
    paintBox(painter, whole, px(4), isEnabled() ? t.surface : t.sunken, t.line2);
    painter.fillRect(QRectF(px(kStepper), 1, 1, height() - 2), t.line2);
    painter.fillRect(QRectF(width() - px(kStepper) - 1, 1, 1, height() - 2), t.line2);
    const double side = px(12);
    const auto glyph = [&](double center, const char* name, bool on) {
        paintGlyph(painter, QRectF(center - side / 2, (height() - side) / 2, side, side), QString::fromLatin1(name),
                   on ? t.ink2 : t.ink3);
    };
    glyph(px(kStepper) / 2.0, "minus", isEnabled() && value() > minimum());
    glyph(width() - px(kStepper) / 2.0, "plus", isEnabled() && value() < maximum());
    if (showsFocus(*this))
        paintFocusRing(painter, whole, px(4));
}

WeightField::WeightField(QWidget* parent)
    : QWidget(parent), m_spin(new WeightSpin(this)), m_apply(new Button(this)), m_reason(new RunLabel(this)) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(8));
    auto* caption = new RunLabel(this);
    caption->setText(PERCH_TEXT("Model", "Canary weight"));
    row->addWidget(caption);
    row->addWidget(m_spin);
    row->addWidget(m_apply);
    row->addWidget(m_reason);
    m_spin->setObjectName(QStringLiteral("weightField"));
    m_spin->setAccessibleName(tr("Canary weight in percent"));
    m_apply->setObjectName(QStringLiteral("applyWeightButton"));
    m_apply->setLabel(PERCH_TEXT("Model", "Apply…"));
    m_apply->setFixedHeight(px(28));
    m_reason->setTone(present::Tone::Muted);
    connect(m_spin, &WeightSpin::valueChanged, this, [this] {
        m_edited = true;
        refresh();
    });
    connect(m_apply, &Button::clicked, this, [this] { Q_EMIT applied(chosen()); });
}

void WeightField::setField(const present::WeightField& field) {
    m_field = field;
    if (m_edited && chosen() == field.now)
        m_edited = false;
    const QSignalBlocker blocker(m_spin);
    // A field that is off shows what is, also where that could not be chosen.
    m_spin->setRange(field.enabled ? field.smallest.percent() : kSmallest,
                     field.enabled ? field.largest.percent() : kLargest);
    if (!m_edited || !field.enabled) {
        m_spin->setValue(field.now.percent());
        m_edited = false;
    }
    refresh();
}

void WeightField::setBusy(bool busy) {
    m_busy = busy;
    refresh();
}

Percent WeightField::chosen() const {
    return Percent::fromBasisPoints(static_cast<int>(std::lround(m_spin->value() * 100)));
}

bool WeightField::changed() const {
    return m_field.enabled && chosen() != m_field.now;
}

void WeightField::focusField() {
    m_spin->setFocus(Qt::ShortcutFocusReason);
    m_spin->selectAll();
}

void WeightField::refresh() {
    m_spin->setEnabled(m_field.enabled && !m_busy);
    m_apply->setEnabled(changed() && !m_busy);
    m_apply->setToolTip(m_apply->isEnabled() ? QString() : toQString(m_field.reason));
    m_reason->setText(changed() ? Text{} : m_field.reason);
    m_reason->setVisible(!changed() && !m_field.reason.empty());
}

void WeightField::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        m_spin->update();
}

} // namespace perch::widgets
