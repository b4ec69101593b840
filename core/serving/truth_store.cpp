#include "core/serving/truth_store.h"

#include "core/base/parse_number.h"
#include "core/base/utf8.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include <cmath>

namespace perch::serving {

namespace {

const std::vector<std::string_view> kMigrations = {R"(
CREATE TABLE record(
    model TEXT NOT NULL, request_id TEXT NOT NULL, version TEXT NOT NULL, role TEXT NOT NULL,
    time INTEGER NOT NULL, received INTEGER NOT NULL, score REAL NOT NULL, predicted TEXT NOT NULL,
    PRIMARY KEY(model, request_id, version)) WITHOUT ROWID;
CREATE INDEX record_received ON record(received);
CREATE TABLE truth(
    model TEXT NOT NULL, request_id TEXT NOT NULL, truth TEXT NOT NULL, received INTEGER NOT NULL,
    joined INTEGER NOT NULL, PRIMARY KEY(model, request_id)) WITHOUT ROWID;
CREATE INDEX truth_received ON truth(received);
CREATE INDEX truth_waiting ON truth(received) WHERE joined = 0;
CREATE TABLE version(model TEXT NOT NULL, version TEXT NOT NULL, classes TEXT NOT NULL, PRIMARY KEY(model, version));
CREATE TABLE labelled_total(
    model TEXT NOT NULL, version TEXT NOT NULL, role TEXT NOT NULL, truth TEXT NOT NULL, predicted TEXT NOT NULL,
    count INTEGER NOT NULL, PRIMARY KEY(model, version, role, truth, predicted)) WITHOUT ROWID;
CREATE TABLE feedback_total(outcome TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
)",
                                                   "ALTER TABLE version ADD COLUMN tolerance REAL NOT NULL DEFAULT 0"};

/// The labels of a regression's answers, which have no classes.
constexpr const char* kAnyTruth = "any";
constexpr const char* kWithin = "within";
constexpr const char* kOutside = "outside";

/// Of the limit, what is kept when it is exceeded: pages are freed only where all of their rows go, and counting all rows
/// is not for each call.
constexpr double kKeptShare = 0.9;

constexpr std::array kCounted = {FeedbackOutcome::Joined, FeedbackOutcome::Late, FeedbackOutcome::Duplicate,
                                 FeedbackOutcome::Unknown, FeedbackOutcome::Invalid};

std::size_t indexOf(FeedbackOutcome outcome) {
    return static_cast<std::size_t>(outcome);
}

prometheus::Counter& feedbackCounter(Exposition& exposition, FeedbackOutcome outcome) {
    return exposition.counter("ml_feedback_total", "Feedback by what became of it.",
                              {{"outcome", std::string(toString(outcome))}});
}

/// The series that one labelled prediction moves: the pair of truth and answer, right or wrong, and right.
void countLabelled(Exposition& exposition, const std::string& model, const std::string& version,
                   const std::string& role, const std::string& truth, const std::string& predicted, bool right,
                   double count) {
    const Labels labels = {{"model", model}, {"model_version", version}, {"role", role}};
    Labels pair = labels, result = labels;
    pair.insert({{"truth", truth}, {"predicted", predicted}});
    result.insert({"outcome", right ? "correct" : "incorrect"});
    exposition.counter("ml_labelled_total", "Labelled predictions by truth and answer.", pair).Increment(count);
    exposition.counter("ml_predictions_total", "Labelled predictions by whether they were right.", result)
        .Increment(count);
    if (right)
        exposition.counter("ml_correct_predictions_total", "Labelled predictions that were right.", labels)
            .Increment(count);
}

} // namespace

std::string_view toString(FeedbackOutcome outcome) {
    switch (outcome) {
    case FeedbackOutcome::Joined:
        return "joined";
    case FeedbackOutcome::Late:
        return "late";
    case FeedbackOutcome::Duplicate:
        return "duplicate";
    case FeedbackOutcome::Unknown:
        return "unknown";
    case FeedbackOutcome::Invalid:
        return "invalid";
    case FeedbackOutcome::Waiting:
        break;
    }
    return "waiting";
}

struct TruthStore::Statements {
    Statement insertRecord, truthOf, markJoined, recordsOf, insertTruth, insertVersion, addLabelled, addFeedback;
};

TruthStore::TruthStore(Database database, Options options, const Clock& clock, Exposition& exposition)
    : m_database(std::move(database)), m_options(options), m_clock(clock), m_exposition(exposition) {}

Result<std::unique_ptr<TruthStore>> TruthStore::open(const std::filesystem::path& file, Options options,
                                                     const Clock& clock, Exposition& exposition) {
    Database database = TRY(Database::open(file, Durability::Normal));
    TRY(database.migrate(kMigrations));
    std::unique_ptr<TruthStore> store(new TruthStore(std::move(database), options, clock, exposition));
    TRY(store->prepareStatements());
    TRY(store->restore());
    return store;
}

Result<void> TruthStore::prepareStatements() {
    m_statements = std::make_shared<Statements>(Statements{
        .insertRecord = TRY(m_database.prepare("INSERT OR IGNORE INTO record VALUES(?,?,?,?,?,?,?,?)")),
        .truthOf = TRY(m_database.prepare("SELECT truth, joined FROM truth WHERE model = ? AND request_id = ?")),
        .markJoined = TRY(m_database.prepare("UPDATE truth SET joined = 1 WHERE model = ? AND request_id = ?")),
        .recordsOf = TRY(m_database.prepare(
            "SELECT version, role, predicted, score FROM record WHERE model = ? AND request_id = ?")),
        .insertTruth = TRY(m_database.prepare("INSERT INTO truth VALUES(?,?,?,?,?)")),
        .insertVersion = TRY(m_database.prepare("INSERT OR REPLACE INTO version VALUES(?,?,?,?)")),
        .addLabelled = TRY(m_database.prepare("INSERT INTO labelled_total VALUES(?,?,?,?,?,?) "
                                              "ON CONFLICT DO UPDATE SET count = count + excluded.count")),
        .addFeedback = TRY(m_database.prepare("INSERT INTO feedback_total VALUES(?,?) "
                                              "ON CONFLICT DO UPDATE SET count = count + excluded.count")),
    });
    return {};
}

Result<void> TruthStore::restore() {
    for (const FeedbackOutcome outcome : kCounted)
        feedbackCounter(m_exposition, outcome);
    Statement versions = TRY(m_database.prepare("SELECT model, version, classes, tolerance FROM version"));
    while (TRY(versions.step())) {
        const nlohmann::json classes = nlohmann::json::parse(versions.text(2), nullptr, false);
        if (!classes.is_array())
            return fail(ErrorCode::Corrupt, "The truth store's classes of {} {} are damaged.", versions.text(0),
                        versions.text(1));
        createSeries({versions.text(0), versions.text(1), classes.get<std::vector<std::string>>(), versions.real(3)});
    }
    Statement labelled =
        TRY(m_database.prepare("SELECT model, version, role, truth, predicted, count FROM labelled_total"));
    while (TRY(labelled.step()))
        addToCounters({labelled.text(0), labelled.text(1), labelled.text(2), labelled.text(3), labelled.text(4)},
                      static_cast<double>(labelled.integer(5)));
    Statement feedback = TRY(m_database.prepare("SELECT outcome, count FROM feedback_total"));
    while (TRY(feedback.step())) {
        for (const FeedbackOutcome outcome : kCounted) {
            if (toString(outcome) == feedback.text(0))
                feedbackCounter(m_exposition, outcome).Increment(static_cast<double>(feedback.integer(1)));
        }
    }
    return updateSizes();
}

void TruthStore::createSeries(const VersionAnnouncement& announcement) {
    m_versions.insert_or_assign({announcement.model, announcement.version}, announcement);
    if (announcement.classes.empty())
        m_regressions.insert(announcement.model);
    std::vector<std::string>& known = m_classes[announcement.model];
    for (const std::string& name : announcement.classes) {
        if (std::ranges::find(known, name) == known.end())
            known.push_back(name);
    }
    for (const char* role : {"stable", "canary", "shadow"}) {
        const auto create = [&](const std::string& truth, const std::string& predicted) {
            addToCounters({announcement.model, announcement.version, role, truth, predicted}, 0);
        };
        for (const std::string& truth : announcement.classes) {
            for (const std::string& predicted : announcement.classes)
                create(truth, predicted);
        }
        if (announcement.tolerance > 0) {
            create(kAnyTruth, kWithin);
            create(kAnyTruth, kOutside);
        }
    }
}

bool TruthStore::isRegression(const std::string& model, const std::string& version) const {
    const auto found = m_versions.find({model, version});
    return found != m_versions.end() && found->second.classes.empty();
}

void TruthStore::addToCounters(const LabelKey& key, double count) {
    const auto& [model, version, role, truth, predicted] = key;
    const bool right = isRegression(model, version) ? predicted == kWithin : truth == predicted;
    countLabelled(m_exposition, model, version, role, truth, predicted, right, count);
}

/// Counts one joined answer.
void TruthStore::countAnswer(const std::string& truth, const PredictionRecord& record, Changes& changes) const {
    const auto found = m_versions.find({record.model, record.version});
    if (!isRegression(record.model, record.version)) {
        ++changes.labelled[{record.model, record.version, record.role, truth, record.predicted}];
        return;
    }
    const std::optional<double> number = parseFinite(truth);
    const double tolerance = found->second.tolerance;
    if (!number || tolerance <= 0)
        return;
    const bool within = std::abs(static_cast<double>(record.score) - *number) <= tolerance;
    ++changes.labelled[{record.model, record.version, record.role, kAnyTruth, within ? kWithin : kOutside}];
}

Result<void> TruthStore::announce(const VersionAnnouncement& announcement) {
    const std::lock_guard lock(m_mutex);
    Statement& insert = m_statements->insertVersion;
    const std::string classes =
        nlohmann::json(announcement.classes).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    insert.bind(1, std::string_view(announcement.model)).bind(2, std::string_view(announcement.version));
    TRY(insert.bind(3, std::string_view(classes)).bind(4, announcement.tolerance).run());
    createSeries(announcement);
    return {};
}

/// Runs a body in a transaction together with its totals; the counters move only when it is committed.
Result<void> TruthStore::commit(const std::function<Result<void>(Changes&)>& body) {
    Changes changes;
    TRY(m_database.transaction([&]() -> Result<void> {
        TRY(body(changes));
        return saveTotals(changes);
    }));
    apply(changes);
    return {};
}

Result<void> TruthStore::saveTotals(const Changes& changes) {
    for (const auto& [key, count] : changes.labelled) {
        const auto& [model, version, role, truth, predicted] = key;
        Statement& add = m_statements->addLabelled;
        add.bind(1, std::string_view(model)).bind(2, std::string_view(version)).bind(3, std::string_view(role));
        add.bind(4, std::string_view(truth)).bind(5, std::string_view(predicted));
        TRY(add.bind(6, static_cast<std::int64_t>(count)).run());
    }
    for (const FeedbackOutcome outcome : kCounted) {
        const std::uint64_t count = changes.feedback[indexOf(outcome)];
        if (count > 0)
            TRY(m_statements->addFeedback.bind(1, toString(outcome)).bind(2, static_cast<std::int64_t>(count)).run());
    }
    return {};
}

void TruthStore::apply(const Changes& changes) {
    for (const auto& [key, count] : changes.labelled)
        addToCounters(key, static_cast<double>(count));
    for (const FeedbackOutcome outcome : kCounted)
        feedbackCounter(m_exposition, outcome).Increment(static_cast<double>(changes.feedback[indexOf(outcome)]));
}

Result<void> TruthStore::addRecords(std::span<const PredictionRecord> records) {
    const std::lock_guard lock(m_mutex);
    for (const PredictionRecord& record : records) {
        if (!m_versions.contains({record.model, record.version}))
            return fail(ErrorCode::Conflict, "{} {} has not presented itself to this truth store.", record.model,
                        record.version);
    }
    const std::int64_t now = toMillis(m_clock.now());
    return commit([&](Changes& changes) -> Result<void> {
        for (const PredictionRecord& record : records)
            TRY(addRecord(record, now, changes));
        return {};
    });
}

Result<void> TruthStore::addRecord(const PredictionRecord& record, std::int64_t now, Changes& changes) {
    Statement& insert = m_statements->insertRecord;
    insert.bind(1, std::string_view(record.model)).bind(2, std::string_view(record.requestId));
    insert.bind(3, std::string_view(record.version)).bind(4, std::string_view(record.role));
    insert.bind(5, toMillis(record.time)).bind(6, now).bind(7, static_cast<double>(record.score));
    TRY(insert.bind(8, std::string_view(record.predicted)).run());
    if (m_database.changes() == 0)
        return {};
    Statement& find = m_statements->truthOf;
    find.bind(1, std::string_view(record.model)).bind(2, std::string_view(record.requestId));
    const bool labelled = TRY(find.step());
    const std::string truth = labelled ? find.text(0) : "";
    const bool waited = labelled && find.integer(1) == 0;
    find.reset();
    if (!labelled)
        return {};
    countAnswer(truth, record, changes);
    if (!waited)
        return {};
    ++changes.feedback[indexOf(FeedbackOutcome::Late)];
    Statement& mark = m_statements->markJoined;
    return mark.bind(1, std::string_view(record.model)).bind(2, std::string_view(record.requestId)).run();
}

Result<void> TruthStore::check(const Feedback& feedback) const {
    const auto classes = m_classes.find(feedback.model);
    if (classes == m_classes.end()) {
        Error error = fail(ErrorCode::NotFound, "No version of a model {} serves predictions.", feedback.model);
        error.where = "model";
        return error;
    }
    if (std::ranges::find(classes->second, feedback.truth) != classes->second.end())
        return {};
    const bool regression = m_regressions.contains(feedback.model);
    if (regression && parseFinite(feedback.truth))
        return {};
    Error error = regression ? fail(ErrorCode::InvalidInput, "\"{}\" is no number; {} answers with one.",
                                    shownText(feedback.truth), feedback.model)
                             : fail(ErrorCode::InvalidInput, "\"{}\" is no class of {}; its classes are {}.",
                                    shownText(feedback.truth), feedback.model, fmt::join(classes->second, ", "));
    error.where = "truth";
    return error;
}

Result<std::vector<FeedbackOutcome>> TruthStore::addFeedback(std::span<const Feedback> feedback) {
    const std::lock_guard lock(m_mutex);
    for (const Feedback& entry : feedback)
        TRY(check(entry));
    const std::int64_t now = toMillis(m_clock.now());
    std::vector<FeedbackOutcome> outcomes;
    TRY(commit([&](Changes& changes) -> Result<void> {
        for (const Feedback& entry : feedback)
            outcomes.push_back(TRY(join(entry, now, changes)));
        return {};
    }));
    return outcomes;
}

Result<FeedbackOutcome> TruthStore::join(const Feedback& feedback, std::int64_t now, Changes& changes) {
    Statement& find = m_statements->truthOf;
    find.bind(1, std::string_view(feedback.model)).bind(2, std::string_view(feedback.requestId));
    const bool labelled = TRY(find.step());
    find.reset();
    if (labelled) {
        ++changes.feedback[indexOf(FeedbackOutcome::Duplicate)];
        return FeedbackOutcome::Duplicate;
    }
    Statement& records = m_statements->recordsOf;
    records.bind(1, std::string_view(feedback.model)).bind(2, std::string_view(feedback.requestId));
    bool joined = false;
    while (TRY(records.step())) {
        joined = true;
        countAnswer(feedback.truth,
                    {.model = feedback.model,
                     .version = records.text(0),
                     .role = records.text(1),
                     .score = static_cast<float>(records.real(3)),
                     .predicted = records.text(2)},
                    changes);
    }
    records.reset();
    Statement& insert = m_statements->insertTruth;
    insert.bind(1, std::string_view(feedback.model)).bind(2, std::string_view(feedback.requestId));
    insert.bind(3, std::string_view(feedback.truth)).bind(4, now);
    TRY(insert.bind(5, std::int64_t{joined}).run());
    if (!joined)
        return FeedbackOutcome::Waiting;
    ++changes.feedback[indexOf(FeedbackOutcome::Joined)];
    return FeedbackOutcome::Joined;
}

void TruthStore::countInvalid(std::size_t count) {
    const std::lock_guard lock(m_mutex);
    const Result<void> counted = commit([&](Changes& changes) -> Result<void> {
        changes.feedback[indexOf(FeedbackOutcome::Invalid)] += count;
        return {};
    });
    // The count is for people; a full disk is reported by the calls that store something.
    (void)counted.has_value();
}

Result<void> TruthStore::prune() {
    const std::lock_guard lock(m_mutex);
    const auto before = [&](Seconds age) {
        return toMillis(m_clock.now() - std::chrono::duration_cast<std::chrono::milliseconds>(age));
    };
    TRY(commit([&](Changes& changes) { return forget(before(m_options.window), before(m_options.waiting), changes); }));
    return updateSizes();
}

Result<std::uint64_t> TruthStore::bytesInUse() {
    Statement pages = TRY(m_database.prepare("SELECT (page_count - freelist_count) * page_size "
                                             "FROM pragma_page_count, pragma_freelist_count, pragma_page_size"));
    TRY(pages.step());
    return static_cast<std::uint64_t>(pages.integer(0));
}

/// The moment before which rows must go to come well below the limit; nothing while the limit is kept.
Result<std::optional<std::int64_t>> TruthStore::excessBefore() {
    const double used = static_cast<double>(TRY(bytesInUse()));
    const double limit = static_cast<double>(m_options.byteLimit);
    if (used <= limit)
        return std::nullopt;
    Statement count = TRY(m_database.prepare("SELECT (SELECT count(*) FROM record) + (SELECT count(*) FROM truth)"));
    TRY(count.step());
    Statement newest = TRY(m_database.prepare("SELECT received FROM (SELECT received FROM record UNION ALL "
                                              "SELECT received FROM truth) ORDER BY received DESC LIMIT 1 OFFSET ?"));
    newest.bind(1, static_cast<std::int64_t>(static_cast<double>(count.integer(0)) * kKeptShare * limit / used));
    if (!TRY(newest.step()))
        return std::nullopt;
    return newest.integer(0) + 1;
}

Result<void> TruthStore::forget(std::int64_t before, std::int64_t waitingBefore, Changes& changes) {
    if (const std::optional<std::int64_t> excess = TRY(excessBefore()))
        before = std::max(before, *excess);
    Statement unknown = TRY(m_database.prepare("DELETE FROM truth WHERE joined = 0 AND received < ?"));
    TRY(unknown.bind(1, std::max(before, waitingBefore)).run());
    changes.feedback[indexOf(FeedbackOutcome::Unknown)] += static_cast<std::uint64_t>(m_database.changes());
    for (const char* sql : {"DELETE FROM record WHERE received < ?", "DELETE FROM truth WHERE received < ?"}) {
        Statement old = TRY(m_database.prepare(sql));
        TRY(old.bind(1, before).run());
    }
    return {};
}

Result<void> TruthStore::updateSizes() {
    const std::pair<const char*, const char*> gauges[] = {
        {"ml_truth_records", "SELECT count(*) FROM record"},
        {"ml_feedback_waiting", "SELECT count(*) FROM truth WHERE joined = 0"}};
    for (const auto& [name, sql] : gauges) {
        Statement count = TRY(m_database.prepare(sql));
        TRY(count.step());
        m_exposition.gauge(name, "Rows in the truth store when it was last pruned.", {})
            .Set(static_cast<double>(count.integer(0)));
    }
    m_exposition.gauge("ml_truth_bytes", "Bytes in use in the truth store's database when it was last pruned.", {})
        .Set(static_cast<double>(TRY(bytesInUse())));
    return {};
}

} // namespace perch::serving
