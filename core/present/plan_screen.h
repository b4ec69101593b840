#pragma once

#include "core/present/screen.h"
#include "core/present/traffic.h"
#include "core/rollout/plan.h"

#include <vector>

namespace perch::present {

/// How the final button is confirmed.
enum class Confirmation {
    Click,     ///< development and staging
    TypedName, ///< production: the model's name
    Hold,      ///< production, abort and roll back: the button (or Ctrl+Enter) held for one second
};

/// One field that changes.
struct PlanRow {
    Text object, field, before, after;
    Text writer;
    bool byPerch = true;
    Text undo;
};

/// One check: verdict, headline, a line of detail.
struct PlanCheck {
    State state = State::NoData;
    Text headline;
    Text detail;
};

/// The plan dialog.
struct PlanScreen {
    Text title;               ///< `Roll back credit-risk to v7`
    std::string glyph;        ///< of the action: `rollback`
    std::string environment;  ///< `production`, `staging`, `development`
    Text environmentWord;     ///< `PRODUCTION`
    Text place;               ///< `local / /home/x/.local/share/perch`
    TrafficBar before;
    TrafficBar after;
    Text beforeNote;          ///< `v8 10 %`, over the bar at the right
    Text afterNote;
    bool warned = false;
    Text warningTitle;        ///< the uncomfortable fact
    Text warningDetail;
    Text changesNote;         ///< `2 fields written by Perch in 1 object`
    std::vector<PlanRow> rows;
    Text notTouched;
    Text checksNote;          ///< `read 14:32:06, repeated at the moment of writing`
    std::vector<PlanCheck> checks;
    std::vector<Chip> checkChips; ///< `5 pass`, `1 to know`
    Confirmation confirmation = Confirmation::Click;
    Text confirmLabel;        ///< over the confirm field
    std::string confirmWord;  ///< what must be typed
    Text confirmButton;       ///< `Roll back to v7`
    Text keepButton;          ///< the safe one: `Keep canary`
    bool blocked = false;     ///< the confirm button stays off
    Text blockedReason;
    SystemTime madeAt{};
    SystemTime expiresAt{};
    std::string asText;       ///< what `Copy plan` copies
};

PlanScreen makePlanScreen(const rollout::Plan& plan, const fleet::Snapshot& snapshot, const std::string& place);

/// `Plan valid for 58 s, then read again`, or that it is old.
Text validityText(const PlanScreen& screen, SystemTime now);

/// What the dialog and the button say when execution ended.
Text doneText(const rollout::Intent& intent);

} // namespace perch::present
