// compare_pictures APPROVED_DIR ACTUAL_DIR: every approved picture must have an actual one of the same size that differs
// in few pixels. Antialiasing may differ by a little; a moved word or another color may not. Exits 1 with one line per
// difference.
#include <QCoreApplication>
#include <QDir>
#include <QImage>

#include <cmath>
#include <cstdio>

namespace {

constexpr int kColorDistance = 48;       // of 255, in the worst channel: less is antialiasing
constexpr double kDifferingShare = 0.002; // 3,200 pixels of 1600 x 1000

double differingShare(const QImage& a, const QImage& b) {
    qint64 differing = 0;
    for (int y = 0; y < a.height(); ++y) {
        const auto* left = reinterpret_cast<const QRgb*>(a.constScanLine(y));
        const auto* right = reinterpret_cast<const QRgb*>(b.constScanLine(y));
        for (int x = 0; x < a.width(); ++x) {
            const int distance = std::max({std::abs(qRed(left[x]) - qRed(right[x])),
                std::abs(qGreen(left[x]) - qGreen(right[x])), std::abs(qBlue(left[x]) - qBlue(right[x]))});
            differing += distance > kColorDistance ? 1 : 0;
        }
    }
    return static_cast<double>(differing) / (static_cast<double>(a.width()) * a.height());
}

} // namespace

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    const QDir approved(application.arguments().value(1));
    const QDir actual(application.arguments().value(2));
    const QStringList names = approved.entryList({QStringLiteral("*.png")});
    int wrong = names.isEmpty() ? 1 : 0;
    if (names.isEmpty())
        std::puts("there is no approved picture");
    for (const QString& name : names) {
        const QImage a = QImage(approved.filePath(name)).convertToFormat(QImage::Format_RGB32);
        const QImage b = QImage(actual.filePath(name)).convertToFormat(QImage::Format_RGB32);
        if (b.isNull() || a.size() != b.size()) {
            std::printf("%s: was not drawn, or has another size\n", qPrintable(name));
            ++wrong;
            continue;
        }
        const double share = differingShare(a, b);
        if (share > kDifferingShare) {
            std::printf("%s: %.2f %% of the pixels differ (%s)\n", qPrintable(name), share * 100,
                qPrintable(actual.filePath(name)));
            ++wrong;
        }
    }
    std::printf("%lld pictures compared, %d differ\n", static_cast<long long>(names.size()), wrong);
    return wrong == 0 ? 0 : 1;
}
