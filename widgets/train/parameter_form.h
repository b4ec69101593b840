#pragma once

#include "core/present/train_screen.h"
#include "widgets/support/card.h"

#include <QPointer>

class QGridLayout;
class QLineEdit;

namespace perch::widgets {

class RunLabel;

/// The hyper-parameters as two columns of fields: editable between trainings, with the reason under a field whose text
/// is refused, and read-only while one runs.
class ParameterForm : public Card {
    Q_OBJECT
public:
    explicit ParameterForm(QWidget* parent = nullptr);
    void setCard(const present::ParameterCard& card);

Q_SIGNALS:
    void edited(const QString& key, const QString& text);

private:
    struct Field {
        std::string key;
        RunLabel* label;
        QLineEdit* edit;
        RunLabel* error;
    };
    void makeFields(const std::vector<present::ParameterField>& fields);

    QWidget* m_holder;
    std::vector<Field> m_fields;
};

} // namespace perch::widgets
