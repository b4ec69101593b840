#include "core/present/audit_screen.h"

#include "core/base/number_format.h"
#include "core/present/words.h"

#include <cctype>

namespace perch::present {

namespace {

using rollout::AuditRecord;

/// `set_weight` -> `Set weight`.
Text actionWord(const std::string& action) {
    static const std::map<std::string, Text> words{{"start", PERCH_TEXT("Actions", "Start canary")},
        {"promote", PERCH_TEXT("Actions", "Promote")}, {"promote_fully", PERCH_TEXT("Actions", "Promote fully")},
        {"set_weight", PERCH_TEXT("Actions", "Set weight")}, {"pause", PERCH_TEXT("Actions", "Pause")},
        {"resume", PERCH_TEXT("Actions", "Resume")}, {"shadow", PERCH_TEXT("Actions", "Start shadow")},
        {"abort", PERCH_TEXT("Actions", "Abort")},
        {"retry", PERCH_TEXT("Actions", "Retry")}, {"roll_back", PERCH_TEXT("Actions", "Roll back")},
        {"train", PERCH_TEXT("Actions", "Train")}, {"evaluate", PERCH_TEXT("Actions", "Evaluate")},
        {"alias", PERCH_TEXT("Actions", "Move alias")}};
    const auto found = words.find(action);
    if (found != words.end())
        return found->second;
    std::string text = action;
    std::replace(text.begin(), text.end(), '_', ' ');
    if (!text.empty())
        text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return verbatim(text);
}

std::string glyphOf(const std::string& action) {
    static const std::map<std::string, std::string> glyphs{{"start", "weight"}, {"promote", "promote"},
        {"promote_fully", "promote"}, {"set_weight", "weight"}, {"pause", "pause"}, {"resume", "resume"},
        {"shadow", "shadow"}, {"abort", "abort"}, {"retry", "start"}, {"roll_back", "rollback"}, {"train", "model"}, {"evaluate", "evaluate"},
        {"alias", "link"}};
    const auto found = glyphs.find(action);
    return found != glyphs.end() ? found->second : "note";
}

/// `4be170c2a91d...` -> `4be170c2 a91d`.
Text shortHash(const std::string& hash) {
    return hash.size() < 12 ? maybeText(hash) : verbatim(hash.substr(0, 8) + " " + hash.substr(8, 4));
}

Cell resultCell(const AuditRecord& record) {
    static const std::map<std::string, std::pair<Text, State>> words{
        {"done", {PERCH_TEXT("Audit", "Done"), State::Pass}}, {"failed", {PERCH_TEXT("Audit", "Failed"), State::Fail}},
        {"cancelled", {PERCH_TEXT("Audit", "Cancelled"), State::Paused}},
        {"superseded", {PERCH_TEXT("Audit", "Superseded"), State::Paused}},
        {"finished_after_crash", {PERCH_TEXT("Audit", "Finished after a crash"), State::Warning}},
        {"undone_after_crash", {PERCH_TEXT("Audit", "Undone after a crash"), State::Warning}}};
    Cell cell;
    const auto found = words.find(record.result);
    cell.text = found != words.end() ? found->second.first : verbatim(record.result);
    cell.state = found != words.end() ? found->second.second : State::Warning;
    cell.tone = cell.state == State::Pass      ? Tone::Pass
                : cell.state == State::Fail    ? Tone::Fail
                : cell.state == State::Warning ? Tone::Warning
                                               : Tone::Muted;
    cell.tooltip = maybeText(record.error);
    return cell;
}

std::vector<AuditRow::Detail> detailOf(const AuditRecord& record) {
    std::vector<AuditRow::Detail> detail;
    const auto add = [&](Text label, const std::string& value, bool mono = false) {
        if (!value.empty())
            detail.push_back({std::move(label), verbatim(value), mono});
    };
    add(PERCH_TEXT("Audit", "What"), record.summary);
    add(PERCH_TEXT("Audit", "Why"), record.reason);
    add(PERCH_TEXT("Audit", "Error"), record.error);
    add(PERCH_TEXT("Audit", "Time"), toIso8601(record.at), true);
    add(PERCH_TEXT("Audit", "Actor"), record.actor.identity + " with " + record.actor.program);
    for (const rollout::AuditedStep& step : record.steps) {
        add(PERCH_TEXT("Audit", "Step, %1", {step.outcome}),
            fmt::format("{} {}: {} \u2192 {}", step.object, step.field, step.before.empty() ? "not set" : step.before,
                step.after.empty() ? "not set" : step.after),
            true);
    }
    add(PERCH_TEXT("Audit", "Plan"), record.planId, true);
    add(PERCH_TEXT("Audit", "Chain"), fmt::format("{} #{}", record.writer, record.sequence), true);
    add(PERCH_TEXT("Audit", "Hash"), record.hash, true);
    add(PERCH_TEXT("Audit", "Previous"), record.previous, true);
    return detail;
}

Chip chainChip(const AuditFacts& facts) {
    switch (facts.verdict) {
    case AuditFacts::Verdict::Verified:
        return {State::Pass, facts.records.size() == 1
                                 ? PERCH_TEXT("Audit", "Chain verified, %1 record", {"1"})
                                 : PERCH_TEXT("Audit", "Chain verified, %1 records", {formatCount(facts.records.size())})};
    case AuditFacts::Verdict::Broken: return {State::Fail, PERCH_TEXT("Audit", "Chain broken")};
    case AuditFacts::Verdict::Unreadable: return {State::SourceDown, PERCH_TEXT("Audit", "Audit cannot be read")};
    case AuditFacts::Verdict::NotVerified: break;
    }
    return {State::NoData, PERCH_TEXT("Audit", "Not verified")};
}

Text headText(const AuditFacts& facts) {
    return facts.records.empty() ? Text{} : PERCH_TEXT("Audit", "head %1", {shortHash(facts.records.back().hash).english()});
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
        [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

/// Quoted, and harmless in a spreadsheet: a cell that starts like a formula gets an apostrophe.
std::string csvCell(std::string text) {
    if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos)
        text.insert(text.begin(), '\'');
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c;
        if (c == '"')
            quoted += '"';
    }
    return quoted + "\"";
}

} // namespace

AuditFacts toAuditFacts(std::vector<AuditRecord> records, const rollout::AuditVerification& verification) {
    AuditFacts facts;
    facts.records = std::move(records);
    facts.verdict = verification.problems.empty() ? AuditFacts::Verdict::Verified : AuditFacts::Verdict::Broken;
    if (!verification.problems.empty())
        facts.problem = verification.problems.front().message;
    return facts;
}

bool matches(const AuditRow& row, std::string_view filter) {
    const std::string all = lower(fmt::format("{} {} {} {} {} {} {} {} {}", row.time.english(), row.record.actor.identity,
        row.record.actor.program, row.action.english(), row.record.model, row.record.summary, row.record.reason,
        row.result.text.english(), row.record.hash));
    const std::string words = lower(filter);
    for (std::size_t from = 0; from < words.size();) {
        const std::size_t to = std::min(words.find(' ', from), words.size());
        if (all.find(words.substr(from, to - from)) == std::string::npos)
            return false;
        from = to + 1;
    }
    return true;
}

AuditScreen makeAuditScreen(const AuditFacts& facts, SystemTime now) {
    AuditScreen screen;
    for (auto record = facts.records.rbegin(); record != facts.records.rend(); ++record) {
        AuditRow row;
        row.record = *record;
        row.time = verbatim(dayOnly(record->at) + " " + clockTime(record->at));
        row.fullTime = verbatim(toIso8601(record->at));
        row.action = actionWord(record->action);
        row.result = resultCell(*record);
        row.hash = shortHash(record->hash);
        row.detail = detailOf(*record);
        screen.rows.push_back(std::move(row));
    }
    screen.chain = chainChip(facts);
    screen.head = headText(facts);
    screen.title = screen.rows.size() == 1 ? PERCH_TEXT("Audit", "%1 record", {"1"})
                                           : PERCH_TEXT("Audit", "%1 records, newest first", {formatCount(screen.rows.size())});
    if (screen.rows.empty()) {
        screen.empty.shown = true;
        screen.empty.text = facts.verdict == AuditFacts::Verdict::Unreadable
                                ? maybeText(facts.problem)
                                : PERCH_TEXT("Audit", "Nothing has been recorded yet. Every training and every rollout adds a record.");
    }
    screen.status.text = facts.verdict == AuditFacts::Verdict::Broken
                             ? maybeText(facts.problem)
                             : PERCH_TEXT("Audit", "Append-only, one hash chain per writer. Checked at %1", {clockTime(now)});
    screen.status.keys = {{"Ctrl+F", PERCH_TEXT("Audit", "filter")}, {"Ctrl+E", PERCH_TEXT("Audit", "export")},
        {"F5", PERCH_TEXT("Audit", "read again")}, {"F1", PERCH_TEXT("Audit", "all keys")}};
    return screen;
}

AuditTimeline makeTimeline(const AuditFacts& facts, const ModelName& model) {
    AuditTimeline timeline;
    constexpr std::size_t kMostItems = 50;
    for (auto record = facts.records.rbegin(); record != facts.records.rend(); ++record) {
        if (record->model != model.text() || timeline.items.size() == kMostItems)
            continue;
        const Cell result = resultCell(*record);
        TimelineItem item;
        item.state = result.state;
        item.glyph = result.state == State::Pass ? glyphOf(record->action) : "";
        item.who = verbatim(record->actor.identity.substr(0, record->actor.identity.find('@')));
        item.time = verbatim(dayTime(record->at));
        const std::string summary = record->summary.substr(0, record->summary.find_last_not_of('.') + 1);
        item.text = record->error.empty() ? verbatim(summary) : verbatim(summary + ". " + record->error);
        item.hash = shortHash(record->hash);
        timeline.items.push_back(std::move(item));
    }
    timeline.chain = chainChip(facts);
    timeline.head = headText(facts);
    if (timeline.items.empty())
        timeline.emptyText = PERCH_TEXT("Audit", "Nothing has been done to this model yet.");
    return timeline;
}

std::string toCsv(const std::vector<AuditRow>& rows) {
    std::string csv = "time,actor,program,action,model,summary,reason,result,error,writer,sequence,hash,previous,evidence\n";
    for (const AuditRow& row : rows) {
        const AuditRecord& r = row.record;
        std::string line;
        for (const std::string& cell : {toIso8601(r.at), r.actor.identity, r.actor.program, r.action, r.model, r.summary,
                 r.reason, r.result, r.error, r.writer, std::to_string(r.sequence), r.hash, r.previous, r.evidence})
            line += (line.empty() ? "" : ",") + csvCell(cell);
        csv += line + "\n";
    }
    return csv;
}

} // namespace perch::present
