#include "core/data/build/look_back.h"
#include "tests/build/build_fixture.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <set>

namespace perch::data {
namespace {

using Aggregate = spec::FeatureSpec::Aggregate;

struct Event {
    std::string entity;
    Micros time = 0;
    std::optional<double> value;
    std::string code; ///< empty: missing
};

struct RowAsOf {
    std::string entity;
    Micros date;
};

std::string yamlOf(const std::vector<spec::FeatureSpec>& features) {
    constexpr const char* kAggregates[] = {"count",   "any",      "sum",     "mean", "minimum",
                                           "maximum", "distinct", "days_since_first", "days_since_last"};
    std::string yaml = "sources: {rows: {path: rows.csv}, events: {path: events.csv}}\ntable: rows\n"
                       "features:\n  as_of: seen\n  columns:\n";
    for (const spec::FeatureSpec& feature : features) {
        yaml += fmt::format("    - {{name: {}, from: events, key: who, entity: id, time: at, aggregate: {}", feature.name,
                            kAggregates[static_cast<std::size_t>(feature.aggregate)]);
        if (!feature.value.empty())
            yaml += ", value: " + feature.value;
        if (feature.window.months > 0)
            yaml += fmt::format(", window: {}mo", feature.window.months);
        if (feature.window.seconds.count() > 0)
            yaml += fmt::format(", window: {}s", feature.window.seconds.count());
        if (!feature.where.empty())
            yaml += ", where: " + feature.where;
        yaml += "}\n";
    }
    return yaml;
}

std::vector<spec::FeatureSpec> everyFeature() {
    std::vector<spec::FeatureSpec> features;
    const spec::WindowSpec windows[] = {{}, {.months = 2}, {.seconds = Seconds(10 * 86'400)}};
    for (int aggregate = 0; aggregate <= static_cast<int>(Aggregate::DaysSinceLast); ++aggregate) {
        for (std::size_t window = 0; window < 3; ++window) {
            for (const char* where : {"", window == 1 ? "value > 40" : "code is not missing"}) {
                const auto kind = static_cast<Aggregate>(aggregate);
                const bool needsValue = kind >= Aggregate::Sum && kind <= Aggregate::Distinct;
                features.push_back({.name = fmt::format("f{}", features.size()),
                                    .value = !needsValue ? "" : kind == Aggregate::Distinct ? "code" : "value",
                                    .aggregate = kind,
                                    .window = windows[window],
                                    .where = where});
            }
        }
    }
    return features;
}

/// The definition of each aggregate, by looking at every event.
std::optional<double> naive(const spec::FeatureSpec& feature, const RowAsOf& row, const std::vector<Event>& events) {
    const Micros from = windowStart(row.date, feature.window);
    std::uint64_t count = 0;
    std::optional<Micros> first, last;
    std::vector<double> values;
    std::set<std::string> codes;
    for (const Event& event : events) {
        const bool kept = feature.where.empty() ||
                          (feature.where == "value > 40" ? event.value > 40.0 : !event.code.empty());
        if (event.entity != row.entity || event.time < from || event.time >= row.date || !kept)
            continue;
        ++count;
        first = std::min(first.value_or(event.time), event.time);
        last = std::max(last.value_or(event.time), event.time);
        if (event.value)
            values.push_back(*event.value);
        if (!event.code.empty())
            codes.insert(event.code);
    }
    const auto days = [&](std::optional<Micros> time) {
        return time ? std::optional(static_cast<double>(row.date - *time) / 86'400e6) : std::nullopt;
    };
    const auto of = [&](double number) { return values.empty() ? std::nullopt : std::optional(number); };
    double sum = 0;
    for (const double value : values)
        sum += value;
    switch (feature.aggregate) {
    case Aggregate::Count: return static_cast<double>(count);
    case Aggregate::Any: return count > 0 ? 1 : 0;
    case Aggregate::Sum: return of(sum);
    case Aggregate::Mean: return of(sum / static_cast<double>(values.size()));
    case Aggregate::Minimum: return of(values.empty() ? 0 : *std::min_element(values.begin(), values.end()));
    case Aggregate::Maximum: return of(values.empty() ? 0 : *std::max_element(values.begin(), values.end()));
    case Aggregate::Distinct: return codes.empty() ? std::nullopt : std::optional<double>(codes.size());
    case Aggregate::DaysSinceFirst: return days(first);
    case Aggregate::DaysSinceLast: return days(last);
    }
    return std::nullopt;
}

class Features : public BuildTest {
protected:
    void writeEvents(const std::vector<Event>& events) {
        std::string text = "who,at,value,code\n";
        for (const Event& event : events)
            text += fmt::format("{},{},{},{}\n", event.entity, toIso(event.time),
                                event.value ? fmt::format("{}", *event.value) : "", event.code);
        write("events.csv", text);
    }
    void writeRows(const std::vector<RowAsOf>& rows) {
        std::string text = "row,id,seen\n";
        for (std::size_t i = 0; i < rows.size(); ++i)
            text += fmt::format("{},{},{}\n", i, rows[i].entity, toIso(rows[i].date));
        write("rows.csv", text);
    }
    /// The features of each row in the order of rows.csv.
    std::vector<std::vector<double>> featuresOf(const std::vector<spec::FeatureSpec>& features, std::size_t count) {
        EXPECT_TRUE(test::succeeded(tryBuild(yamlOf(features), {.inMemory = m_inMemory})));
        const Table built = table();
        EXPECT_EQ(built.rows, count);
        const Column& number = *test::valueOf(built.column("row"));
        std::vector<std::vector<double>> values(count);
        for (std::size_t row = 0; row < built.rows; ++row) {
            for (const spec::FeatureSpec& feature : features)
                values[static_cast<std::size_t>(number.numbers[row])].push_back(
                    test::valueOf(built.column(feature.name))->numbers[row]);
        }
        return values;
    }

    /// Some entities have thousands of events, so that sums go over blocks; some have none.
    void makeRandom(std::size_t eventCount, std::size_t rowCount) {
        const Micros start = parseTimestamp("2026-01-01").value();
        const auto moment = [&] { return start + static_cast<Micros>(m_random() % (120 * 24)) * 3'600 * kMicrosPerSecond; };
        for (std::size_t i = 0; i < eventCount; ++i) {
            const std::uint64_t entity = i % 2 == 0 ? 0 : m_random() % 12;
            m_events.push_back({.entity = fmt::format("c{}", entity), .time = moment(), .value = std::nullopt, .code = ""});
            if (m_random() % 8 != 0)
                m_events.back().value = static_cast<double>(m_random() % 10'000) / 100;
            if (m_random() % 3 != 0)
                m_events.back().code = fmt::format("code{}", m_random() % 40);
        }
        for (std::size_t i = 0; i < rowCount; ++i) { // on a few days: each is a file
            const auto hour = static_cast<Micros>(m_random() % 5 * 23 * 24 + m_random() % 24);
            m_rows.push_back({fmt::format("c{}", i % 14), start + (hour + 48) * 3'600 * kMicrosPerSecond});
        }
    }

    std::size_t m_inMemory = kBuildInMemory;
    std::mt19937_64 m_random{7};
    std::vector<Event> m_events;
    std::vector<RowAsOf> m_rows;
};

TEST_F(Features, EqualTheNaiveDefinition) {
    makeRandom(1'500, 60);
    writeEvents(m_events);
    writeRows(m_rows);
    const std::vector<spec::FeatureSpec> features = everyFeature();
    const auto values = featuresOf(features, m_rows.size());
    std::size_t present = 0;
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
        for (std::size_t i = 0; i < features.size(); ++i) {
            const std::optional<double> expected = naive(features[i], m_rows[row], m_events);
            EXPECT_EQ(std::isnan(values[row][i]), !expected) << yamlOf({features[i]}) << m_rows[row].entity;
            if (expected) {
                EXPECT_NEAR(values[row][i], *expected, 1e-9 * std::abs(*expected)) << yamlOf({features[i]});
                ++present;
            }
        }
    }
    EXPECT_GT(present, m_rows.size() * features.size() / 2);
}

/// No leakage: whatever happens at or after a row's date, its features keep every bit.
TEST_F(Features, TheFutureChangesNothing) {
    makeRandom(1'000, 12);
    const Micros date = parseTimestamp("2026-03-01").value();
    for (RowAsOf& row : m_rows)
        row.date = date;
    writeRows(m_rows);
    std::vector<Event> past;
    for (const Event& event : m_events) {
        if (event.time < date)
            past.push_back(event);
    }
    ASSERT_GT(past.size(), 300u);
    ASSERT_LT(past.size(), 700u);
    const std::vector<spec::FeatureSpec> features = everyFeature();
    writeEvents(past);
    const auto expected = featuresOf(features, m_rows.size());
    const auto same = [&](const std::vector<Event>& events) {
        writeEvents(events);
        const auto values = featuresOf(features, m_rows.size());
        for (std::size_t row = 0; row < values.size(); ++row) {
            for (std::size_t i = 0; i < features.size(); ++i) {
                EXPECT_TRUE(values[row][i] == expected[row][i] || (std::isnan(values[row][i]) && std::isnan(expected[row][i])))
                    << yamlOf({features[i]}) << values[row][i] << " was " << expected[row][i];
            }
        }
    };
    same(m_events); // with the future
    std::vector<Event> changed = m_events;
    for (Event& event : changed) {
        if (event.time >= date)
            event = {.entity = "c0", .time = date, .value = 1e6, .code = "never seen"}; // at the very moment
    }
    same(changed);
    std::vector<Event> added = past;
    added.insert(added.begin(), {.entity = "c1", .time = date + 1'000, .value = -5, .code = "x"});
    same(added);
}

/// Events that went through a file, from the first one or after some, give the same features to the last bit.
TEST_F(Features, InAFileTheyAreTheSame) {
    makeRandom(4'000, 80);
    writeEvents(m_events);
    writeRows(m_rows);
    const std::vector<spec::FeatureSpec> features = everyFeature();
    const auto expected = featuresOf(features, m_rows.size());
    for (const std::size_t inMemory : {0u, 100'000u}) {
        m_inMemory = inMemory;
        const auto values = featuresOf(features, m_rows.size());
        for (std::size_t row = 0; row < values.size(); ++row) {
            for (std::size_t i = 0; i < features.size(); ++i)
                EXPECT_EQ(std::bit_cast<std::uint64_t>(values[row][i]), std::bit_cast<std::uint64_t>(expected[row][i]))
                    << inMemory << ": " << yamlOf({features[i]}) << m_rows[row].entity;
        }
    }
}

TEST_F(Features, AnEventAtTheDateIsNotSeenAndOneAtTheWindowsStartIs) {
    write("rows.csv", "id,seen\na,2026-05-31T10:00:00Z\nb,2026-05-31\nc,\n");
    write("events.csv", "who,at,value\na,2026-05-31T10:00:00Z,1\na,2026-05-31T11:59:59+02:00,10\na,2026-02-28T10:00:00Z,100\n"
                        "a,2026-02-28T09:59:59Z,1000\nstranger,2026-05-01,5\n,2026-05-01,5\nb,,5\nc,2026-01-01,1\n");
    const BuildReport report = build("sources: {rows: {path: rows.csv}, events: {path: events.csv}}\ntable: rows\n"
                                     "features: {as_of: seen, columns: [{name: n, from: events, key: who, entity: id, time: at, "
                                     "aggregate: sum, value: value, window: 3mo}, {name: c, from: events, key: who, entity: "
                                     "id, time: at, aggregate: count}]}\n");
    const Table built = table();
    const Column& sum = *test::valueOf(built.column("n"));
    const Column& count = *test::valueOf(built.column("c"));
    const Column& id = *test::valueOf(built.column("id"));
    for (std::size_t row = 0; row < built.rows; ++row) {
        const std::string name = shown(id.cell(row));
        if (name == "a") {
            EXPECT_EQ(sum.numbers[row], 110);
            EXPECT_EQ(count.numbers[row], 3);
        } else if (name == "b") { // no event that has a time
            EXPECT_TRUE(std::isnan(sum.numbers[row]));
            EXPECT_EQ(count.numbers[row], 0);
        } else { // without a date nobody knows what to count
            EXPECT_TRUE(std::isnan(count.numbers[row]));
        }
    }
    EXPECT_EQ(report.rowsWithoutDate, 1u);
    ASSERT_EQ(report.events.size(), 1u);
    EXPECT_EQ(report.events[0].withoutKey, 1u);
    EXPECT_EQ(report.events[0].withoutTime, 1u);
    EXPECT_EQ(report.events[0].strangers, 2u); // c has no date
    EXPECT_EQ(report.parts.size(), 2u);
    EXPECT_EQ(report.parts[0].path, "date=2026-05-31/part-0.parquet");
}

/// Thousands of events of one entity: sums go over stored blocks, and more events later change no bit of them.
TEST(EventSeries, SumsOverBlocksAreTheSameWithAndWithoutAFuture) {
    constexpr std::size_t kEvents = 20'000;
    std::mt19937_64 random(11);
    std::vector<double> values(kEvents);
    for (double& value : values)
        value = random() % 16 == 0 ? std::nan("") : static_cast<double>(random() % 1'000'000) / 100;
    const auto seriesOf = [&](std::size_t count) {
        EventSeries series(0, 1, 0);
        series.add(0, -1, {}, std::vector{1.0}, {}); // so that the entity does not begin at position 0
        for (std::size_t i = 0; i < count; ++i)
            series.add(1, static_cast<Micros>(i), {}, std::span(&values[i], 1), {});
        series.sort(2);
        return series;
    };
    const EventSeries all = seriesOf(kEvents);
    for (const std::size_t asOf : {100u, 255u, 256u, 4'097u, 9'000u}) {
        const EventSeries past = seriesOf(asOf);
        for (const std::size_t from : {0u, 1u, 63u, 64u, 90u}) {
            const auto expected = past.moments(past.span(1, static_cast<Micros>(from), static_cast<Micros>(asOf)), 0);
            const auto found = all.moments(all.span(1, static_cast<Micros>(from), static_cast<Micros>(asOf)), 0);
            double sum = 0;
            std::uint64_t count = 0;
            for (std::size_t i = from; i < asOf; ++i) {
                sum += std::isnan(values[i]) ? 0 : values[i];
                count += !std::isnan(values[i]);
            }
            EXPECT_EQ(found.sum, expected.sum) << from << " " << asOf; // the same bits
            EXPECT_EQ(found.minimum, expected.minimum);
            EXPECT_EQ(found.maximum, expected.maximum);
            EXPECT_EQ(found.count, count);
            EXPECT_NEAR(found.sum, sum, 1e-9 * sum);
        }
    }
}

} // namespace
} // namespace perch::data
