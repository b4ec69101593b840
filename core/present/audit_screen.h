#pragma once

#include "core/base/ids.h"
#include "core/present/screen.h"
#include "core/rollout/audit.h"

#include <string>
#include <vector>

namespace perch::present {

/// All records of all chains, oldest first, and the verdict on the chains.
struct AuditFacts {
    std::vector<rollout::AuditRecord> records;
    enum class Verdict { NotVerified, Verified, Broken, Unreadable } verdict = Verdict::NotVerified;
    std::string problem; ///< what is broken, one sentence
};

/// From what core/rollout verified.
AuditFacts toAuditFacts(std::vector<rollout::AuditRecord> records, const rollout::AuditVerification& verification);

struct AuditRow {
    rollout::AuditRecord record;
    Text time;       ///< `12 May 14:32:08`
    Text fullTime;   ///< ISO, for the tooltip
    Text action;     ///< `Set weight`
    Cell result;
    Text hash;       ///< short
    struct Detail {
        Text label;
        Text value;
        bool mono = false; ///< an id, a hash or a time
    };
    std::vector<Detail> detail; ///< the detail pane
};

/// The Audit screen. Newest first.
struct AuditScreen {
    std::vector<AuditRow> rows;
    Chip chain;
    Text title;      ///< `214 records, newest first`
    Text head;       ///< `head 4be170c2 a91d`
    EmptyState empty;
    StatusLine status;
};

/// Rows whose text holds every word of `filter`, in any case.
bool matches(const AuditRow& row, std::string_view filter);

AuditScreen makeAuditScreen(const AuditFacts& facts, SystemTime now);

/// The evidence timeline of one model: newest first.
struct TimelineItem {
    State state = State::Pass;
    std::string glyph;  ///< `promote`, `weight`, `rollback`...: an action's glyph, or empty for the state's shape
    Text who;
    Text time;
    Text text;
    Text hash;
};
struct AuditTimeline {
    std::vector<TimelineItem> items;
    Chip chain;
    Text head;
    Text emptyText;
};
AuditTimeline makeTimeline(const AuditFacts& facts, const ModelName& model);

/// CSV of the rows, with cells that could be read as formulas made harmless.
std::string toCsv(const std::vector<AuditRow>& rows);

} // namespace perch::present
