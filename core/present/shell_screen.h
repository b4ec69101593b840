#pragma once

#include "core/fleet/snapshot.h"
#include "core/present/screen.h"

#include <optional>
#include <vector>

namespace perch::present {

/// Everything around the pages: environment frame, context bar, rail and status bar.
struct ShellScreen {
    enum class Frame { None, Staging, Production } frame = Frame::None;
    Text environmentWord;    ///< `PRODUCTION`; always said in words
    bool locked = false;     ///< a lock stands before the word
    Text context;            ///< `local`
    Text placeTitle;         ///< `Workspace`, `Namespace`
    Text place;              ///< folder of the workspace, home written as ~, or the namespace
    Text timeFactor;         ///< `1 h of the story = 5 s`, empty outside the demo
    struct Source {
        State state = State::NoData;
        Text name;
        Text age;            ///< `6 s`, `no answer 4 min`
        Tone ageTone = Tone::Secondary;
        Text tooltip;
    };
    std::vector<Source> sources;
    std::string userName;    ///< `ana@desk`
    Text userRights;         ///< `can change rollouts`, `read only`
    bool readOnly = false;
    struct RailItem {
        Page page = Page::Fleet;
        std::string glyph;
        Text title;
        Text shortcut;
    };
    std::vector<RailItem> rail;
    Text modelsTitle;
    struct RailModel {
        ModelName model;
        State state = State::NoData;
        Text word;
    };
    std::vector<RailModel> models;
    Text readAt;             ///< `Read 12 May 14:32:08 UTC`
    Text platformProblem;    ///< why the platform cannot be opened and what to do; empty if it can
};

/// What the shell needs to know besides the snapshot.
struct ShellInput {
    std::string workspace;
    std::string user;
    bool readOnly = false;
    std::string platformProblem;
    std::string context = "local"; ///< before the first read
    std::string nameSpace = {};    ///< of a cluster; empty: the local platform
};

/// Pure; `snapshot` may be null before the first read.
ShellScreen makeShellScreen(const fleet::Snapshot* snapshot, const ShellInput& input, SystemTime now);

/// The worst state of a model with its word, as in the fleet table's chip and the rail.
Chip makeModelChip(const fleet::ModelFacts& model);

} // namespace perch::present
