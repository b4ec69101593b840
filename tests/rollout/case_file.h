#pragma once

#include "core/rollout/labelled_roles.h"
#include "core/rollout/phase.h"
#include "core/rollout/plan.h"
#include "core/rollout/record_json.h"
#include "core/rollout/split.h"
#include "tests/support/test_support.h"

#include <fstream>
#include <sstream>

/// A case file: facts and an intent as text, a line `---`, and the plan (or the refusal) as text. Lines of facts:
///   route v1 90, v2 10
///   version v2 canary ready 1/1 [accuracy 0.926 low 0.92 high 0.93 n 4000] [drift 0.05 n 4000] [p99 12] [errors 0.001]
///     [right 0.9 n 900] [failed 0 n 5000]: since the rollout began
///   mirror v2 10 [pending]
///   record step|promote|abort|roll_back|shadow v1 v2 [weight 10] [share 10] [begun] [held] [failed] [previous v7]
///     [replicas 3]
///   lever replicas: no route and no registry, the roles are labels and replicas divide the traffic
///   alias champion v1
///   owner Argo CD
///   source Prometheus down
///   intent roll_back [to v1] [weight 25]
/// `accuracy down` and `accuracy stale` say that the source does not answer or the value is old.
namespace perch::test {

struct PlanCase {
    fleet::Snapshot snapshot;
    rollout::Intent intent;
};

class CaseReader {
public:
    PlanCase read(const std::string& facts) {
        fleet::ModelFacts& model = m_case.snapshot.models.emplace_back();
        model.model = valueOf(ModelName::parse("churn"));
        model.backend = "local";
        model.route.object = "Route/churn";
        model.route.uid = "uid-route";
        m_case.snapshot.generation = 7;
        m_case.snapshot.platform = "local";
        m_case.intent.actor = {"ann@host", "perch"};
        m_case.intent.model = model.model;
        std::istringstream lines(facts);
        for (std::string line; std::getline(lines, line);) {
            if (!line.empty() && line[0] != '#')
                readLine(model, line);
        }
        if (model.lever == fleet::Lever::Replicas)
            model.whyFixed = rollout::assignRoles(model);
        const rollout::PhaseVerdict phase = rollout::phaseOf(model);
        model.phase = phase.phase;
        model.phaseReason = phase.reason;
        return std::move(m_case);
    }

private:
    static Version version(const std::string& text) { return valueOf(Version::parse(text)); }
    static Percent percent(const std::string& text) { return valueOf(Percent::parse(text)); }

    void readLine(fleet::ModelFacts& model, const std::string& line) {
        std::istringstream words(line);
        std::string word;
        words >> word;
        if (word == "route") {
            const rollout::Split split = valueOf(rollout::Split::parse(line.substr(6)));
            model.route.stable = split.stable;
            model.route.canary = split.canary;
            model.route.canaryWeight = split.canaryWeight;
        } else if (word == "mirror") {
            std::string name, share, pending;
            words >> name >> share >> pending;
            model.mirror = fleet::Mirror{version(name), percent(share), pending.empty() ? "" : "It is being prepared."};
        } else if (word == "version") {
            readVersion(model, words);
        } else if (word == "record") {
            readRecord(model, words);
        } else if (word == "alias") {
            std::string name, to;
            words >> name >> to;
            model.aliases[name] = version(to);
        } else if (word == "owner") {
            model.owner = line.substr(6);
        } else if (word == "source") {
            std::string name, state;
            words >> name >> state;
            m_case.snapshot.sources.push_back({name,
                state == "down" ? fleet::SourceFacts::State::Down : fleet::SourceFacts::State::Stale, Seconds(45), {}});
        } else if (word == "lever") {
            model.lever = fleet::Lever::Replicas;
            model.keeper = fleet::Keeper::Objects;
            model.route.object = "Deployment/churn-v1";
        } else if (word == "replicas") {
            words >> model.replicas;
        } else if (word == "intent") {
            readIntent(words);
        } else {
            ADD_FAILURE() << "unknown line in a case: " << line;
        }
    }

