#pragma once

#include <QString>

#include <functional>

class QWidget;

namespace perch::widgets {

/// The few questions that a screen asks the desktop, as a seam: tests put their own answers in.
struct Dialogs {
    /// A file to write to; empty when the person changed their mind.
    std::function<QString(QWidget* parent, const QString& title, const QString& suggestion, const QString& filter)> saveFile;
    /// A file to read; empty when the person changed their mind.
    std::function<QString(QWidget* parent, const QString& title, const QString& filter)> openFile = {};
    /// Says what went wrong, without blocking.
    std::function<void(QWidget* parent, const QString& message)> tell;
    /// A question before something is lost: true for `yes`, the words on its button. Waits for the answer.
    std::function<bool(QWidget* parent, const QString& question, const QString& yes)> confirm = {};
};

/// For `openFile`: the tables that Perch reads, and all files.
QString tableFileFilter();

/// The real desktop.
Dialogs desktopDialogs();

} // namespace perch::widgets
