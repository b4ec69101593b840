#include "widgets/support/icon_factory.h"

#include <QHash>
#include <QPainterPath>
#include <QPixmap>
#include <QStringList>

namespace perch::widgets {

namespace {

/// A glyph in a box of 16 units, in five commands: `M x y`, `L x y`, `Q cx cy x y`, `O cx cy r` (circle),
/// `B x y w h r` (rounded rectangle), `Z`. `fill` is painted solid, `dash` is stroked with a dash.
struct Glyph {
    const char* stroke = "";
    const char* fill = "";
    const char* dash = "";
};

const QHash<QString, Glyph>& glyphs() {
    static const QHash<QString, Glyph> table = [] {
        QHash<QString, Glyph> t;
        const auto add = [&t](const char* name, Glyph glyph) { t.insert(QString::fromLatin1(name), glyph); };
        // States
        add("pass", {"O 8 8 6.2 M 5.2 8.2 L 7.2 10.2 L 10.9 6.2"});
        add("fail", {"M 5.4 1.8 L 10.6 1.8 L 14.2 5.4 L 14.2 10.6 L 10.6 14.2 L 5.4 14.2 L 1.8 10.6 L 1.8 5.4 Z "
                     "M 6 6 L 10 10 M 10 6 L 6 10"});
        add("warning", {"M 8 2.2 L 14.4 13.4 L 1.6 13.4 Z M 8 6.4 L 8 9.4", "O 8 11.4 0.9"});
        add("waiting", {"O 8 8 6.2 M 8 4.6 L 8 8.2 L 10.6 9.6"});
        add("paused", {"O 8 8 6.2 M 6.4 5.8 L 6.4 10.2 M 9.6 5.8 L 9.6 10.2"});
        add("undecided", {"O 8 8 6.2", "M 8 1.8 Q 14.2 1.8 14.2 8 Q 14.2 14.2 8 14.2 Z"});
        add("no_data", {"M 5.4 8 L 10.6 8", "", "O 8 8 6.2"});
        add("source_down", {"M 6 1.6 L 6 4.8 M 10 1.6 L 10 4.8 M 3.8 4.8 L 12.2 4.8 M 4.6 4.8 L 4.6 7.4 Q 4.6 11 8 11 Q 11.4 11 11.4 7.4 "
                            "L 11.4 4.8 M 8 11 L 8 14.4 M 1.8 14 L 14.2 2.4"});
        // Rail
        add("fleet", {"B 2 2.4 12 3 0.8 B 2 6.5 12 3 0.8 B 2 10.6 12 3 0.8"});
        add("model", {"M 8 1.6 L 13.6 4.7 L 13.6 11.2 L 8 14.4 L 2.4 11.2 L 2.4 4.7 Z M 2.6 4.9 L 8 8 L 13.4 4.9 M 8 8 L 8 14.2"});
        add("drift", {"M 1.4 13.2 Q 3.8 12.6 4.8 7.6 Q 5.6 3.6 6.6 3.6 Q 7.6 3.6 8.4 7.6 Q 9.4 12.6 11.8 13.2 "
                      "M 7.4 13.2 Q 8.6 11.6 9.2 8.8 Q 10 5.6 10.8 5.6 Q 11.6 5.6 12.4 8.8 Q 13.2 12.4 14.8 13.2"});
        add("evaluate", {"M 2.4 2 L 2.4 13.6 L 14 13.6 M 4.4 11.4 Q 4.8 4.2 13.2 3.4"});
        add("train", {"M 2.4 2 L 2.4 13.6 L 14 13.6 M 4.6 3.4 Q 5.6 10.6 13.2 11.2"});
        add("audit", {"B 3 1.8 10 12.4 1.4 M 5.6 5.2 L 10.4 5.2 M 5.6 8 L 10.4 8 M 5.6 10.8 L 8.6 10.8"});
        add("perch", {"M 1.6 4.2 L 4.4 3.4 Q 5.4 1.8 7.2 2.4 Q 8.6 3.2 8.4 5.4 L 13.4 9.8 Q 9.8 12 6.4 10.8 Q 3.6 9.4 4.2 5.6 "
                      "M 7.2 11 L 7.2 13.6 M 9.6 11 L 9.6 13.6 M 1.6 13.8 L 14.4 13.8", "O 6.4 4.4 0.7"});
        // Actions
        add("promote", {"M 8 13.4 L 8 2.8 M 3.8 7 L 8 2.8 L 12.2 7"});
        add("start", {"M 4.6 2.8 L 12.6 8 L 4.6 13.2 Z"});
        add("weight", {"M 1.8 8 L 6 8 M 13.8 3.4 L 10.4 3.4 Q 8 3.6 6 8 Q 8 12.4 10.4 12.6 L 13.8 12.6 M 12.2 1.8 L 13.8 3.4 L 12.2 5 "
                       "M 12.2 11 L 13.8 12.6 L 12.2 14.2"});
        add("pause", {"M 5.4 3.4 L 5.4 12.6 M 10.6 3.4 L 10.6 12.6"});
        add("resume", {"M 4.6 2.8 L 12.6 8 L 4.6 13.2 Z"});
        add("shadow", {"M 3.2 13.8 L 3.2 7 Q 3.4 2 8 2 Q 12.6 2 12.8 7 L 12.8 13.8 L 10.4 12.2 L 8 13.8 L 5.6 12.2 Z",
                       "O 6.2 7 0.9 O 9.8 7 0.9"});
        add("abort", {"B 3 3 10 10 0.6"});
        add("rollback", {"M 5.6 2.4 L 2.4 5.6 L 5.6 8.8 M 2.6 5.6 L 9.4 5.6 Q 13.6 5.8 13.6 9.6 Q 13.6 13.2 9.4 13.4 L 6.4 13.4"});
        // The rest
        add("lock", {"B 3 7 10 6.8 1.2 M 5 6.8 L 5 4.8 Q 5.2 2 8 2 Q 10.8 2 11 4.8 L 11 6.8"});
        add("person", {"O 8 5 2.8 M 2.6 14 Q 2.8 9.8 8 9.8 Q 13.2 9.8 13.4 14"});
        add("search", {"O 7 7 4.6 M 10.4 10.4 L 14 14"});
        add("chevron_down", {"M 4 6 L 8 10 L 12 6"});
        add("chevron_right", {"M 6 4 L 10 8 L 6 12"});
        add("close", {"M 3.4 3.4 L 12.6 12.6 M 12.6 3.4 L 3.4 12.6"});
        add("export", {"M 8 2 L 8 9.6 M 4.6 6.4 L 8 9.8 L 11.4 6.4 M 2.4 11 L 2.4 13.8 L 13.6 13.8 L 13.6 11"});
        add("filter", {"M 2.2 2.8 L 13.8 2.8 L 9.4 8.2 L 9.4 13.4 L 6.6 12 L 6.6 8.2 Z"});
        add("link", {"M 6.6 9.4 L 9.4 6.6 M 7.4 4.6 L 9.2 2.8 Q 11.2 1.6 12.8 3.2 Q 14.4 4.8 13.2 6.8 L 11.4 8.6 "
                     "M 8.6 11.4 L 6.8 13.2 Q 4.8 14.4 3.2 12.8 Q 1.6 11.2 2.8 9.2 L 4.6 7.4"});
        add("hash", {"M 6.4 2.4 L 4.8 13.6 M 11.2 2.4 L 9.6 13.6 M 2.8 5.8 L 13.6 5.8 M 2.4 10.2 L 13.2 10.2"});
        add("note", {"B 3 1.8 10 12.4 1.4 M 5.6 5.2 L 10.4 5.2 M 5.6 8 L 10.4 8"});
        add("minus", {"M 3.6 8 L 12.4 8"});
        add("plus", {"M 3.6 8 L 12.4 8 M 8 3.6 L 8 12.4"});
        add("copy", {"B 5.4 5.4 8.6 8.6 1.2 M 10.4 2.2 L 3.4 2.2 Q 2.2 2.2 2.2 3.4 L 2.2 10.4"});
        return t;
    }();
    return table;
}

QPainterPath toPath(const char* commands) {
    QPainterPath path;
    const QStringList parts = QString::fromLatin1(commands).split(u' ', Qt::SkipEmptyParts);
    qsizetype i = 0;
    const auto number = [&] { return parts[i++].toDouble(); };
    while (i < parts.size()) {
        const char16_t command = parts[i++][0].unicode();
        if (command == u'Z') {
            path.closeSubpath();
            continue;
        }
        const double x = number();
        const double y = number();
        if (command == u'M') {
            path.moveTo(x, y);
        } else if (command == u'L') {
            path.lineTo(x, y);
        } else if (command == u'Q') {
            const double endX = number();
            path.quadTo(x, y, endX, number());
        } else if (command == u'O') {
            const double radius = number();
            path.addEllipse(QPointF(x, y), radius, radius);
        } else if (command == u'B') {
            const double width = number();
            const double height = number();
            const double radius = number();
            path.addRoundedRect(x, y, width, height, radius, radius);
        }
    }
    return path;
}

struct Paths {
    QPainterPath stroke, fill, dash;
};

const Paths& pathsOf(const QString& name) {
    static QHash<QString, Paths> cache;
    auto found = cache.find(name);
    if (found == cache.end()) {
        const Glyph glyph = glyphs().value(name);
        found = cache.insert(name, {toPath(glyph.stroke), toPath(glyph.fill), toPath(glyph.dash)});
    }
    return *found;
}

} // namespace

bool hasGlyph(const QString& name) {
    return glyphs().contains(name);
}

void paintGlyph(QPainter& painter, const QRectF& box, const QString& name, const QColor& color) {
    const Paths& paths = pathsOf(name);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(box.topLeft());
    painter.scale(box.width() / 16, box.height() / 16);
    QPen pen(color, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(paths.stroke);
    if (!paths.dash.isEmpty()) {
        pen.setCapStyle(Qt::FlatCap);
        pen.setDashPattern({2.0, 1.05});
        painter.setPen(pen);
        painter.drawPath(paths.dash);
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawPath(paths.fill);
    painter.restore();
}

void paintGlyph(QPainter& painter, const QRectF& box, present::State state, const QColor& color) {
    const std::string_view name = present::toString(state);
    paintGlyph(painter, box, QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())), color);
}

QIcon glyphIcon(const QString& name, const QColor& color, const QColor& disabled, int size) {
    const auto draw = [&](const QColor& tint) {
        constexpr double kRatio = 2; // sharp on high-density screens as well
        QPixmap pixmap(static_cast<int>(size * kRatio), static_cast<int>(size * kRatio));
        pixmap.setDevicePixelRatio(kRatio);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paintGlyph(painter, QRectF(0, 0, size, size), name, tint);
        return pixmap;
    };
    QIcon icon;
    icon.addPixmap(draw(color), QIcon::Normal);
    icon.addPixmap(draw(disabled), QIcon::Disabled);
    return icon;
}

} // namespace perch::widgets