    static void readVersion(fleet::ModelFacts& model, std::istringstream& words) {
        fleet::VersionFacts facts;
        std::string name, role, word;
        words >> name >> role;
        facts.version = version(name);
        facts.roleLabel = role;
        for (const fleet::Role known : {fleet::Role::Stable, fleet::Role::Canary, fleet::Role::Shadow, fleet::Role::Retired}) {
            if (fleet::toString(known) == role)
                facts.role = known;
        }
        fleet::LiveValue* last = nullptr;
        while (words >> word) {
            if (word == "ready") {
                char slash = 0;
                words >> facts.replicas.ready >> slash >> facts.replicas.desired;
                facts.replicas.running = facts.replicas.ready;
                facts.replicas.uid = "uid-" + name;
            } else if (word == "rejected") {
                facts.record.emplace().accepted = false;
            } else if (word == "low" || word == "high" || word == "n") {
                double value = 0;
                words >> value;
                if (word == "n")
                    last->sampleSize = static_cast<std::uint64_t>(value);
                else
                    (word == "low" ? last->low : last->high) = value;
            } else {
                last = word == "accuracy" ? &facts.quality.accuracy
                       : word == "drift"  ? &facts.quality.drift
                       : word == "p99"    ? &facts.quality.p99Ms
                       : word == "right"  ? &facts.sinceStart.accuracy
                       : word == "failed" ? &facts.sinceStart.errorRate
                                          : &facts.quality.errorRate;
                readValue(*last, words);
            }
        }
        model.versions.push_back(facts);
    }

    static void readValue(fleet::LiveValue& value, std::istringstream& words) {
        std::string word;
        words >> word;
        if (word == "down") {
            value.state = telemetry::LiveState::SourceDown;
            return;
        }
        const bool stale = word == "stale";
        if (stale)
            words >> word;
        value.value = std::stod(word);
        value.sampleSize = 5'000;
        value.age = Seconds(stale ? 90 : 2);
        value.state = stale ? telemetry::LiveState::Stale : telemetry::LiveState::Ok;
    }

    static void readRecord(fleet::ModelFacts& model, std::istringstream& words) {
        fleet::RolloutRecord& record = model.rollout;
        std::string goal, from, to, word;
        words >> goal >> from >> to;
        record.revision = 4;
        record.id = "churn-" + to + "-1";
        record.from = version(from);
        record.to = version(to);
        record.weights = model.strategy;
        for (const auto known : {fleet::RolloutRecord::Goal::Step, fleet::RolloutRecord::Goal::Promote,
                 fleet::RolloutRecord::Goal::Abort, fleet::RolloutRecord::Goal::RollBack,
                 fleet::RolloutRecord::Goal::Shadow}) {
            if (rollout::toString(known) == goal)
                record.goal = known;
        }
        while (words >> word) {
            if (word == "weight") {
                words >> word;
                const auto place = std::ranges::lower_bound(record.weights, percent(word));
                record.step = static_cast<std::uint32_t>(place - record.weights.begin());
                if (place == record.weights.end() || *place != percent(word))
                    record.weights.insert(place, percent(word));
            } else if (word == "share") {
                words >> word;
                record.mirrorShare = percent(word);
            } else if (word == "begun") {
                record.finished = false;
            } else if (word == "held") {
                record.hold = fleet::HoldReason::Person;
                record.holdBy = "bob@host";
            } else if (word == "failed") {
                record.finished = false;
                record.failure = "v2 did not get ready.";
            } else if (word == "replicas") {
                words >> record.replicas;
            } else if (word == "previous") {
                words >> word;
                record.previousStable = version(word);
            }
        }
    }

    void readIntent(std::istringstream& words) {
        std::string word;
        words >> word;
        m_case.intent.action = valueOf(rollout::parseAction(word));
        while (words >> word) {
            std::string value;
            words >> value;
            if (word == "to")
                m_case.intent.to = version(value);
            else if (word == "weight")
                m_case.intent.weight = percent(value);
        }
    }

    PlanCase m_case;
};

} // namespace perch::test
