#include "core/rollout/journal.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace perch::rollout {

namespace {

using PlanState = JournalPlan::State;
using StepState = JournalStep::State;

constexpr std::string_view kSchema = R"(
    CREATE TABLE plans (
        id TEXT PRIMARY KEY, model TEXT NOT NULL, state INTEGER NOT NULL, result TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '', plan TEXT NOT NULL, digest TEXT NOT NULL, evidence TEXT NOT NULL,
        begun_at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE steps (
        plan TEXT NOT NULL REFERENCES plans (id) ON DELETE CASCADE, position INTEGER NOT NULL, state INTEGER NOT NULL,
        before TEXT NOT NULL, after TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (plan, position)) WITHOUT ROWID;
    CREATE TABLE heads (
        writer TEXT NOT NULL, sequence INTEGER NOT NULL, hash TEXT NOT NULL,
        PRIMARY KEY (writer, sequence)) WITHOUT ROWID;
    CREATE TABLE reserve (filler BLOB NOT NULL);
)";

/// The space that is kept free for plans that come when the disk is full, and the level at which it is filled up.
constexpr int kReserveBytes = 1 << 20;
constexpr std::int64_t kLowWaterPages = 128;
/// The file beside it, which is given up for everything else that an abort or a rollback writes.
constexpr off_t kBallastBytes = 4 << 20;
/// Closed plans that are kept for a look back.
constexpr int kKeptPlans = 200;

std::int64_t number(PlanState state) {
    return static_cast<std::int64_t>(state);
}

std::int64_t number(StepState state) {
    return static_cast<std::int64_t>(state);
}

std::string dump(const nlohmann::json& json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<Database> openDatabase(const std::filesystem::path& file) {
    Database database = TRY(Database::open(file, Durability::InPlace));
    TRY(database.migrate({kSchema}));
    return database;
}

/// A file that only takes room, to be given up when the disk is full and somebody must roll back.
std::filesystem::path ballastOf(const std::filesystem::path& file) {
    return file.string() + "-ballast";
}

void keepBallast(const std::filesystem::path& file) {
    const int descriptor = ::open(ballastOf(file).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return;
    if (::posix_fallocate(descriptor, 0, kBallastBytes) != 0)
        ::unlink(ballastOf(file).c_str());
    ::close(descriptor);
}

} // namespace

Result<Journal> Journal::open(const std::filesystem::path& file) {
    Result<Database> opened = openDatabase(file);
    // SQLite needs a little new space for the index of its log, and so do the others who act now.
    if (!opened && opened.error().code == ErrorCode::Unavailable && giveUpRoom(file))
        opened = openDatabase(file);
    else if (opened)
        keepBallast(file);
    Journal journal(TRY(std::move(opened)));
    // A full disk now is no reason to refuse: what was taken before may still do.
    (void)journal.reserve().has_value();
    return journal;
}

bool Journal::giveUpRoom(const std::filesystem::path& file) {
    std::error_code code;
    const std::filesystem::space_info space = std::filesystem::space(file.parent_path(), code);
    return !code && space.available < static_cast<std::uintmax_t>(kBallastBytes) && ::unlink(ballastOf(file).c_str()) == 0;
}

/// Writes a large value, changes it and deletes it: its pages stay in the file as free pages, and the log beside it
/// (which is written over, never shortened) has grown.
Result<void> Journal::reserve() {
    std::int64_t freePages = 0;
    {
        Statement count = TRY(m_database.prepare("PRAGMA freelist_count"));
        TRY(count.step());
        freePages = count.integer(0);
    }
    if (freePages >= kLowWaterPages)
        return {};
    TRY(m_database.execute(fmt::format(
        "DELETE FROM plans WHERE state = {} AND id NOT IN (SELECT id FROM plans ORDER BY begun_at DESC LIMIT {})",
        number(PlanState::Closed), kKeptPlans)));
    TRY(m_database.execute(fmt::format("INSERT INTO reserve VALUES (zeroblob({}))", kReserveBytes)));
    TRY(m_database.execute(fmt::format("UPDATE reserve SET filler = randomblob({})", kReserveBytes)));
    return m_database.execute("DELETE FROM reserve");
}

Result<void> Journal::begin(const Plan& plan, const Step& first, std::size_t begun, SystemTime now) {
    return m_database.transaction([&]() -> Result<void> {
        Statement insert = TRY(m_database.prepare("INSERT OR IGNORE INTO plans (id, model, state, plan, digest, evidence, "
                                                  "begun_at) VALUES (?, ?, ?, ?, ?, ?, ?)"));
        TRY(insert.bind(1, std::string_view(plan.id))
                .bind(2, std::string_view(plan.intent.model.text()))
                .bind(3, number(PlanState::Running))
                .bind(4, std::string_view(dump(toJson(plan))))
                .bind(5, std::string_view(digestOf(plan)))
                .bind(6, std::string_view(plan.evidence))
                .bind(7, toMillis(now))
                .run());
        if (m_database.changes() == 0)
            return fail(ErrorCode::Conflict, "This plan has been carried out already: read it again.");
        for (std::size_t index = 0; index < plan.steps.size(); ++index) {
            TRY(writeStep(plan.id, index, index < begun ? StepState::Begun : StepState::Planned, "",
                index == 0 ? &first : &plan.steps[index]));
        }
        return {};
    });
}

Result<void> Journal::writeStep(
    const std::string& planId, std::size_t index, StepState state, std::string_view detail, const Step* values) {
    if (values != nullptr) {
        Statement put = TRY(m_database.prepare(
            "INSERT OR REPLACE INTO steps (plan, position, state, detail, before, after) VALUES (?, ?, ?, ?, ?, ?)"));
        return put.bind(1, std::string_view(planId))
            .bind(2, static_cast<std::int64_t>(index))
            .bind(3, number(state))
            .bind(4, detail)
            .bind(5, std::string_view(values->before))
            .bind(6, std::string_view(values->after))
            .run();
    }
    Statement set = TRY(m_database.prepare("UPDATE steps SET state = ?, detail = ? WHERE plan = ? AND position = ?"));
    return set.bind(1, number(state))
        .bind(2, detail)
        .bind(3, std::string_view(planId))
        .bind(4, static_cast<std::int64_t>(index))
        .run();
}

Result<void> Journal::advance(
    const std::string& planId, std::size_t index, std::string_view detail, const Step& next) {
    return m_database.transaction([&]() -> Result<void> {
        TRY(changeSteps(planId, "position < ?", index, StepState::Begun, StepState::Done));
        TRY(writeStep(planId, index, detail.empty() ? StepState::Done : StepState::Failed, detail, nullptr));
        return writeStep(planId, index + 1, StepState::Begun, "", &next);
    });
}

Result<void> Journal::settle(const std::string& planId, std::size_t done, std::size_t begun) {
    return m_database.transaction([&]() -> Result<void> {
        TRY(changeSteps(planId, "position < ?", done, StepState::Begun, StepState::Done));
        return changeSteps(planId, "position >= ?", begun, StepState::Begun, StepState::Planned);
    });
}

Result<void> Journal::changeSteps(
    const std::string& planId, std::string_view which, std::size_t position, StepState from, StepState to) {
    Statement set = TRY(m_database.prepare(
        fmt::format("UPDATE steps SET state = ? WHERE plan = ? AND state = ? AND {}", which)));
    return set.bind(1, number(to))
        .bind(2, std::string_view(planId))
        .bind(3, number(from))
        .bind(4, static_cast<std::int64_t>(position))
        .run();
}

Result<void> Journal::endStep(const std::string& planId, std::size_t index, std::string_view detail) {
    return writeStep(planId, index, detail.empty() ? StepState::Done : StepState::Failed, detail, nullptr);
}

Result<void> Journal::setState(const std::string& planId, PlanState state) {
    Statement set = TRY(m_database.prepare("UPDATE plans SET state = ? WHERE id = ?"));
    return set.bind(1, number(state)).bind(2, std::string_view(planId)).run();
}

Result<void> Journal::finish(
    const std::string& planId, std::string_view result, std::string_view error, StepState begunSteps) {
    return m_database.transaction([&]() -> Result<void> {
        Statement set = TRY(
            m_database.prepare("UPDATE plans SET state = ?, result = ?, error = ? WHERE id = ? AND state < ?"));
        TRY(set.bind(1, number(PlanState::Executed))
                .bind(2, result)
                .bind(3, error)
                .bind(4, std::string_view(planId))
                .bind(5, number(PlanState::Executed))
                .run());
        Statement steps = TRY(m_database.prepare("UPDATE steps SET state = ?, detail = ? WHERE plan = ? AND state = ?"));
        return steps.bind(1, number(begunSteps))
            .bind(2, error)
            .bind(3, std::string_view(planId))
            .bind(4, number(StepState::Begun))
            .run();
    });
}

Result<void> Journal::supersede(const ModelName& model, std::string_view by) {
    std::vector<std::string> open;
    {
        Statement read = TRY(m_database.prepare("SELECT id FROM plans WHERE model = ? AND state < ?"));
        read.bind(1, std::string_view(model.text())).bind(2, number(PlanState::Executed));
        while (TRY(read.step()))
            open.push_back(read.text(0));
    }
    for (const std::string& id : open)
        TRY(finish(id, "superseded", fmt::format("{} took over.", by), StepState::Failed));
    return {};
}

Result<void> Journal::close(const std::string& planId, const AuditHead& head) {
    return m_database.transaction([&]() -> Result<void> {
        TRY(keepHead(head));
        return setState(planId, PlanState::Closed);
    });
}

Result<void> Journal::keepHead(const AuditHead& head) {
    // Never replaced: a chain that was cut and written anew must show.
    Statement put = TRY(m_database.prepare("INSERT OR IGNORE INTO heads (writer, sequence, hash) VALUES (?, ?, ?)"));
    return put.bind(1, std::string_view(head.writer))
        .bind(2, static_cast<std::int64_t>(head.sequence))
        .bind(3, std::string_view(head.hash))
        .run();
}

Result<std::vector<JournalPlan>> Journal::unclosed() {
    std::vector<JournalPlan> plans;
    Statement read = TRY(m_database.prepare(
        "SELECT plan, digest, evidence, state, result, error, begun_at FROM plans WHERE state < ? ORDER BY begun_at"));
    read.bind(1, number(PlanState::Closed));
    while (TRY(read.step())) {
        JournalPlan entry;
        entry.plan = TRY(planFromJson(TRY(parseJson(read.text(0), "A plan in the journal"))));
        entry.digest = read.text(1);
        entry.evidence = read.text(2);
        entry.state = static_cast<PlanState>(read.integer(3));
        entry.result = read.text(4);
        entry.error = read.text(5);
        entry.begunAt = fromMillis(read.integer(6));
        plans.push_back(std::move(entry));
    }
    for (JournalPlan& entry : plans)
        entry.steps = TRY(stepsOf(entry.plan));
    return plans;
}

Result<std::vector<JournalStep>> Journal::stepsOf(const Plan& plan) {
    std::vector<JournalStep> steps;
    Statement read = TRY(
        m_database.prepare("SELECT position, state, before, after, detail FROM steps WHERE plan = ? ORDER BY position"));
    read.bind(1, std::string_view(plan.id));
    while (TRY(read.step())) {
        const auto position = static_cast<std::size_t>(read.integer(0));
        if (position >= plan.steps.size())
            return fail(ErrorCode::Corrupt, "The journal has more steps than the plan {}.", plan.id);
        JournalStep step{plan.steps[position], static_cast<StepState>(read.integer(1)), read.text(4)};
        step.step.before = read.text(2);
        step.step.after = read.text(3);
        steps.push_back(std::move(step));
    }
    return steps;
}

Result<std::vector<AuditHead>> Journal::heads() {
    std::vector<AuditHead> heads;
    Statement read = TRY(m_database.prepare("SELECT writer, sequence, hash FROM heads ORDER BY writer, sequence"));
    while (TRY(read.step()))
        heads.push_back({read.text(0), static_cast<std::uint64_t>(read.integer(1)), read.text(2), "the journal"});
    return heads;
}

} // namespace perch::rollout
