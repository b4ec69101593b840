#pragma once

#include "core/base/digest.h"
#include "core/data/csv_reader.h"
#include "core/http/client.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/train.h"
#include "core/serving/model_server.h"
#include "core/serving/truth_server.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <map>
#include <string>

namespace perch::test {

/// One row of a table without its label, as the JSON object that a client sends. Missing cells are null.
nlohmann::json rowObject(const data::Table& table, std::uint32_t index, std::string_view label);

/// The churn table and a package trained on it, made once for all tests of the program.
struct ServedChurn {
    data::Table table;
    std::filesystem::path package;
    Digest digest;

    static const ServedChurn& instance();
    nlohmann::json row(std::uint32_t index) const { return rowObject(table, index, "churn"); }

private:
    TemporaryFolder m_folder;
    explicit ServedChurn(TemporaryFolder folder) : m_folder(std::move(folder)) {}
};

/// A model server in this process and a client for it.
class Serving : public testing::Test {
protected:
    void start(serving::ModelServer::Options options = {}, serving::ModelSource source = {});
    http::Response post(std::string_view path, std::string body, http::Headers headers = {});
    http::Response get(std::string_view path);
    /// The value of a series in /metrics, e.g. `ml_requests_total{model="churn",...}`; nothing if it is not there.
    std::optional<double> metric(const std::string& series);
    std::string url(std::string_view path = "") const;

    const ServedChurn& m_churn = ServedChurn::instance();
    RealClock m_clock;
    std::unique_ptr<serving::ModelServer> m_server;
    http::Client m_client;
};

/// What a lookup table says: the form that `perch data publish` writes.
struct LookupContent {
    std::string model = "churn";
    std::string key = "customer_id";
    std::string asOf = "2026-05-01T00:00:00.000Z";
    std::vector<std::pair<std::string, std::string>> columns = {}; ///< name, `number` or `boolean`
    std::map<std::string, std::vector<nlohmann::json>> rows = {};  ///< by key; numbers, booleans or null
    std::string schema = "1";
};
/// Publishes it: the file appears or is replaced in one step.
void writeLookupTable(const std::filesystem::path& file, const LookupContent& content);

/// A truth store in this process.
std::unique_ptr<serving::TruthServer> startTruth(
    const std::filesystem::path& file, const Clock& clock, std::uint16_t port = 0);
/// The value of a series in the text of a scrape.
std::optional<double> valueIn(std::string_view exposition, const std::string& series);

} // namespace perch::test
