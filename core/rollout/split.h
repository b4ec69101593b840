#pragma once

#include "core/base/ids.h"
#include "core/base/units.h"
#include "core/fleet/snapshot.h"

#include <optional>
#include <string>
#include <string_view>

namespace perch::rollout {

/// How a route divides the traffic of a model: the value of the field `Route/<model> split`. Text form `v1 100`, or
/// `v1 90, v2 10` with a canary (whose weight may be 0). A route that sends nothing anywhere has the empty text.
struct Split {
    Version stable;
    std::optional<Version> canary;
    Percent canaryWeight;

    Percent stableWeight() const { return Percent::fromBasisPoints(10'000 - canaryWeight.basisPoints()); }
    std::string text() const;
    /// InvalidInput unless the text has this form and the weights add up to 100.
    static Result<Split> parse(std::string_view text);
    bool operator==(const Split&) const = default;
};

/// What a route says; nothing when it has no stable version.
std::optional<Split> splitOf(const fleet::Route& route);
/// The text of that, empty when the route has no stable version.
std::string splitText(const fleet::Route& route);

/// The value of the field `Mirror/<model> target`: `v2 10` where copies of 10 % of the requests go to v2, else empty.
std::string mirrorText(const std::optional<fleet::Mirror>& mirror);
/// InvalidInput unless the text has that form.
Result<std::optional<fleet::Mirror>> parseMirror(std::string_view text);

} // namespace perch::rollout
