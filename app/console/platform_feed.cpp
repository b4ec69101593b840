#include "app/console/platform_feed.h"

#include "core/drift/drift_record.h"
#include "core/evaluate/evaluation_json.h"

namespace perch::console {

namespace {

constexpr std::chrono::seconds kFactsEvery{1};
constexpr std::chrono::seconds kAuditEvery{3};

/// Whether a window that shows the one shows the other, too.
bool showSame(const widgets::Facts& one, const widgets::Facts& other) {
    return one.snapshot == other.snapshot && one.audit == other.audit && one.evaluations == other.evaluations &&
           one.drifts == other.drifts && one.shell.platformProblem == other.shell.platformProblem;
}

/// When the files of the models were written that were read last.
using FileTimes = std::map<ModelName, std::filesystem::file_time_type>;

} // namespace

/// What the feed's thread works with: the platform, the last audit, the evaluations and the comparisons with the
/// times of their files.
class PlatformFeed::Reader {
public:
    Reader(const Workspace& workspace, const Clock& clock, const present::ShellInput& shell, PlatformOpener open,
           kubernetes::Reading reading, std::function<void()> changed)
        : m_workspace(workspace),
          m_clock(clock),
          m_openPlatform(std::move(open)),
          m_reading(reading),
          m_changed(std::move(changed)) {
        m_facts.shell = shell;
    }

    widgets::Facts read(const std::stop_token& stop, bool everything) {
        m_facts.shell.platformProblem.clear();
        if (const Result<void> opened = open(); !opened) {
            m_facts.shell.platformProblem = opened.error().message;
            return m_facts;
        }
        m_facts.snapshot = m_platform->facts().read(stop);
        if (everything || m_clock.steadyNow() - m_auditRead >= kAuditEvery)
            readAudit();
        readEvaluations();
        readDrifts();
        m_facts.shell.platformProblem = m_platform->whyEmpty();
        return m_facts;
    }

private:
    Result<void> open() {
        if (m_platform == nullptr) {
            m_platform = TRY(m_openPlatform(m_reading));
            m_platform->facts().onChange(m_changed);
        }
        return {};
    }

    void readAudit() {
        m_auditRead = m_clock.steadyNow();
        present::AuditFacts facts;
        auto records = m_platform->operations().auditRecords();
        auto verified = m_platform->operations().verifyAuditLog();
        if (records && verified) {
            facts = present::toAuditFacts(*std::move(records), *verified);
        } else {
            facts.verdict = present::AuditFacts::Verdict::Unreadable;
            facts.problem = records ? verified.error().message : records.error().message;
        }
        // Nothing is ever taken out of an audit.
        if (m_facts.audit != nullptr && m_facts.audit->verdict == facts.verdict &&
            m_facts.audit->problem == facts.problem && m_facts.audit->records.size() == facts.records.size())
            return;
        m_facts.audit = std::make_shared<const present::AuditFacts>(std::move(facts));
    }

    void readEvaluations() {
        readNewer(m_evaluationRead, m_facts.evaluations, evaluate::evaluationFile, evaluate::loadEvaluation);
    }

    void readDrifts() { readNewer(m_driftRead, m_facts.drifts, drift::driftFile, drift::loadDrift); }

    /// What is kept of each model in a file, where that was written since it was read.
    template <typename Value>
    void readNewer(FileTimes& read, std::map<ModelName, std::shared_ptr<const Value>>& facts,
                   std::filesystem::path (*fileOf)(const Workspace&, const ModelName&),
                   Result<Value> (*load)(const Workspace&, const ModelName&)) {
        if (m_facts.snapshot == nullptr)
            return;
        for (const fleet::ModelFacts& model : m_facts.snapshot->models) {
            std::error_code none;
            const auto written = std::filesystem::last_write_time(fileOf(m_workspace, model.model), none);
            if (none || written == read[model.model])
                continue;
            read[model.model] = written;
            if (Result<Value> value = load(m_workspace, model.model))
                facts[model.model] = std::make_shared<const Value>(*std::move(value));
        }
    }

    const Workspace& m_workspace;
    const Clock& m_clock;
    const PlatformOpener m_openPlatform;
    const kubernetes::Reading m_reading;
    const std::function<void()> m_changed;
    std::unique_ptr<rollout::Platform> m_platform;
    widgets::Facts m_facts;
    SteadyTime m_auditRead{};
    FileTimes m_evaluationRead, m_driftRead;
};

PlatformFeed::PlatformFeed(const Workspace& workspace, const Clock& clock, present::ShellInput shell,
                           PlatformOpener open)
    : m_workspace(workspace),
      m_clock(clock),
      m_shell(std::move(shell)),
      m_open(std::move(open)),
      m_feed(*this, [this](const std::shared_ptr<const widgets::Facts>& facts) {
          const bool same = m_shown != nullptr && showSame(*m_shown, *facts);
          m_shown = facts;
          if (!same)
              Q_EMIT arrived(*facts);
      }) {}

void PlatformFeed::start() {
    const auto reader = std::make_shared<Reader>(m_workspace, m_clock, m_shell, m_open, kubernetes::Reading::Watched,
                                                 [this] { m_feed.readSoon(); });
    m_feed.start([reader](const std::stop_token& stop, bool asked) { return reader->read(stop, asked); }, kFactsEvery);
}

void PlatformFeed::readNow() {
    m_feed.readNow();
}

widgets::Facts PlatformFeed::readOnce(const Workspace& workspace, const Clock& clock, const present::ShellInput& shell,
                                      const PlatformOpener& open) {
    return Reader(workspace, clock, shell, open, kubernetes::Reading::Once, {}).read({}, true);
}

} // namespace perch::console
