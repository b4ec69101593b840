#include "widgets/plan/plan_parts.h"

#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"

#include <QPainter>
#include <QVBoxLayout>
#include <QValidator>

namespace perch::widgets {

namespace {

const RunStyle& tagStyle() {
    static RunStyle style;
    style.size = Size::Caption;
    style.weight = 700;
    style.color = theme().onProd;
    return style;
}

/// Accepts one word and lets anything be typed on the way.
class WordValidator : public QValidator {
public:
    WordValidator(QString word, QObject* parent) : QValidator(parent), m_word(std::move(word)) {}
    State validate(QString& text, int&) const override { return text == m_word ? Acceptable : Intermediate; }

private:
    QString m_word;
};

} // namespace

QColor environmentColor(const std::string& environment) {
    if (environment == "production")
        return theme().prod;
    return environment == "staging" ? theme().warnFill : QColor();
}

EnvironmentTag::EnvironmentTag(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void EnvironmentTag::setEnvironment(const std::string& environment, const Text& word) {
    m_environment = environment;
    m_word = word;
    setAccessibleName(toQString(word));
    updateGeometry();
    update();
}

QSize EnvironmentTag::sizeHint() const {
    return {runsWidth(m_word, tagStyle()) + px(m_environment == "production" ? 38 : 20), px(24)};
}

void EnvironmentTag::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool production = m_environment == "production", staging = m_environment == "staging";
    RunStyle style = tagStyle();
    style.color = production ? theme().onProd : staging ? theme().warn : theme().ink2;
    const QColor fill = production ? theme().prodFill : staging ? theme().warnBg : theme().sunken;
    paintBox(painter, QRectF(rect()), px(4), fill, staging ? theme().warnFill : QColor());
    const double side = px(13);
    if (production)
        paintGlyph(painter, QRectF(px(9), (height() - side) / 2, side, side), QStringLiteral("lock"), style.color);
    paintRuns(painter, rect().adjusted(px(production ? 28 : 10), 0, 0, 0), m_word, style);
}

GlyphButton::GlyphButton(const QString& glyph, QWidget* parent) : QAbstractButton(parent), m_glyph(glyph) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setFocusPolicy(Qt::TabFocus);
}

QSize GlyphButton::sizeHint() const {
    return {px(24), px(24)};
}

void GlyphButton::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double side = px(16);
    paintGlyph(painter, QRectF((width() - side) / 2, (height() - side) / 2, side, side), m_glyph,
        underMouse() ? theme().ink : theme().ink2);
    if (showsFocus(*this))
        paintFocusRing(painter, QRectF(rect()), px(4));
}

WarningBanner::WarningBanner(QWidget* parent)
    : QWidget(parent), m_title(new RunLabel(this)), m_detail(new RunLabel(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(px(48), px(10), px(16), px(12));
    column->setSpacing(0);
    m_title->setSize(Size::Body);
    m_title->setTone(present::Tone::Plain);
    m_title->setWeight(600);
    m_title->setWrapping(true);
    m_detail->setWrapping(true);
    column->addWidget(m_title);
    column->addWidget(m_detail);
}

void WarningBanner::setWords(const Text& title, const Text& detail) {
    m_title->setText(title);
    m_detail->setText(detail);
    m_detail->setVisible(!detail.empty());
    setAccessibleName(toQString(title) + QLatin1Char(' ') + toQString(detail));
}

void WarningBanner::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintBox(painter, QRectF(rect()), px(4), theme().warnBg, theme().warnFill);
    const double side = px(20);
    paintGlyph(painter, QRectF(px(16), (height() - side) / 2, side, side), present::State::Warning, theme().warn);
}

CheckItem::CheckItem(const present::PlanCheck& check, QWidget* parent) : QWidget(parent), m_state(check.state) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(px(28), 0, px(8), 0);
    column->setSpacing(0);
    auto* headline = new RunLabel(this);
    headline->setSize(Size::Body);
    headline->setTone(present::Tone::Plain);
    headline->setWeight(600);
    headline->setMonoArguments(false);
    headline->setWrapping(true);
    headline->setText(check.headline);
    auto* detail = new RunLabel(this);
    detail->setWrapping(true);
    detail->setText(check.detail);
    detail->setVisible(!check.detail.empty());
    column->addWidget(headline);
    column->addWidget(detail);
    column->addStretch(1);
    setAccessibleName(toQString(check.headline) + QStringLiteral(". ") + toQString(check.detail));
}

void CheckItem::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double side = px(16);
    paintGlyph(painter, QRectF(0, px(2), side, side), m_state, theme().text(m_state));
}

ConfirmField::ConfirmField(QWidget* parent) : QLineEdit(parent) {
    setTextMargins(px(8), 0, px(96), 0);
    setFont(textFont(Size::Body, Face::Mono));
    connect(this, &QLineEdit::textChanged, this, [this] { update(); });
}

void ConfirmField::setWord(const std::string& word) {
    setValidator(new WordValidator(QString::fromStdString(word), this));
}

void ConfirmField::paintEvent(QPaintEvent* event) {
    QLineEdit::paintEvent(event);
    if (!matches())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    RunStyle style;
    style.color = theme().pass;
    const Text word = PERCH_TEXT("Plan", "matches");
    const int width = runsWidth(word, style);
    const double side = px(15);
    const QRect area = rect().adjusted(0, 0, -px(12), 0);
    paintRuns(painter, area, word, style, Qt::AlignRight);
    paintGlyph(painter, QRectF(area.right() - width - side - px(6), (height() - side) / 2, side, side),
        present::State::Pass, theme().pass);
}

} // namespace perch::widgets
