#include "core/platforms/local/weekly_evaluation.h"

#include "core/base/file.h"
#include "core/base/log.h"

#include <charconv>

namespace perch::local {

namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 1s;
constexpr double kWeek = 7 * 86'400.0;

} // namespace

WeeklyEvaluation::WeeklyEvaluation(const Workspace& workspace, std::filesystem::path perch, double timeFactor,
                                   const Clock& clock)
    : m_root(workspace.root()),
      m_files(workspace),
      m_perch(std::move(perch)),
      m_week(kWeek / timeFactor),
      m_clock(clock) {}

Result<void> WeeklyEvaluation::advance(const std::vector<DeployedModel>& models) {
    if (m_child) {
        const std::optional<ChildExit> exit = m_child->poll();
        if (!exit)
            return {};
        if (!exit->clean())
            log::warning("supervisor", "The weekly evaluation {}.", exit->text());
        m_child.reset();
    }
    if (m_clock.steadyNow() < m_nextLook)
        return {};
    m_nextLook = m_clock.steadyNow() + kLook;
    for (const DeployedModel& model : models) {
        if (TRY(dueAt(model.model)) <= m_clock.now())
            return start(model.model);
    }
    return {};
}

/// A model that is seen for the first time is due in a week: it has no labels before.
Result<SystemTime> WeeklyEvaluation::dueAt(const ModelName& model) const {
    const std::filesystem::path file = m_files.root / "weekly" / model.text();
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored))
        TRY(setDue(model));
    const std::string text = TRY(readFile(file));
    std::int64_t millis = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), millis).ec != std::errc())
        return fail(ErrorCode::Corrupt, "{} is not a time.", file.string());
    return fromMillis(millis);
}

Result<void> WeeklyEvaluation::setDue(const ModelName& model) const {
    TRY(makePrivateFolder(m_files.root / "weekly"));
    const SystemTime due = m_clock.now() + std::chrono::duration_cast<SystemTime::duration>(m_week);
    return writeFileAtomically(m_files.root / "weekly" / model.text(), std::to_string(toMillis(due)));
}

Result<void> WeeklyEvaluation::start(const ModelName& model) {
    TRY(setDue(model));
    m_child.emplace(TRY(ChildProcess::start(
        {{m_perch.string(), "--workspace", m_root.string(), "evaluate", "--model", model.text(), "--since",
          fmt::format("{:.2f}m", m_week.count() / 60)},
         m_files.root,
         m_files.log("evaluate-" + model.text())})));
    return {};
}

} // namespace perch::local
