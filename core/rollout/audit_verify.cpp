#include "core/base/json.h"
#include "core/rollout/audit.h"
#include "core/rollout/audit_chain.h"

#include <nlohmann/json.hpp>

#include <map>
#include <set>

namespace perch::rollout {

namespace {

using Kind = AuditProblem::Kind;

/// Walks one chain: each record must be whole, follow the one before and point to it.
class ChainCheck {
public:
    ChainCheck(const AuditChain& chain, AuditVerification& verification)
        : m_chain(chain), m_verification(verification) {}

    std::map<std::uint64_t, std::string> run() {
        for (const std::string& line : m_chain.lines)
            check(line);
        m_verification.records += m_chain.lines.size();
        if (!m_hashes.empty())
            m_verification.heads.push_back({m_chain.writer, m_hashes.rbegin()->first, m_hashes.rbegin()->second});
        return std::move(m_hashes);
    }

private:
    void report(Kind kind, std::uint64_t sequence, std::string message) {
        m_verification.problems.push_back({kind, m_chain.writer, sequence, std::move(message)});
    }

    void check(const std::string& line) {
        const std::uint64_t expected = m_sequence + 1;
        const auto record = parseAuditLine(line);
        if (!record) {
            report(Kind::Edit, expected,
                fmt::format("Record {} of {} was changed: {}", expected, m_chain.writer, record.error().message));
            m_sequence = expected;
            m_previous.reset(); // what the next one should point to is not known
            return;
        }
        if (record->writer != m_chain.writer) {
            report(Kind::Edit, record->sequence, fmt::format("Record {} in the file of {} belongs to {}.",
                                                     record->sequence, m_chain.writer, record->writer));
        }
        if (record->sequence > expected) {
            report(Kind::Gap, expected,
                fmt::format("Of {} the records {} to {} are missing.", m_chain.writer, expected, record->sequence - 1));
        } else if (record->sequence < expected) {
            report(Kind::Fork, record->sequence,
                fmt::format("{} has two records {}.", m_chain.writer, record->sequence));
        } else if (m_previous && record->previous != *m_previous) {
            report(Kind::Fork, record->sequence, fmt::format("Record {} of {} does not follow the one before it.",
                                                     record->sequence, m_chain.writer));
        }
        m_sequence = record->sequence;
        m_previous = record->hash;
        m_hashes[record->sequence] = record->hash;
    }

    const AuditChain& m_chain;
    AuditVerification& m_verification;
    std::uint64_t m_sequence = 0;
    std::optional<std::string> m_previous = "";
    std::map<std::uint64_t, std::string> m_hashes;
};

std::string shortHash(const std::string& hash) {
    return hash.substr(0, 12);
}

using Chains = std::map<std::string, std::map<std::uint64_t, std::string>>;

/// A head whose writer is known: the chain must have that record with that hash.
void checkHead(const AuditHead& head, const Chains& chains, AuditVerification& verification) {
    const auto chain = chains.find(head.writer);
    const bool whole = chain != chains.end() && !chain->second.empty();
    const std::uint64_t last = whole ? chain->second.rbegin()->first : 0;
    if (head.sequence > last) {
        verification.problems.push_back({Kind::MissingTail, head.writer, last + 1,
            fmt::format("The end of {} is missing: {} knows record {}, the file ends with {}.", head.writer, head.keptBy,
                head.sequence, last)});
        return;
    }
    const auto record = chain->second.find(head.sequence);
    // A record that is not there or damaged has been reported as a gap or an edit.
    if (record == chain->second.end() || record->second == head.hash)
        return;
    verification.problems.push_back({Kind::Fork, head.writer, head.sequence,
        fmt::format("Record {} of {} is another one than {} knows.", head.sequence, head.writer, head.keptBy)});
}

void checkHash(const AuditHead& head, const Chains& chains, AuditVerification& verification) {
    for (const auto& [writer, records] : chains) {
        for (const auto& [sequence, hash] : records) {
            if (hash == head.hash)
                return;
        }
    }
    verification.problems.push_back({Kind::MissingTail, "", 0,
        fmt::format("{} names the record {}, which is in no chain.", head.keptBy, shortHash(head.hash))});
}

} // namespace

AuditVerification verifyAudit(const std::filesystem::path& folder, const std::vector<AuditHead>& knownHeads) {
    AuditVerification verification;
    const auto files = readAuditChains(folder);
    if (!files) {
        verification.problems.push_back({Kind::Unreadable, "", 0, files.error().message});
        return verification;
    }
    Chains chains;
    for (const AuditChain& chain : *files)
        chains[chain.writer] = ChainCheck(chain, verification).run();
    std::set<std::string> cut; // one report per chain is enough
    for (auto head = knownHeads.rbegin(); head != knownHeads.rend(); ++head) {
        if (head->writer.empty()) {
            checkHash(*head, chains, verification);
            continue;
        }
        const std::size_t before = verification.problems.size();
        if (!cut.contains(head->writer))
            checkHead(*head, chains, verification);
        if (verification.problems.size() > before && verification.problems.back().kind == Kind::MissingTail)
            cut.insert(head->writer);
    }
    return verification;
}

} // namespace perch::rollout
