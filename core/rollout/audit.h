#pragma once

#include "core/base/clock.h"
#include "core/base/workspace.h"
#include "core/rollout/intent.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace perch::rollout {

/// One write as it happened: the field and its value before and after.
struct AuditedStep {
    std::string title;
    std::string object;
    std::string field;
    std::string before;
    std::string after;
    std::string outcome; ///< `done`, `failed`, `undone`, `not begun`
};

/// What was done, by whom, why and on which evidence.
struct AuditRecord {
    std::string writer;         ///< installation and identity; names the chain and its file
    std::uint64_t sequence = 0; ///< from 1, without gaps
    SystemTime at{};
    Actor actor;
    std::string action;         ///< `promote_fully`, `train`, `alias`...
    std::string model;
    std::string summary;        ///< one sentence
    std::string reason;
    std::string planId;         ///< empty for what is no plan
    std::string planDigest;     ///< SHA-256 of the plan's JSON
    std::vector<AuditedStep> steps;
    std::string evidence;       ///< JSON text: values, windows, samples, generation
    std::string evidenceHash;
    std::string result;         ///< `done`, `failed`, `cancelled`, `superseded`, `finished_after_crash`, `undone_after_crash`
    std::string error;          ///< why it failed
    std::string previous;       ///< hash of the record before in this chain, empty for the first
    std::string hash;           ///< SHA-256 over the canonical JSON of everything above
};

nlohmann::json toJson(const AuditRecord& record);
Result<AuditRecord> auditRecordFromJson(const nlohmann::json& json);
/// SHA-256 over the canonical JSON (sorted keys, no spaces) of the record without its hash.
std::string hashOf(const AuditRecord& record);

/// A record of a chain by its place and hash: where the chain ended at some moment.
struct AuditHead {
    std::string writer;         ///< empty: only the hash is known
    std::uint64_t sequence = 0;
    std::string hash;
    std::string keptBy = {};    ///< who remembers it: `the journal`, `the rollout record of churn`
};

/// Why a chain is not whole.
struct AuditProblem {
    enum class Kind { MissingTail, Gap, Fork, Edit, Unreadable } kind = Kind::Edit;
    std::string writer;
    std::uint64_t sequence = 0; ///< the first record concerned
    std::string message;        ///< one sentence
};
std::string_view toString(AuditProblem::Kind kind); ///< `missing_tail`, `gap`, `fork`, `edit`, `unreadable`

struct AuditVerification {
    std::uint64_t records = 0;
    std::vector<AuditHead> heads;       ///< one per chain
    std::vector<AuditProblem> problems; ///< empty: all chains are whole
};

/// The identifier of the installation that a workspace belongs to, made once and kept there.
Result<std::string> installationOf(const Workspace& workspace);

/// All chains of a workspace: read, verified, and the own one written. One file `<writer>.jsonl` per chain, one JSON
/// object per line, synced after each. One thread at a time; several processes may append (a lock on the file decides).
/// A last line without its end is what a killed process leaves: it is ignored by readers and cut off by the next
/// append; only records that the table of heads knows can be missing.
class AuditLog {
public:
    /// The writer is this installation (an identifier kept in the workspace) and `identity`.
    static Result<AuditLog> open(const Workspace& workspace, const std::string& identity);

    const std::string& writer() const { return m_writer; }
    /// Fills in writer, sequence, evidence hash, previous and hash, appends and syncs. A record of the same plan with
    /// the same result at the end of the chain is not repeated: its head is returned.
    Result<AuditHead> append(AuditRecord record);
    /// Fails early when the chain cannot be written.
    Result<void> checkWritable() const;

    /// All records of all chains, oldest first.
    Result<std::vector<AuditRecord>> read() const;

private:
    AuditLog(std::filesystem::path folder, std::string writer)
        : m_folder(std::move(folder)), m_writer(std::move(writer)) {}
    std::filesystem::path m_folder;
    std::string m_writer;
};

/// Checks every chain in `folder`: hashes, order, and that each known head (from the journal's table and from the
/// rollout records) is in its chain. A head without a writer may be in any chain.
AuditVerification verifyAudit(const std::filesystem::path& folder, const std::vector<AuditHead>& knownHeads);

} // namespace perch::rollout
