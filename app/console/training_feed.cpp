#include "app/console/training_feed.h"

#include "app/console/training_reader.h"

namespace perch::console {

namespace {

constexpr std::chrono::milliseconds kTrainingsEvery{500};
constexpr std::chrono::seconds kMachineFor{120};

/// What the feed's thread works with.
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

TrainingFeed::TrainingFeed(const Workspace& workspace, const Clock& clock)
    : m_workspace(workspace),
      m_clock(clock),
      m_feed(*this, [this](std::shared_ptr<const present::TrainingFacts> facts) { Q_EMIT arrived(std::move(facts)); }) {
}

void TrainingFeed::start() {
    const auto watcher = std::make_shared<Watcher>(m_workspace);
    m_feed.start([watcher, this](const std::stop_token&, bool) { return watcher->read(m_clock.now()); },
                 kTrainingsEvery);
}

void TrainingFeed::readNow() {
    m_feed.readNow();
}

present::TrainingFacts TrainingFeed::readOnce(const Workspace& workspace, const Clock& clock) {
    return Watcher(workspace).read(clock.now());
}

} // namespace perch::console
