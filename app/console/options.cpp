#include "app/console/options.h"

#include <QApplication>
#include <QCommandLineParser>

#include <array>

namespace perch::console {

namespace {

Result<double> parseScale(const QString& text) {
    for (const double scale : {0.9, 1.0, 1.15, 1.3}) {
        if (text == QString::number(scale * 100))
            return scale;
    }
    return fail(ErrorCode::InvalidInput, "--scale is 90, 100, 115 or 130, not \"{}\".", text.toStdString());
}

Result<Options::Look> parseLook(const QString& text) {
    if (text == QLatin1String("light"))
        return Options::Look::Light;
    if (text == QLatin1String("dark"))
        return Options::Look::Dark;
    if (text == QLatin1String("system"))
        return Options::Look::System;
    return fail(ErrorCode::InvalidInput, "--theme is light, dark or system, not \"{}\".", text.toStdString());
}

Result<present::Page> parsePage(const QString& text) {
    for (const present::Page page : {present::Page::Fleet, present::Page::Model, present::Page::Drift, present::Page::Evaluate, present::Page::Train,
             present::Page::Audit}) {
        if (text.toStdString() == present::toString(page))
            return page;
    }
    return fail(ErrorCode::InvalidInput, "--screen is fleet, model, drift, evaluate, train or audit, not \"{}\".", text.toStdString());
}

} // namespace

Result<Options> parseOptions(const QApplication& application) {
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Perch: the console for machine-learning models in production."));
    parser.addHelpOption();
    parser.addVersionOption();
    const auto option = [&](const char* name, const char* description, const char* value, const char* fallback) {
        QCommandLineOption result(QString::fromLatin1(name), QString::fromLatin1(description));
        if (*value != '\0') {
            result.setValueName(QString::fromLatin1(value));
            result.setDefaultValue(QString::fromLatin1(fallback));
        }
        parser.addOption(result);
        return result;
    };
    const auto workspace = option("workspace", "Folder of the local installation.", "folder", "");
    const auto kubeconfig =
        option("kubeconfig", "This file instead of those in KUBECONFIG or ~/.kube/config.", "file", "");
    const auto context = option("context", "A context of the kubeconfig instead of the local platform.", "name", "");
    const auto nameSpace = option("namespace", "This namespace instead of the context's.", "name", "");
    const auto prometheus =
        option("prometheus", "Address of the Prometheus that scrapes the cluster's models.", "url", "");
    const auto look = option("theme", "light, dark or system.", "theme", "system");
    const auto scale = option("scale", "90, 100, 115 or 130 percent.", "percent", "100");
    const auto readOnly = option("read-only", "Turn every action off.", "", "");
    const auto screenshots = option("screenshots", "Render every screen in both themes into a folder and end.", "folder", "");
    const auto snapshot = option("snapshot", "Show a recorded snapshot instead of the platform.", "file", "");
    const auto page = option("screen", "The first screen: fleet, model, drift, evaluate, train or audit.", "screen", "fleet");
    const auto model = option("model", "The model to open.", "name", "");
    const auto measure = option("measure-start", "Print the time to the first paint and the memory, and end.", "", "");
    parser.process(application);

    Options options;
    options.workspace = parser.value(workspace).toStdString();
    options.cluster = {parser.value(kubeconfig).toStdString(), parser.value(context).toStdString(),
                       parser.value(nameSpace).toStdString()};
    options.prometheus = parser.value(prometheus).toStdString();
    options.theme = TRY(parseLook(parser.value(look)));
    options.scale = TRY(parseScale(parser.value(scale)));
    options.readOnly = parser.isSet(readOnly);
    options.screenshots = parser.value(screenshots).toStdString();
    options.snapshot = parser.value(snapshot).toStdString();
    options.page = TRY(parsePage(parser.value(page)));
    options.model = parser.value(model).toStdString();
    options.measureStart = parser.isSet(measure);
    return options;
}

} // namespace perch::console
