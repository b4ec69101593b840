#pragma once

#include "core/present/state.h"

#include <string>
#include <vector>

namespace perch::present {

/// The screens of the rail, in its order. Model opens from Models.
enum class Page { Fleet, Model, Drift, Evaluate, Train, Audit };
std::string_view toString(Page page); ///< `fleet`...
Text pageTitle(Page page);            ///< as in the rail: `Fleet`, `Models`...

/// One line and one button, left aligned, when there is nothing to show.
struct EmptyState {
    Text text;
    Text button;      ///< empty: no button
    std::string copy; ///< what the button puts on the clipboard: a command
    bool shown = false;
};

/// A key and what it does on this page, at the right of the status bar.
struct KeyHint {
    std::string key;
    Text text;
};

/// The page's part of the status bar.
struct StatusLine {
    Text text;
    std::vector<KeyHint> keys;
};

} // namespace perch::present
