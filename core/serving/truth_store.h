#pragma once

#include "core/base/clock.h"
#include "core/base/database.h"
#include "core/serving/exposition.h"
#include "core/serving/prediction_record.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>

namespace perch::serving {

/// What became of one feedback: the label `outcome` of ml_feedback_total. Every valid feedback ends in exactly one.
enum class FeedbackOutcome {
    Joined,    ///< its prediction was there
    Late,      ///< it came before its prediction and was joined when that arrived
    Duplicate, ///< the id has a truth already; the first one stays
    Unknown,   ///< no prediction with that id came within the waiting time
    Invalid,   ///< malformed, of an unknown model, or no class of it
    Waiting,   ///< not counted yet: Late or Unknown in the end
};

/// Joins predictions with the truth that arrives later, on disk, within a window of time and bytes. A truth applies to
/// every version that answered its id, also to one whose record comes later. A classification counts under its truth and
/// its answer; a regression that declares a tolerance under truth `any` and predicted `within` or `outside`; one that
/// declares none is joined but counts nowhere: its quality is not known. Counts are kept in the same transaction
/// as the join, so the counters go on where they were after a restart, even one by kill -9.
/// Safe from any thread: one lock, one transaction per call.
class TruthStore {
public:
    struct Options {
        Seconds window{30.0 * 24 * 3600};
        std::uint64_t byteLimit = 1 << 30; ///< of the database in use; what is above it goes, oldest first
        Seconds waiting{3600}; ///< how long a truth waits for its prediction
    };

    /// Errors are those of Database::open.
    static Result<std::unique_ptr<TruthStore>> open(
        const std::filesystem::path& file, Options options, const Clock& clock, Exposition& exposition);

    /// Makes the counters of a version exist, at zero if they are new.
    Result<void> announce(const VersionAnnouncement& announcement);
    /// Keeps the records that are new. Conflict if a version has not presented itself: then none is kept.
    Result<void> addRecords(std::span<const PredictionRecord> records);
    /// InvalidInput or NotFound if the truth is no class of the model or the model is unknown; then none is taken.
    Result<std::vector<FeedbackOutcome>> addFeedback(std::span<const Feedback> feedback);
    void countInvalid(std::size_t count);
    /// Forgets what is older than the window or more than the limit. Called now and then: between two calls the file may
    /// grow above the limit. It does not shrink, but its free pages are used again.
    Result<void> prune();

private:
    /// model, version, role, truth, predicted
    using LabelKey = std::tuple<std::string, std::string, std::string, std::string, std::string>;
    /// What a transaction will add to the counters once it is committed.
    struct Changes {
        std::map<LabelKey, std::uint64_t> labelled;
        std::array<std::uint64_t, 5> feedback{};
    };

    TruthStore(Database database, Options options, const Clock& clock, Exposition& exposition);
    Result<void> restore();
    Result<void> prepareStatements();
    Result<void> commit(const std::function<Result<void>(Changes&)>& body);
    Result<void> saveTotals(const Changes& changes);
    void apply(const Changes& changes);
    void createSeries(const VersionAnnouncement& announcement);
    bool isRegression(const std::string& model, const std::string& version) const;
    void countAnswer(const std::string& truth, const PredictionRecord& record, Changes& changes) const;
    void addToCounters(const LabelKey& key, double count);
    Result<void> addRecord(const PredictionRecord& record, std::int64_t now, Changes& changes);
    Result<FeedbackOutcome> join(const Feedback& feedback, std::int64_t now, Changes& changes);
    Result<void> check(const Feedback& feedback) const;
    Result<void> forget(std::int64_t before, std::int64_t waitingBefore, Changes& changes);
    Result<std::uint64_t> bytesInUse();
    Result<std::optional<std::int64_t>> excessBefore();
    Result<void> updateSizes();

    std::mutex m_mutex;
    Database m_database;
    const Options m_options;
    const Clock& m_clock;
    Exposition& m_exposition;
    std::map<std::pair<std::string, std::string>, VersionAnnouncement> m_versions; ///< by model and version
    std::map<std::string, std::vector<std::string>> m_classes; ///< by model, over its announced versions
    std::set<std::string> m_regressions;                       ///< models with a version that answers with a number
    struct Statements;
    std::shared_ptr<Statements> m_statements;
};

/// `joined`, `late`, `duplicate`, `unknown`, `invalid`, `waiting`.
std::string_view toString(FeedbackOutcome outcome);

} // namespace perch::serving
