#include "core/base/clock.h"
#include "core/data/csv_reader.h"
#include "core/data/table_encoder.h"
#include "core/demo/credit_economy.h"
#include "core/model/predict/predictor.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/train.h"
#include "core/spec/model_spec.h"
#include "core/stats/psi.h"
#include "tests/support/test_support.h"

namespace perch::demo {
namespace {

using test::succeeded;
using test::valueOf;

std::vector<Loan> draw(std::uint64_t seed, Economy economy, std::size_t count) {
    data::SeededRandom random(seed);
    std::vector<Loan> loans;
    while (loans.size() < count)
        loans.push_back(drawLoan(random, economy));
    return loans;
}

/// The story's figures with real training and the scoring that serves: 93.8 %, 68 %, about 89 %, drift beyond 0.15.
class Calibration : public testing::Test {
protected:
    data::Table tableOf(const std::vector<Loan>& loans) {
        const std::filesystem::path file = m_folder / "loans.csv";
        EXPECT_TRUE(succeeded(writeFileAtomically(file, toCsv(loans))));
        data::CsvOptions options;
        options.declared = {{std::string(kLabel), data::FieldType::Category}};
        return valueOf(data::readCsv(file, m_clock, options));
    }

    std::unique_ptr<model::Predictor> train(const std::vector<Loan>& loans, const std::string& name) {
        const data::Table table = tableOf(loans);
        const spec::ModelSpec spec =
            valueOf(spec::loadModelSpec(test::sourceFolder() / "resources" / "demo" / "perch.yaml"));
        model::TrainRequest request{.model = spec.name, .table = &table, .label = spec.label};
        request.positive = spec.positive;
        request.training = spec.training;
        request.threshold = spec.threshold;
        request.clock = &m_clock;
        const model::TrainOutcome outcome = valueOf(model::train(*m_library, request));
        EXPECT_TRUE(succeeded(model::writePackage(outcome.parts, m_folder / name)));
        return valueOf(model::Predictor::create(*m_library, valueOf(model::Package::load(m_folder / name))));
    }

    double accuracyOf(const model::Predictor& predictor, const std::vector<Loan>& loans) {
        const data::Table table = tableOf(loans);
        const auto encoder = valueOf(data::TableEncoder::create(table, predictor.package().transform));
        std::vector<std::uint32_t> rows(loans.size());
        for (std::size_t i = 0; i < rows.size(); ++i)
            rows[i] = static_cast<std::uint32_t>(i);
        const std::vector<float> scores = valueOf(predictor.score(encoder.encode(rows)));
        std::size_t right = 0;
        for (std::size_t i = 0; i < loans.size(); ++i)
            right += (predictor.decide(scores[i]).classIndex == 1) == loans[i].defaulted;
        return static_cast<double>(right) / static_cast<double>(loans.size());
    }

    test::Folder m_folder;
    RealClock m_clock;
    std::shared_ptr<const model::XgboostLibrary> m_library = valueOf(model::XgboostLibrary::load());
};

/// Importance-weighted mean of the corrected PSI, as the recording rule has it.
double driftScore(const data::ReferenceProfile& profile, const data::RowTransform& transform,
                  const data::Table& table) {
    double score = 0;
    for (std::size_t i = 0; i < profile.features.size(); ++i) {
        const data::FeatureBins& bins = profile.features[i];
        std::vector<std::uint64_t> counts(bins.labels.size());
        const data::Column& column = table.columns[*table.find(bins.feature)];
        for (std::size_t row = 0; row < table.rows; ++row)
            ++counts[profile.binOf(i, transform, column.cell(row))];
        score += bins.importance * stats::psi(bins.counts, counts).value_or(0);
    }
    return score;
}

TEST_F(Calibration, RealTrainingGivesTheFiguresOfTheStory) {
    const auto first = train(draw(42, Economy::Steady, 100'000), "v1");
    const std::vector<Loan> shifted = draw(101, Economy::Shifted, 30'000);
    EXPECT_NEAR(accuracyOf(*first, draw(100, Economy::Steady, 30'000)), 0.938, 0.015);
    EXPECT_NEAR(accuracyOf(*first, shifted), 0.68, 0.015);

    const auto second = train(draw(102, Economy::Shifted, 6'000), "v2");
    EXPECT_NEAR(accuracyOf(*second, shifted), 0.89, 0.015);

    std::vector<Loan> broken = draw(102, Economy::Shifted, 6'000);
    for (Loan& loan : broken)
        loan = withEmploymentInMonths(loan);
    EXPECT_LT(accuracyOf(*train(broken, "v3"), shifted), 0.75);

    const model::Package& package = first->package();
    EXPECT_LT(driftScore(package.reference, package.transform, tableOf(draw(103, Economy::Steady, 3'000))), 0.05);
    EXPECT_GT(driftScore(package.reference, package.transform, tableOf(draw(104, Economy::Shifted, 3'000))), 0.15);
}

} // namespace
} // namespace perch::demo
