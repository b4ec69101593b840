#include "app/console/training_feed.h"

#include "app/console/training_reader.h"

namespace perch::console {

namespace {

constexpr std::chrono::milliseconds kEvery{500};
constexpr std::chrono::seconds kMachineFor{120};

/// What the feed's thread owns.
class Watcher {
public:
    explicit Watcher(const Workspace& workspace) : m_reader(workspace.runs()), m_machine(workspace.root()) {}

    present::TrainingFacts read(SystemTime now) {
        auto runs = m_reader.read();
        m_facts.problem = runs ? std::string() : runs.error().message;
        if (runs)
            m_facts.runs = *std::move(runs);
        if (const Result<MachineSample> sample = m_machine.read(now))
            m_facts.machine.push_back(*sample);
        std::erase_if(m_facts.machine, [&](const MachineSample& sample) { return sample.at + kMachineFor < now; });
        return m_facts;
    }

private:
    TrainingReader m_reader;
    MachineReader m_machine;
    present::TrainingFacts m_facts;
};

} // namespace

TrainingFeed::TrainingFeed(const Workspace& workspace, const Clock& clock) : m_workspace(workspace), m_clock(clock) {}

TrainingFeed::~TrainingFeed() {
    m_thread.request_stop();
}

void TrainingFeed::start() {
    m_thread = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void TrainingFeed::readNow() {
    const std::lock_guard lock(m_mutex);
    m_readNow = true;
    m_wake.notify_all();
}

present::TrainingFacts TrainingFeed::readOnce(const Workspace& workspace, const Clock& clock) {
    return Watcher(workspace).read(clock.now());
}

void TrainingFeed::run(const std::stop_token& stop) {
    Watcher watcher(m_workspace);
    while (!stop.stop_requested()) {
        post(watcher.read(m_clock.now()));
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, stop, kEvery, [this] { return m_readNow; });
        m_readNow = false;
    }
}

void TrainingFeed::post(present::TrainingFacts facts) {
    const std::lock_guard lock(m_mutex);
    const bool waiting = m_newest != nullptr;
    m_newest = std::make_shared<const present::TrainingFacts>(std::move(facts));
    if (!waiting)
        QMetaObject::invokeMethod(this, &TrainingFeed::deliver, Qt::QueuedConnection);
}

void TrainingFeed::deliver() {
    std::shared_ptr<const present::TrainingFacts> facts;
    {
        const std::lock_guard lock(m_mutex);
        facts.swap(m_newest);
    }
    if (facts)
        Q_EMIT arrived(facts);
}

} // namespace perch::console
