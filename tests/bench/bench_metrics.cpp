/// What drift bins and counters take of a request: bench_metrics PACKAGE.
///
/// The rows of the package's check sample are binned, and each is counted as a request of its own, as the model server
/// does it, on one thread. Prints {"us_per_request": ...}; bench_serving sets that against the whole request.
#include "core/model/predict/check_sample.h"
#include "core/model/predict/predictor.h"
#include "core/model/predict/xgboost_library.h"
#include "core/serving/model_metrics.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <iostream>

namespace {

using namespace perch;
using test::valueOf;

constexpr int kRounds = 200;

/// The bins of one row, as RowReader adds them.
void bin(const model::Package& package, const std::vector<std::size_t>& fields, std::span<const data::Cell> cells,
         serving::EncodedRows& row) {
    row.bins.clear();
    for (std::size_t feature = 0; feature < fields.size(); ++feature)
        row.bins.push_back(static_cast<std::uint16_t>(
            package.reference.binOf(feature, package.transform, cells[fields[feature]])));
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "bench_metrics PACKAGE\n";
        return 2;
    }
    const auto library = valueOf(model::XgboostLibrary::load());
    const auto predictor = valueOf(model::Predictor::create(*library, valueOf(model::Package::load(argv[1]))));
    const model::Package& package = predictor->package();
    const model::CheckSample sample = valueOf(model::CheckSample::parse(package.check));
    std::vector<std::size_t> fields;
    for (const data::FeatureBins& bins : package.reference.features)
        fields.push_back(package.transform.find(bins.feature).value());
    serving::Exposition exposition;
    serving::ModelMetrics metrics(exposition, *predictor, *Version::parse("v1"), {"stable", "canary"}, {"/predict"},
                                  serving::ModelMetrics::Lookups::No);
    serving::EncodedRows row;
    row.count = 1;
    const auto begin = std::chrono::steady_clock::now();
    for (int round = 0; round < kRounds; ++round)
        for (const std::vector<data::Cell>& cells : sample.rows) {
            bin(package, fields, cells, row);
            metrics.countRows(0, row);
            metrics.countRequest(0, serving::Outcome::Ok);
            metrics.observeLatency(0, 0, Seconds(1e-4));
        }
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    const double requests = kRounds * static_cast<double>(sample.rows.size());
    std::cout << nlohmann::json({{"us_per_request", took.count() / requests}, {"features", fields.size()}}).dump()
              << '\n';
}
