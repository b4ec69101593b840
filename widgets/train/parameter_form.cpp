#include "widgets/train/parameter_form.h"

#include "widgets/support/fonts.h"
#include "widgets/support/run_label.h"
#include "widgets/support/text.h"

#include <QGridLayout>
#include <QLineEdit>
#include <QVBoxLayout>

#include <algorithm>

namespace perch::widgets {

namespace {

constexpr int kColumns = 2;

/// `learning_rate` -> `learningRateField`
QString fieldName(const std::string& key) {
    QString name;
    bool upper = false;
    for (const char c : key) {
        if (c == '_')
            upper = true;
        else
            name += upper ? QChar(QLatin1Char(c)).toUpper() : QChar(QLatin1Char(c));
        upper = c == '_';
    }
    return name + QStringLiteral("Field");
}

} // namespace

ParameterForm::ParameterForm(QWidget* parent) : Card(parent), m_holder(nullptr) {
    setObjectName(QStringLiteral("parameterForm"));
    setTitle(PERCH_TEXT("Train", "Hyper-parameters"));
    body()->setContentsMargins(px(16), 0, px(16), px(16));
}

void ParameterForm::makeFields(const std::vector<present::ParameterField>& fields) {
    delete m_holder;
    m_fields.clear();
    m_holder = new QWidget(this);
    auto* grid = new QGridLayout(m_holder);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(px(12));
    grid->setVerticalSpacing(px(3));
    for (std::size_t index = 0; index < fields.size(); ++index) {
        auto* cell = new QVBoxLayout;
        cell->setSpacing(px(2));
        Field field{fields[index].key, new RunLabel(m_holder), new QLineEdit(m_holder), new RunLabel(m_holder)};
        field.label->setSize(Size::Caption);
        field.edit->setObjectName(fieldName(field.key));
        field.edit->setFont(textFont(Size::Secondary, Face::Mono));
        field.edit->setFixedHeight(px(27));
        field.edit->setTextMargins(px(6), 0, px(6), 0);
        field.error->setSize(Size::Caption);
        field.error->setTone(present::Tone::Fail);
        field.error->setWrapping(true);
        field.error->setMonoArguments(false);
        field.error->setObjectName(field.edit->objectName() + QStringLiteral("Error"));
        field.error->hide();
        cell->addWidget(field.label);
        cell->addWidget(field.edit);
        cell->addWidget(field.error);
        cell->addStretch(1);
        grid->addLayout(cell, static_cast<int>(index) / kColumns, static_cast<int>(index) % kColumns);
        grid->setColumnStretch(static_cast<int>(index) % kColumns, 1);
        connect(field.edit, &QLineEdit::textEdited, this,
            [this, key = QString::fromStdString(field.key)](const QString& text) { Q_EMIT edited(key, text); });
        m_fields.push_back(field);
    }
    body()->addWidget(m_holder);
    m_holder->show();
}

void ParameterForm::setCard(const present::ParameterCard& card) {
    setRightNote(card.note);
    const bool same = std::ranges::equal(card.fields, m_fields, {}, &present::ParameterField::key, &Field::key);
    if (!same)
        makeFields(card.fields);
    for (std::size_t index = 0; index < m_fields.size(); ++index) {
        const present::ParameterField& value = card.fields[index];
        const Field& field = m_fields[index];
        field.label->setText(value.label);
        const QString text = QString::fromStdString(value.value);
        if (field.edit->text() != text) // keeps the cursor of who is typing
            field.edit->setText(text);
        const bool fixed = card.readOnly || !value.editable;
        field.edit->setReadOnly(fixed);
        field.edit->setFocusPolicy(fixed ? Qt::ClickFocus : Qt::StrongFocus);
        field.error->setText(value.error);
        field.error->setVisible(!value.error.empty());
        const QString name = toQString(value.label);
        field.edit->setAccessibleName(name);
        field.edit->setAccessibleDescription(value.error.empty() ? QString() : toQString(value.error));
        field.edit->setToolTip(value.error.empty() ? text : toQString(value.error));
    }
}

} // namespace perch::widgets
