#include "core/present/state.h"

#include "core/present/screen.h"

namespace perch::present {

std::string_view toString(State state) {
    switch (state) {
    case State::Pass: return "pass";
    case State::Fail: return "fail";
    case State::Warning: return "warning";
    case State::Waiting: return "waiting";
    case State::Paused: return "paused";
    case State::Undecided: return "undecided";
    case State::NoData: return "no_data";
    case State::SourceDown: return "source_down";
    }
    return "no_data";
}

int severity(State state) {
    switch (state) {
    case State::Fail: return 0;
    case State::Waiting: return 1;
    case State::Warning: return 2;
    case State::SourceDown: return 3;
    case State::Undecided: return 4;
    case State::Paused: return 5;
    case State::NoData: return 6;
    case State::Pass: return 7;
    }
    return 7;
}

std::string_view toString(Tone tone) {
    switch (tone) {
    case Tone::Plain: return "plain";
    case Tone::Secondary: return "secondary";
    case Tone::Muted: return "muted";
    case Tone::Stable: return "stable";
    case Tone::Canary: return "canary";
    case Tone::Shadow: return "shadow";
    case Tone::Pass: return "pass";
    case Tone::Warning: return "warning";
    case Tone::Fail: return "fail";
    case Tone::Accent: return "accent";
    }
    return "plain";
}

State stateOf(const telemetry::LiveValue& value) {
    switch (value.state) {
    case telemetry::LiveState::Ok: return value.value ? State::Pass : State::NoData;
    case telemetry::LiveState::Stale: return value.value ? State::Warning : State::NoData;
    case telemetry::LiveState::NoData: return State::NoData;
    case telemetry::LiveState::SourceDown: return State::SourceDown;
    }
    return State::NoData;
}

std::string_view toString(Page page) {
    switch (page) {
    case Page::Fleet: return "fleet";
    case Page::Model: return "model";
    case Page::Drift: return "drift";
    case Page::Evaluate: return "evaluate";
    case Page::Train: return "train";
    case Page::Audit: return "audit";
    }
    return "fleet";
}

Text pageTitle(Page page) {
    switch (page) {
    case Page::Fleet: return PERCH_TEXT("Rail", "Fleet");
    case Page::Model: return PERCH_TEXT("Rail", "Models");
    case Page::Drift: return PERCH_TEXT("Rail", "Drift");
    case Page::Evaluate: return PERCH_TEXT("Rail", "Evaluate");
    case Page::Train: return PERCH_TEXT("Rail", "Train");
    case Page::Audit: return PERCH_TEXT("Rail", "Audit log");
    }
    return {};
}

} // namespace perch::present
