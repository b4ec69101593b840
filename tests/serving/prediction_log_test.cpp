#include "core/data/read_table.h"
#include "tests/serving/serving_fixture.h"

#include <algorithm>
#include <fstream>

namespace perch::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A model server that keeps its predictions.
class PredictionLogTest : public Serving {
protected:
    spec::PredictionLogSpec spec() const {
        return {.features = {"tenure", "contract", "partner", "total_charges"}, .fileAge = Seconds(0.001)};
    }
    void startLogging(spec::PredictionLogSpec spec, std::size_t queueLimit = 20'000) {
        start({.log = {.folder = m_log, .models = {{"churn", std::move(spec)}}, .queueLimit = queueLimit}});
    }
    void predict(const json& rows, const std::string& id) {
        ASSERT_EQ(post("/predict_churn", json{{"inputs", rows}, {"request_id", id}}.dump()).status, 200);
    }
    double written() { return metric("ml_prediction_log_rows_total").value_or(-1); }
    double dropped(const std::string& reason) {
        return metric(fmt::format(R"(ml_prediction_log_dropped_total{{reason="{}"}})", reason)).value_or(-1);
    }
    std::vector<std::filesystem::path> files() const {
        std::vector<std::filesystem::path> found;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(m_log)) {
            if (entry.is_regular_file())
                found.push_back(entry.path());
        }
        std::ranges::sort(found);
        return found;
    }
    data::Table read() const {
        return valueOf(data::readTable(data::sourceOfPath((m_log / "churn/v2/*.parquet").string()), {.clock = &m_clock},
                                       {.declared = {{"request_id", data::FieldType::Category}}}));
    }

    const Folder m_folder;
    const std::filesystem::path m_log = m_folder / "log";
};

TEST_F(PredictionLogTest, KeepsTheListedFeaturesAndNothingElse) {
    startLogging(spec());
    json strange = m_churn.row(0);
    strange["contract"] = "Forever";
    strange["total_charges"] = nullptr;
    predict(strange, "s");
    for (std::uint32_t row = 1; row < 40; ++row)
        predict(m_churn.row(row), fmt::format("r{}", row));
    predict({m_churn.row(50), m_churn.row(51)}, "b");
    ASSERT_TRUE(waitUntil([&] { return written() == 42; }));
    const data::Table table = read();
    std::vector<std::string> names;
    for (const data::Column& column : table.columns)
        names.push_back(column.name);
    EXPECT_EQ(names, (std::vector<std::string>{"request_id", "time", "role", "score", "predicted", "tenure", "contract",
                                               "partner", "total_charges"}));
    ASSERT_EQ(table.rows, 42U);
    const auto cell = [&](std::size_t row, std::size_t column) { return table.columns[column].cell(row); };
    EXPECT_EQ(std::get<std::string>(cell(0, 0)), "s");
    EXPECT_EQ(std::get<std::string>(cell(0, 6)), "Forever") << "as it arrived, not as the model took it";
    EXPECT_TRUE(std::holds_alternative<std::monostate>(cell(0, 8)));
    EXPECT_EQ(std::get<std::string>(cell(41, 0)), "b/1");
    EXPECT_EQ(std::get<std::string>(cell(41, 2)), "stable");
    for (std::uint32_t row = 1; row < 40; ++row) {
        const json original = m_churn.row(row);
        EXPECT_EQ(std::get<double>(cell(row, 5)), original["tenure"].get<double>());
        EXPECT_EQ(std::get<std::string>(cell(row, 6)), original["contract"].get<std::string>());
    }
    EXPECT_EQ(dropped("queue_full") + dropped("disk"), 0);
    for (const auto& file : files())
        EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms(0777),
                  std::filesystem::perms(0600));
}

TEST_F(PredictionLogTest, WritesWhatWaitsWhenItEnds) {
    spec::PredictionLogSpec patient = spec();
    patient.fileAge = Seconds(3600);
    startLogging(patient);
    predict(m_churn.row(1), "a");
    EXPECT_TRUE(files().empty());
    m_server.reset();
    EXPECT_EQ(read().rows, 1U);
}

TEST_F(PredictionLogTest, FilesHaveASizeAndTheOldestGo) {
    spec::PredictionLogSpec patient = spec();
    patient.fileAge = Seconds(3600);
    patient.fileMegabytes = 1;
    patient.totalMegabytes = 2;
    serving::Exposition exposition;
    const auto library = valueOf(model::XgboostLibrary::load());
    const auto model = valueOf(serving::ServedModel::load(
        {.package = m_churn.package, .version = {2}},
        {*library, exposition, {"stable"}, [](const ModelName&) { return std::vector<std::string>(); }}));
    const auto log = valueOf(serving::PredictionLog::open(
        {.folder = m_log, .models = {{"churn", patient}}, .queueLimit = 100'000}, m_clock, exposition));
    serving::AnsweredRows rows{.model = model};
    rows.rows.keepsCells = true;
    rows.rows.count = 2'000;
    rows.rows.cells.assign(rows.rows.count * model->package().transform.width(), data::Cell());
    rows.predictions.resize(rows.rows.count);
    for (std::size_t i = 0; i < rows.rows.count; ++i)
        rows.ids.push_back(fmt::format("{:0>100}", i));
    const auto inFiles = [&] { return valueIn(exposition.text(), "ml_prediction_log_rows_total").value_or(0); };
    std::filesystem::path first;
    for (int batch = 1; batch <= 24; ++batch) {
        log->add(rows);
        // A file takes eight batches at least; all of them are written in time.
        ASSERT_TRUE(waitUntil([&] { return inFiles() + 20'000 > batch * 2'000; }));
        if (first.empty() && !files().empty())
            first = files().front();
    }
    ASSERT_TRUE(waitUntil([&] { return inFiles() > 30'000; }));
    std::uint64_t total = 0;
    for (const auto& file : files()) {
        EXPECT_TRUE(file.string().ends_with(".parquet"));
        total += std::filesystem::file_size(file);
    }
    EXPECT_LE(total, 2'000'000U);
    EXPECT_GT(files().size(), 0U);
    EXPECT_FALSE(std::filesystem::exists(first)) << "the oldest went";
}

TEST_F(PredictionLogTest, AFullQueueDropsAndCounts) {
    startLogging(spec(), 10);
    json rows = json::array();
    for (std::uint32_t row = 0; row < 11; ++row)
        rows.push_back(m_churn.row(row));
    predict(rows, "many");
    EXPECT_EQ(dropped("queue_full"), 11);
    predict(m_churn.row(0), "one");
    EXPECT_TRUE(waitUntil([&] { return written() == 1; }));
}

TEST_F(PredictionLogTest, AnUnwritableFolderCostsNoAnswer) {
    startLogging(spec());
    std::filesystem::remove_all(m_log);
    std::ofstream(m_log.string()) << "a file is in the way";
    predict(m_churn.row(0), "one");
    EXPECT_TRUE(waitUntil([&] { return dropped("disk") == 1; }));
    std::filesystem::remove(m_log);
    predict(m_churn.row(0), "two");
    EXPECT_TRUE(waitUntil([&] { return written() == 1; })) << "goes on when it can";
}

TEST_F(PredictionLogTest, RefusesAModelWithoutAListedFeature) {
    spec::PredictionLogSpec wrong = spec();
    wrong.features.push_back("tenur");
    m_server = valueOf(serving::ModelServer::start({.log = {.folder = m_log, .models = {{"churn", wrong}}}}, m_clock));
    EXPECT_THAT(m_server->load({.package = m_churn.package, .version = {2}}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("lists the feature \"tenur\"")));
}

} // namespace
} // namespace perch::test
