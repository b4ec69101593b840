#include "widgets/support/theme.h"

namespace perch::widgets {

namespace {

QColor rgb(unsigned value) {
    return QColor::fromRgb(value);
}

Theme makeLight() {
    Theme t;
    t.win = rgb(0xF3F5F8), t.surface = rgb(0xFFFFFF), t.raised = rgb(0xF8FAFC), t.sunken = rgb(0xEBEEF3);
    t.line = rgb(0xD9DEE6), t.grid = rgb(0xE6EAF0), t.line2 = rgb(0xAAB4C1);
    t.ink = rgb(0x161C26), t.ink2 = rgb(0x4A5463), t.ink3 = rgb(0x5E6877);
    t.accent = rgb(0x1B5FC1), t.accentBg = rgb(0xE6EFFB), t.onAccent = rgb(0xFFFFFF), t.sel = rgb(0xEEF4FD);
    t.pass = rgb(0x0B735A), t.passBg = rgb(0xE0F3EC);
    t.warn = rgb(0x8F5600), t.warnFill = rgb(0xC47F00), t.warnBg = rgb(0xFDF1D8);
    t.fail = rgb(0xB93610), t.failBg = rgb(0xFCE7DF);
    t.none = rgb(0x5E6877), t.noneBg = rgb(0xEBEEF3);
    t.prod = rgb(0xC2132F), t.prodFill = rgb(0xC2132F), t.onProd = rgb(0xFFFFFF);
    t.stable = rgb(0x3F5270), t.onStable = rgb(0xFFFFFF);
    t.canary = rgb(0x8436B8), t.canaryBg = rgb(0xF3E8FA), t.onCanary = rgb(0xFFFFFF);
    t.shadow = rgb(0x8791A0);
    t.dim = QColor(8, 11, 16, 184);
    t.ramp = {rgb(0xEEF1F5), rgb(0xF8E3B0), rgb(0xF2BE62), rgb(0xDE8A2C), rgb(0xB3541A), rgb(0x7A2E12)};
    return t;
}

Theme makeDark() {
    Theme t;
    t.dark = true;
    t.win = rgb(0x0F131A), t.surface = rgb(0x171C25), t.raised = rgb(0x1C222D), t.sunken = rgb(0x10151D);
    t.line = rgb(0x2A323F), t.grid = rgb(0x242B37), t.line2 = rgb(0x465264);
    t.ink = rgb(0xE7EBF1), t.ink2 = rgb(0xB3BCC9), t.ink3 = rgb(0x8C97A7);
    t.accent = rgb(0x6EA8FF), t.accentBg = rgb(0x1A2A44), t.onAccent = rgb(0x0B1320), t.sel = rgb(0x1A2638);
    t.pass = rgb(0x3CC8A0), t.passBg = rgb(0x12322B);
    t.warn = rgb(0xF2B53C), t.warnFill = rgb(0xF2B53C), t.warnBg = rgb(0x36290F);
    t.fail = rgb(0xFF8A66), t.failBg = rgb(0x3B1F17);
    t.none = rgb(0x8C97A7), t.noneBg = rgb(0x232A35);
    t.prod = rgb(0xF0405A), t.prodFill = rgb(0xCC2340), t.onProd = rgb(0xFFFFFF);
    t.stable = rgb(0xB4C2D8), t.onStable = rgb(0x0B1320);
    t.canary = rgb(0xCF95F7), t.canaryBg = rgb(0x2E2140), t.onCanary = rgb(0x0B1320);
    t.shadow = rgb(0x7C8798);
    t.dim = QColor(8, 11, 16, 184);
    t.ramp = {rgb(0x222936), rgb(0x4A3A1C), rgb(0x7D5A1E), rgb(0xB77F28), rgb(0xE3A548), rgb(0xFFD58A)};
    return t;
}

const Theme*& current() {
    static const Theme* chosen = &kLightTheme;
    return chosen;
}

} // namespace

const Theme kLightTheme = makeLight();
const Theme kDarkTheme = makeDark();

const Theme& theme() {
    return *current();
}

void setTheme(const Theme& theme) {
    current() = &theme;
}

QColor Theme::text(present::State state) const {
    using present::State;
    switch (state) {
    case State::Pass: return pass;
    case State::Fail: return fail;
    case State::Warning: return warn;
    case State::Waiting:
    case State::Undecided: return accent;
    case State::Paused:
    case State::NoData:
    case State::SourceDown: return none;
    }
    return none;
}

QColor Theme::background(present::State state) const {
    using present::State;
    switch (state) {
    case State::Pass: return passBg;
    case State::Fail: return failBg;
    case State::Warning: return warnBg;
    case State::Waiting:
    case State::Undecided: return accentBg;
    case State::Paused:
    case State::NoData:
    case State::SourceDown: return noneBg;
    }
    return noneBg;
}

bool Theme::dashed(present::State state) const {
    using present::State;
    return state == State::Undecided || state == State::NoData || state == State::SourceDown;
}

QColor Theme::text(present::Tone tone) const {
    using present::Tone;
    switch (tone) {
    case Tone::Plain: return ink;
    case Tone::Secondary: return ink2;
    case Tone::Muted: return ink3;
    case Tone::Stable: return stable;
    case Tone::Canary: return canary;
    case Tone::Shadow: return shadow;
    case Tone::Pass: return pass;
    case Tone::Warning: return warn;
    case Tone::Fail: return fail;
    case Tone::Accent: return accent;
    }
    return ink;
}

QColor Theme::on(present::Tone tone) const {
    switch (tone) {
    case present::Tone::Canary: return onCanary;
    case present::Tone::Accent: return onAccent;
    default: return onStable;
    }
}

QPalette Theme::palette() const {
    QPalette p;
    p.setColor(QPalette::Window, win);
    p.setColor(QPalette::Base, surface);
    p.setColor(QPalette::AlternateBase, raised);
    p.setColor(QPalette::Button, surface);
    p.setColor(QPalette::Light, surface);
    p.setColor(QPalette::Midlight, line);
    p.setColor(QPalette::Mid, line2);
    p.setColor(QPalette::Dark, line);
    p.setColor(QPalette::Shadow, line2);
    for (const QPalette::ColorRole role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText, QPalette::BrightText})
        p.setColor(role, ink);
    p.setColor(QPalette::PlaceholderText, ink3);
    p.setColor(QPalette::Highlight, accent);
    p.setColor(QPalette::HighlightedText, onAccent);
    p.setColor(QPalette::Link, accent);
    p.setColor(QPalette::ToolTipBase, raised);
    p.setColor(QPalette::ToolTipText, ink);
    for (const QPalette::ColorRole role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, ink3);
    p.setColor(QPalette::Disabled, QPalette::Button, sunken);
    p.setColor(QPalette::Disabled, QPalette::Base, sunken);
    return p;
}

} // namespace perch::widgets
