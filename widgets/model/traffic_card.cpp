#include "widgets/model/traffic_card.h"

#include "widgets/model/step_track.h"
#include "widgets/model/traffic_bar_view.h"
#include "widgets/model/weight_field.h"
#include "widgets/support/fonts.h"
#include "widgets/support/run_label.h"

#include <QVBoxLayout>

namespace perch::widgets {

TrafficCard::TrafficCard(QWidget* parent)
    : Card(parent),
      m_weight(new WeightField(this)),
      m_shadow(new RunLabel(this)),
      m_bar(new TrafficBarView(TrafficBarView::Height::Card, this)),
      m_track(new StepTrack(this)) {
    setTitle(PERCH_TEXT("Model", "Traffic"));
    addHeaderWidget(m_shadow);
    addHeaderWidget(m_weight);
    body()->setContentsMargins(px(16), px(4), px(16), px(12));
    body()->setSpacing(px(14));
    body()->addWidget(m_bar);
    body()->addWidget(m_track);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void TrafficCard::setScreen(const present::ModelScreen& screen) {
    setNote(screen.trafficNote);
    m_shadow->setText(screen.shadowNote);
    m_shadow->setVisible(!screen.shadowNote.empty());
    m_weight->setField(screen.weight);
    m_bar->setBar(screen.traffic);
    m_track->setSteps(screen.track, screen.trackEmpty);
}

} // namespace perch::widgets
