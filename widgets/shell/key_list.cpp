#include "widgets/shell/key_list.h"

#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"

#include <QGridLayout>
#include <QPainter>

#include <array>

namespace perch::widgets {

KeyList::KeyList(QWidget* parent) : QDialog(parent, Qt::Dialog) {
    setObjectName(QStringLiteral("keyList"));
    setWindowTitle(tr("Keys"));
    setAttribute(Qt::WA_DeleteOnClose);
    struct Key {
        const char* key;
        Text text;
    };
    const std::array keys{Key{"Ctrl+1 .. Ctrl+6", PERCH_TEXT("Keys", "Fleet, Models, Drift, Evaluate, Train, Audit log")},
        Key{"Ctrl+K", PERCH_TEXT("Keys", "Go to or run")}, Key{"F5", PERCH_TEXT("Keys", "Read again")},
        Key{"Ctrl+F", PERCH_TEXT("Keys", "Filter")}, Key{"Ctrl+T", PERCH_TEXT("Keys", "Charts as tables")},
        Key{"Ctrl+E", PERCH_TEXT("Keys", "Export")}, Key{"Enter", PERCH_TEXT("Keys", "Open the chosen model")},
        Key{"Esc", PERCH_TEXT("Keys", "Back or close")}, Key{"P", PERCH_TEXT("Keys", "Promote: opens the plan")},
        Key{"W", PERCH_TEXT("Keys", "Set weight: opens the plan")}, Key{"H", PERCH_TEXT("Keys", "Pause or resume: opens the plan")},
        Key{"S", PERCH_TEXT("Keys", "Shadow: opens the plan")}, Key{"A", PERCH_TEXT("Keys", "Abort: opens the plan")},
        Key{"B", PERCH_TEXT("Keys", "Roll back: opens the plan")}, Key{"[ ]", PERCH_TEXT("Keys", "Move the threshold by 0.01")},
        Key{"N S E", PERCH_TEXT("Keys", "Drift: order by name, score or effect")},
        Key{"T", PERCH_TEXT("Keys", "Train: start, or resume an interrupted one")},
        Key{"H", PERCH_TEXT("Keys", "Train: pause or go on")}, Key{"Ctrl+.", PERCH_TEXT("Keys", "Train: stop and keep the best round")},
        Key{"Ctrl+Q", PERCH_TEXT("Keys", "Quit. Traffic goes on")}};
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(px(24), px(20), px(24), px(20));
    grid->setHorizontalSpacing(px(24));
    grid->setVerticalSpacing(px(8));
    int row = 0;
    for (const Key& entry : keys) {
        auto* key = new RunLabel(this);
        key->setText(verbatim(entry.key));
        key->setTone(present::Tone::Plain);
        auto* text = new RunLabel(this);
        text->setText(entry.text);
        grid->addWidget(key, row, 0);
        grid->addWidget(text, row++, 1);
    }
}

void KeyList::paintEvent(QPaintEvent*) {
    QPainter(this).fillRect(rect(), theme().surface);
}

} // namespace perch::widgets
