#pragma once

#include "core/present/state.h"
#include "widgets/support/text.h"

#include <QWidget>

namespace perch::widgets {

/// One or more lines of Text: words in Inter, arguments in mono, color from a tone of the current theme. Elides at the
/// right in one-line mode; the whole text is the tooltip and the accessible name.
class RunLabel : public QWidget {
    Q_OBJECT
public:
    explicit RunLabel(QWidget* parent = nullptr);
    void setText(const Text& text);
    void setSize(Size size);
    void setTone(present::Tone tone);
    void setArgumentTone(present::Tone tone);
    void setWeight(int weight);
    void setArgumentWeight(int weight);
    void setMonoArguments(bool mono);
    void setWrapping(bool wrapping); ///< several lines; heightForWidth
    void setAlignment(Qt::Alignment alignment);
    Text text() const { return m_text; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return m_wrapping; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    RunStyle style() const;
    int layoutLines(int width, QPainter* painter) const;

    Text m_text;
    Size m_size = Size::Secondary;
    present::Tone m_tone = present::Tone::Secondary;
    present::Tone m_argumentTone = present::Tone::Secondary;
    bool m_ownArgumentTone = false;
    int m_weight = 0;
    int m_argumentWeight = 0;
    bool m_mono = true;
    bool m_wrapping = false;
    Qt::Alignment m_alignment = Qt::AlignLeft;
};

} // namespace perch::widgets
