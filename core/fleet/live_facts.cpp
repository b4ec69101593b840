#include "core/fleet/live_facts.h"

namespace perch::fleet {

SourceFacts addLive(Snapshot& snapshot, const telemetry::QualityReading& reading) {
    for (ModelFacts& model : snapshot.models) {
        for (VersionFacts& version : model.versions) {
            const auto found = reading.versions.find({model.model.text(), version.version.text()});
            if (found != reading.versions.end()) {
                version.quality = found->second.quality;
                version.sinceStart = found->second.sinceStart;
                version.realWeight = found->second.realWeight;
                version.series = found->second.series;
            } else if (!reading.sourceUp) {
                telemetry::markSourceDown(version.quality, Seconds(0));
                telemetry::markSourceDown(version.sinceStart, Seconds(0));
            }
        }
    }
    SourceFacts source{"Prometheus", SourceFacts::State::Ok, Seconds(snapshot.takenAt - reading.readAt),
                       reading.problem};
    if (!reading.sourceUp) {
        source.state = SourceFacts::State::Down;
        if (reading.readAt == SystemTime{})
            source.age = Seconds(0);
    }
    return source;
}

} // namespace perch::fleet
