#pragma once

#include "core/kube/object_sink.h"
#include "core/platforms/kubernetes/kube_objects.h"

#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace perch::kubernetes {

/// How the reading of one kind stands.
struct KindState {
    bool listed = false;    ///< its objects are known, though perhaps not the newest
    std::string problem;    ///< why they cannot be read now; empty: they can
    SystemTime currentAt{}; ///< of a problem: when they were last known to be true
};

/// The objects of one kind, as a list or a watch tells of them. Told on one thread, read on any; `mutex` guards what is
/// read, so that several kinds are read as of one moment. An object that cannot be understood is left out, and is the
/// problem until it is gone.
template <typename Object>
class KindReader final : public kube::ObjectSink {
public:
    using Parse = Result<Object> (*)(const nlohmann::json&);

    KindReader(std::mutex& mutex, const Clock& clock, Parse parse, std::map<std::string, Object>& objects,
               std::function<void()> changed)
        : m_mutex(mutex), m_clock(clock), m_parse(parse), m_objects(objects), m_changed(std::move(changed)) {}

    /// With the mutex held.
    const KindState& state() const { return m_state; }

    void listing() override {
        m_list.clear();
        m_isListing = true;
    }
    void put(const nlohmann::json& object) override {
        Result<Object> parsed = m_parse(object);
        if (!parsed)
            return; // without a name there is nothing to show and nothing to remove
        std::string name = parsed->meta.name;
        if (m_isListing) {
            m_list.insert_or_assign(std::move(name), *std::move(parsed));
            return;
        }
        const std::lock_guard guard(m_mutex);
        m_objects.insert_or_assign(std::move(name), *std::move(parsed));
        m_changed();
    }
    void listed() override {
        const std::lock_guard guard(m_mutex);
        m_objects = std::exchange(m_list, {});
        m_isListing = false;
        m_state = {.listed = true};
        m_changed();
    }
    void removed(const nlohmann::json& object) override {
        const Result<Object> parsed = m_parse(object);
        if (!parsed)
            return;
        const std::lock_guard guard(m_mutex);
        m_objects.erase(parsed->meta.name);
        m_changed();
    }
    void failed(const Error& error, std::chrono::milliseconds) override {
        const std::lock_guard guard(m_mutex);
        if (m_state.problem.empty())
            m_state.currentAt = m_clock.now();
        m_state.problem = error.message;
        m_changed();
    }
    void recovered() override {
        const std::lock_guard guard(m_mutex);
        m_state.problem.clear();
        m_changed();
    }

private:
    std::mutex& m_mutex;
    const Clock& m_clock;
    const Parse m_parse;
    std::map<std::string, Object>& m_objects;
    const std::function<void()> m_changed;
    KindState m_state;
    std::map<std::string, Object> m_list; ///< that comes in
    bool m_isListing = false;
};

} // namespace perch::kubernetes
