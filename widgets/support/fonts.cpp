#include "widgets/support/fonts.h"

#include <QFontDatabase>

#include <cmath>

namespace perch::widgets {

namespace {

struct Metrics {
    int pixels;
    int line;
    int weight;
};

Metrics metrics(Size size) {
    switch (size) {
    case Size::Caption: return {11, 16, 500};
    case Size::Secondary: return {12, 16, 400};
    case Size::Body: return {13, 20, 400};
    case Size::CardTitle: return {14, 20, 600};
    case Size::Section: return {15, 24, 600};
    case Size::KeyNumber: return {17, 26, 600};
    case Size::PageTitle: return {20, 28, 700}; // 650 would fall to the lighter Semi Bold of the static fonts
    }
    return {13, 20, 400};
}

double& scale() {
    static double value = 1.0;
    return value;
}

/// Looked up once: asking the font database on every repaint would be slow.
const QStringList& families(Face face) {
    const auto find = [](const QString& wanted, QFontDatabase::SystemFont fallback) {
        QStringList list;
        if (QFontDatabase::hasFamily(wanted))
            list.append(wanted);
        list.append(QFontDatabase::systemFont(fallback).family());
        return list;
    };
    static const QStringList words = find(QStringLiteral("Inter"), QFontDatabase::GeneralFont);
    static const QStringList mono = find(QStringLiteral("JetBrains Mono"), QFontDatabase::FixedFont);
    return face == Face::Words ? words : mono;
}

} // namespace

QFont textFont(Size size, Face face) {
    const int weight = metrics(size).weight;
    return textFont(size, face, face == Face::Mono && weight == 500 ? 400 : weight);
}

QFont textFont(Size size, Face face, int weight) {
    QFont result(families(face));
    result.setPixelSize(px(metrics(size).pixels));
    result.setWeight(static_cast<QFont::Weight>(weight));
    result.setHintingPreference(QFont::PreferNoHinting);
    result.setStyleStrategy(QFont::PreferAntialias);
    return result;
}

int lineHeight(Size size) {
    return px(metrics(size).line);
}

double userScale() {
    return scale();
}

void setUserScale(double value) {
    scale() = value;
}

int px(double pixels) {
    return static_cast<int>(std::lround(pixels * scale()));
}

} // namespace perch::widgets
