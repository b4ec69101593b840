#include "core/rollout/step_writer.h"

#include "core/rollout/plan_text.h"
#include "core/rollout/record_json.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace perch::rollout {

namespace {

constexpr std::chrono::seconds kWriteDeadline{10};
constexpr std::chrono::milliseconds kFenceInterval{50};

/// Stops a wait when the caller asks or when somebody took the model over.
class FenceWatch {
public:
    FenceWatch(const ActorLock& lock, std::stop_token outer)
        : m_forward(outer, [this] { m_stop.request_stop(); }),
          m_thread([this, &lock](std::stop_token end) {
              std::mutex mutex;
              std::unique_lock guard(mutex);
              std::condition_variable_any wake;
              while (!wake.wait_for(guard, end, kFenceInterval, [&] { return end.stop_requested(); })) {
                  if (!lock.check())
                      m_stop.request_stop();
              }
          }) {}
    std::stop_token token() const { return m_stop.get_token(); }

private:
    std::stop_source m_stop;
    std::stop_callback<std::function<void()>> m_forward;
    std::jthread m_thread;
};

Error changedMeanwhile(const Step& step, const std::string& now) {
    return fail(ErrorCode::Conflict, "{} {} is \"{}\" now, the plan says \"{}\": read the plan again.", step.object,
        step.field, valueWords(step.field, now), valueWords(step.field, step.before));
}

} // namespace

bool sameValue(const Step& step, const std::string& one, const std::string& other) {
    if (one == other)
        return true;
    if (!isRecord(step)) {
        // A deployment that is not there has no replicas.
        const auto number = [](const std::string& text) { return text.empty() ? std::string("0") : text; };
        return step.field == "replicas" && number(one) == number(other);
    }
    const auto first = parseRecord(one);
    const auto second = parseRecord(other);
    return first && second && (first->revision == 0) == (second->revision == 0) && sameRollout(*first, *second);
}

void StepWriter::crashPoint(std::string_view next) const {
    if (m_crashPoint)
        m_crashPoint(next);
}

Result<PreparedStep> StepWriter::prepareRecord(const Step& step, const FieldState& now, Expect expect) const {
    PreparedStep prepared{step, sameValue(step, now.value, step.after)};
    if (!prepared.alreadySo && expect == Expect::Before && !sameValue(step, now.value, step.before))
        return changedMeanwhile(step, now.value);
    prepared.step.before = now.value;
    if (prepared.alreadySo) {
        prepared.step.after = now.value;
        return prepared;
    }
    // A record that cannot be read must not stop an abort: it is replaced.
    const auto current = parseRecord(now.value);
    if (!current && expect == Expect::Before)
        return current.error();
    fleet::RolloutRecord next = TRY(parseRecord(step.after));
    if (current) {
        next.revision = current->revision + 1;
        next.auditHead = current->auditHead;
        next.auditWriter = current->auditWriter;
    }
    next.fence = m_lock.fence();
    prepared.step.after = recordText(next);
    return prepared;
}

Result<PreparedStep> StepWriter::prepare(const Step& step, Expect expect) const {
    const FieldState now = TRY(m_backend.read(step.object, step.field));
    if (!step.uid.empty() && step.uid != now.uid) {
        return fail(ErrorCode::Conflict, "{} is not the one that the plan was made for{}: read the plan again.",
            step.object, now.uid.empty() ? " (it is gone)" : "");
    }
    if (isRecord(step))
        return prepareRecord(step, now, expect);
    PreparedStep prepared{step, sameValue(step, now.value, step.after)};
    if (!prepared.alreadySo && expect == Expect::Before && !sameValue(step, now.value, step.before))
        return changedMeanwhile(step, now.value);
    prepared.step.before = now.value;
    return prepared;
}

Result<void> StepWriter::await(const Step& step, std::stop_token stop) const {
    const FenceWatch watch(m_lock, stop);
    const auto deadline = m_clock.steadyNow() + (step.field == "replicas" ? m_backend.replicasDeadline() : kWriteDeadline);
    Result<void> result = m_backend.awaitEffect(step, watch.token(), deadline);
    if (!result && watch.token().stop_requested()) {
        TRY(m_lock.check());
        return fail(ErrorCode::Cancelled, "Cancelled while waiting: {}.", step.title);
    }
    return result;
}

Result<void> StepWriter::apply(const PreparedStep& prepared, std::stop_token stop) const {
    const Step& step = prepared.step;
    if (!prepared.alreadySo) {
        TRY(m_lock.confirm());
        crashPoint("write");
        TRY(m_backend.write(step, m_intent));
    }
    crashPoint("wait");
    TRY(await(step, stop));
    const FieldState now = TRY(m_backend.read(step.object, step.field));
    if (!sameValue(step, now.value, step.after)) {
        return fail(ErrorCode::Conflict, "{} {} reads back as \"{}\" after \"{}\" was written.", step.object, step.field,
            valueWords(step.field, now.value), valueWords(step.field, step.after));
    }
    crashPoint("journal");
    return {};
}

Result<void> StepWriter::amendRecord(
    const Step& like, std::string_view title, const std::function<bool(fleet::RolloutRecord&)>& change) const {
    const FieldState now = TRY(m_backend.read(like.object, like.field));
    fleet::RolloutRecord record = TRY(parseRecord(now.value));
    if (record.revision == 0 || !change(record))
        return {};
    ++record.revision;
    Step step = like;
    step.title = title;
    step.before = now.value;
    step.after = recordText(record);
    TRY(m_lock.confirm());
    crashPoint("amend");
    return m_backend.write(step, m_intent);
}

} // namespace perch::rollout
