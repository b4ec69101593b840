#include "core/base/file.h"
#include "core/platforms/local/monitoring.h"
#include "core/telemetry/drift_alerts.h"
#include "core/telemetry/quality_sums.h"
#include "tests/support/test_support.h"

#include <cstdio>
#include <map>

namespace perch::local {
namespace {

using test::valueOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

DeployedModel deployed(const std::string& name, double accuracy) {
    DeployedModel model;
    model.model = valueOf(ModelName::parse(name));
    model.gates.accuracy = accuracy;
    return model;
}

TEST(MonitoringSchedule, FactorOneIsWhatIsShipped) {
    const MonitoringSchedule schedule{1};
    EXPECT_EQ(schedule.scrapeInterval(), 5s);
    EXPECT_EQ(schedule.window(), 1h);
    EXPECT_EQ(scaledRules(shippedRules(), schedule), shippedRules());
    EXPECT_EQ(shippedRules(), valueOf(readFile(test::sourceFolder() / "resources/prometheus/perch.rules.yml")));
}

TEST(MonitoringSchedule, ADemoScalesWindowsAndDelaysButNotBelowAFewScrapes) {
    const MonitoringSchedule demo{720}; // an hour of the story in 5 s
    EXPECT_EQ(demo.scrapeInterval(), 1s);
    EXPECT_EQ(demo.window(), 5s);
    const std::string rules = scaledRules(shippedRules(), demo);
    EXPECT_THAT(rules, HasSubstr("[5s]"));
    EXPECT_THAT(rules, HasSubstr("for: 2s"));
    EXPECT_THAT(rules, Not(HasSubstr("[1h]")));
    EXPECT_THAT(rules, Not(HasSubstr("for: 5m")));
    EXPECT_THAT(scaledRules(shippedRules(), MonitoringSchedule{60}), HasSubstr("for: 10s")) << "ten minutes";
}

TEST(LimitRules, AnAlertMayHaveItsOwnAccuracyLimit) {
    DeployedModel model = deployed("churn", 0.85);
    EXPECT_THAT(limitRules({model}), HasSubstr("expr: vector(0.85)"));
    model.gates.alertAccuracy = 0.9;
    EXPECT_THAT(limitRules({model}), HasSubstr("expr: vector(0.9)"));
}

/// Runs Prometheus' own checker in a folder that holds the rules as the platform writes them.
class RulesTest : public testing::Test {
protected:
    void write(const std::string& name, std::string_view text) {
        valueOf(writeFileAtomically(m_folder / name, text));
    }
    /// Exit code and output.
    std::pair<int, std::string> promtool(const std::string& arguments) {
        const std::string command = fmt::format("cd '{}' && promtool {} 2>&1", m_folder.path().string(), arguments);
        FILE* pipe = ::popen(command.c_str(), "r");
        std::string output;
        char buffer[4'096];
        while (pipe != nullptr && std::fgets(buffer, sizeof buffer, pipe) != nullptr)
            output += buffer;
        return {pipe == nullptr ? -1 : ::pclose(pipe), output};
    }
    test::Folder m_folder;
};

TEST_F(RulesTest, PrometheusAcceptsWhatThePlatformWrites) {
    for (const double factor : {1.0, 60.0, 720.0}) {
        const MonitoringSchedule schedule{factor};
        write("perch.rules.yml", scaledRules(shippedRules(), schedule));
        for (const auto& models : {std::vector<DeployedModel>(), std::vector{deployed("churn", 0.9), deployed("no", 1)}}) {
            write("limits.rules.yml", limitRules(models));
            write("prometheus.yml", prometheusConfiguration(schedule, 9'101));
            const auto [code, output] = promtool("check config prometheus.yml");
            EXPECT_EQ(code, 0) << output;
        }
    }
}

/// Requests per minute and bin, and the reference rows per bin, of one feature.
struct DriftCase {
    std::string feature;
    double importance;
    std::vector<int> perMinute;
    std::vector<int> reference;
};

const std::vector<DriftCase> kDriftCases = {
    {"same", 0.2, {100, 200, 300, 400, 0}, {1'000, 2'000, 3'000, 4'000, 0}},
    {"shifted", 0.5, {400, 300, 200, 100, 0}, {1'000, 2'000, 3'000, 4'000, 0}},
    {"new_bin", 0.2, {100, 200, 300, 300, 100}, {1'000, 2'000, 3'000, 4'000, 0}},
    {"tiny_share", 0.1, {249, 250, 250, 250, 1}, {2'500, 2'500, 2'500, 2'499, 1}},
};
constexpr int kMinutes = 60;
constexpr int kReferenceRows = 10'000;

/// What the engine makes of the same counts.
telemetry::Quality engineQuality() {
    telemetry::QualitySums sums;
    sums.referenceRows = kReferenceRows;
    sums.requestAge = Seconds(0);
    for (const DriftCase& drift : kDriftCases) {
        auto& feature = sums.features[drift.feature];
        feature.importance = drift.importance;
        for (std::size_t bin = 0; bin < drift.perMinute.size(); ++bin) {
            feature.rows[std::to_string(bin)] = drift.perMinute[bin] * kMinutes;
            feature.referenceRatio[std::to_string(bin)] = drift.reference[bin] / double{kReferenceRows};
        }
    }
    return telemetry::qualityOf(sums, "", {});
}

/// Two replicas that share the requests, as their counters and gauges come in minute by minute.
std::string driftSeries() {
    std::string text;
    const auto add = [&](const std::string& name, const std::string& labels, const std::string& values) {
        text += fmt::format("      - series: '{}{{model=\"churn\",model_version=\"v1\",{}}}'\n        values: '{}'\n", name,
            labels, values);
    };
    for (const DriftCase& drift : kDriftCases) {
        const std::string feature = fmt::format("feature=\"{}\"", drift.feature);
        for (std::size_t bin = 0; bin < drift.perMinute.size(); ++bin) {
            const int first = drift.perMinute[bin] / 3, second = drift.perMinute[bin] - first;
            const std::string labels = fmt::format("{},bin=\"{}\"", feature, bin);
            add("ml_feature_bin_total", labels + ",instance=\"a\"", fmt::format("7+{}x90", first));
            add("ml_feature_bin_total", labels + ",instance=\"b\"", fmt::format("0+{}x90", second));
            for (const char* instance : {",instance=\"a\"", ",instance=\"b\""})
                add("ml_feature_reference_ratio", labels + instance,
                    fmt::format("{}x90", drift.reference[bin] / double{kReferenceRows}));
        }
        for (const char* instance : {",instance=\"a\"", ",instance=\"b\""})
            add("ml_feature_importance_ratio", feature + instance, fmt::format("{}x90", drift.importance));
    }
    add("ml_feature_reference_rows", "instance=\"a\"", fmt::format("{}x90", kReferenceRows));
    return text;
}

TEST_F(RulesTest, TheRuleAndTheEngineAgreeOnDrift) {
    write("perch.rules.yml", shippedRules());
    const telemetry::Quality engine = engineQuality();
    ASSERT_TRUE(engine.drift.value.has_value());
    EXPECT_GT(*engine.drift.value, 0.15) << "otherwise the case shows nothing";
    std::string test = "rule_files: [perch.rules.yml]\nevaluation_interval: 1m\ntests:\n  - interval: 1m\n"
                       "    input_series:\n" + driftSeries() + "    promql_expr_test:\n";
    const auto expect = [&](const std::string& series, const std::string& labels, double value) {
        test += fmt::format("      - expr: 'abs({} - {:.12f}) < bool 0.000001'\n        eval_time: 75m\n"
                            "        exp_samples: [{{labels: '{}', value: 1}}]\n", series, value, labels);
    };
    expect("ml_data_drift_score", R"({model="churn",model_version="v1"})", *engine.drift.value);
    for (const telemetry::FeatureDrift& feature : engine.features) {
        expect(fmt::format("ml_feature_drift_score{{feature=\"{}\"}}", feature.feature),
            fmt::format(R"({{model="churn",model_version="v1",feature="{}"}})", feature.feature), *feature.psi.value);
    }
    write("drift.yml", test);
    const auto [code, output] = promtool("test rules drift.yml");
    EXPECT_EQ(code, 0) << output;
}

/// Labelled requests per minute: right and wrong ones.
std::string labelled(const std::string& model, const std::string& version, int correct, int incorrect) {
    std::string text;
    for (const auto& [outcome, rate] : {std::pair("correct", correct), std::pair("incorrect", incorrect)}) {
        text += fmt::format("      - series: 'ml_predictions_total{{model=\"{}\",model_version=\"{}\",role=\"stable\","
                            "outcome=\"{}\"}}'\n        values: '0+{}x90'\n", model, version, outcome, rate);
    }
    return text;
}

/// The alerts that fire at a time, by their labels.
std::string alerts(const std::string& name, const std::string& time, const std::vector<std::string>& labels) {
    std::string expected;
    for (const std::string& one : labels)
        expected += fmt::format("{}{{exp_labels: {}}}", expected.empty() ? "" : ", ", one);
    return fmt::format("      - alertname: {}\n        eval_time: {}\n        exp_alerts: [{}]\n", name, time, expected);
}

/// Annotations are texts for people; the tests are about when and for whom.
std::string withoutAnnotations(std::string rules) {
    for (std::size_t at = 0; (at = rules.find("        annotations:", at)) != std::string::npos;)
        rules.erase(at, rules.find('\n', rules.find("description:", at)) + 1 - at);
    return rules;
}

TEST_F(RulesTest, TheAlertsFireAfterTheirDelayAndByTheModelsLimit) {
    write("perch.rules.yml", withoutAnnotations(std::string(shippedRules())));
    write("limits.rules.yml", limitRules({deployed("lenient", 0.75), deployed("strict", 0.97)}));
    std::string test = "rule_files: [limits.rules.yml, perch.rules.yml]\nevaluation_interval: 1m\ntests:\n"
                       "  - interval: 1m\n    input_series:\n" + labelled("churn", "v1", 80, 20) +
                       labelled("lenient", "v1", 80, 20) + labelled("strict", "v3", 95, 5) +
                       labelled("idle", "v1", 0, 0) + driftSeries() + "    alert_rule_test:\n";
    test += alerts("ModelAccuracyDegraded", "4m", {});
    test += alerts("ModelAccuracyDegraded", "10m", {"{severity: critical, model: churn, model_version: v1}",
                                                       "{severity: critical, model: strict, model_version: v3}"});
    test += alerts("DataDriftDetected", "8m", {});
    test += alerts("DataDriftDetected", "15m", {"{severity: warning, model: churn, model_version: v1}"});
    test += fmt::format(
        "    promql_expr_test:\n      - expr: '({0}) >= bool 480 and ({0}) <= 900'\n        eval_time: 60m\n"
        "        exp_samples: [{{labels: '{{alertname=\"DataDriftDetected\", alertstate=\"firing\", "
        "severity=\"warning\", model=\"churn\", model_version=\"v1\"}}', value: 1}}]\n",
        telemetry::driftAlertTimes(1h));
    write("alerts.yml", test);
    const auto [code, output] = promtool("test rules alerts.yml");
    EXPECT_EQ(code, 0) << output;
}

} // namespace
} // namespace perch::local
