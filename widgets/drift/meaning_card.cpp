#include "widgets/drift/meaning_card.h"

#include "widgets/drift/figure_row.h"
#include "widgets/support/chip.h"
#include "widgets/support/run_label.h"

#include <QVBoxLayout>

namespace perch::widgets {

MeaningCard::MeaningCard(QWidget* parent)
    : Card(parent),
      m_verdict(new Chip(this)),
      m_figures(new FigureRow(FigureRow::Spread::Natural, this)),
      m_words(new RunLabel(this)) {
    setTitle(PERCH_TEXT("Drift", "Concept drift"));
    m_verdict->setObjectName(QStringLiteral("conceptVerdict"));
    addHeaderWidget(m_verdict);
    m_words->setWrapping(true);
    m_words->setMonoArguments(false);
    body()->setContentsMargins(px(16), px(2), px(16), px(12));
    body()->setSpacing(px(4));
    body()->addWidget(m_figures, 0, Qt::AlignLeft);
    body()->addWidget(m_words);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void MeaningCard::setMeaning(const present::DriftMeaning& meaning) {
    m_verdict->setValue(meaning.verdict);
    m_figures->setFigures(meaning.figures);
    m_words->setText(meaning.emptyText.empty() ? meaning.reason : meaning.emptyText);
}

} // namespace perch::widgets
