#include "core/data/csv_reader.h"
#include "core/evaluate/evaluate.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/train.h"
#include "tests/support/test_support.h"

namespace perch::evaluate {
namespace {

using test::failsWith;
using test::valueOf;
using testing::Contains;
using testing::HasSubstr;

/// A small real model on the churn table, trained once for all tests of this file.
class EvaluatePackage : public testing::Test {
protected:
    static void SetUpTestSuite() {
        shared = new Shared;
        shared->library = valueOf(model::XgboostLibrary::load());
        shared->strong = makePredictor(40, 4, "strong");
        shared->weak = makePredictor(1, 1, "weak");
    }
    static void TearDownTestSuite() {
        delete shared;
        shared = nullptr;
    }

    static std::unique_ptr<model::Predictor> makePredictor(std::uint32_t rounds, std::uint32_t depth,
                                                           const char* name) {
        const data::CsvOptions reading{.declared = {{"churn", data::FieldType::Category}}};
        const data::Table table = valueOf(data::readCsv(file(), shared->clock, reading));
        model::TrainRequest request;
        request.model = valueOf(ModelName::parse("churn"));
        request.table = &table;
        request.label = "churn";
        request.positive = "Yes";
        request.training.rounds = rounds;
        request.training.depth = depth;
        request.training.learningRate = 0.1;
        request.threads = 1;
        request.clock = &shared->clock;
        const model::TrainOutcome outcome = valueOf(model::train(*shared->library, request));
        valueOf(model::writePackage(outcome.parts, shared->folder / name));
        return valueOf(
            model::Predictor::create(*shared->library, valueOf(model::Package::load(shared->folder / name))));
    }
    static std::filesystem::path file() { return test::sourceFolder() / "resources/data/wa_churn.csv"; }

    static EvaluationOptions quick() {
        EvaluationOptions options;
        options.resamples = 100;
        return options;
    }
    Result<Evaluation> run(const EvaluationOptions& options, const std::filesystem::path& data = file()) {
        const EvaluationSubject strong{"v2", shared->strong.get()};
        return evaluateFile(strong, nullptr, data, options, shared->clock, {});
    }

    struct Shared {
        test::Folder folder;
        RealClock clock;
        std::shared_ptr<const model::XgboostLibrary> library;
        std::unique_ptr<model::Predictor> strong, weak;
    };
    static inline Shared* shared = nullptr;
};

TEST_F(EvaluatePackage, MeasuresTheFileAndSaysThatItWasTrainedOnIt) {
    EvaluationOptions options = quick();
    options.group = "contract";
    const Evaluation evaluation = valueOf(run(options));
    EXPECT_EQ(evaluation.rows, 7'043u);
    EXPECT_EQ(evaluation.positives, 1'869u);
    EXPECT_EQ(evaluation.positive, "Yes");
    EXPECT_GT(*evaluation.candidate.metrics.find("roc_auc")->second.value, 0.8);
    EXPECT_THAT(evaluation.warnings, Contains(HasSubstr("v2 was trained on rows of this file")));
    EXPECT_FALSE(evaluation.candidate.importance.empty());
    ASSERT_TRUE(evaluation.fairness);
    EXPECT_EQ(evaluation.fairness->groups.size(), 3u);
    EXPECT_FALSE(evaluation.comparison);
}

TEST_F(EvaluatePackage, AWeakCandidateIsWorseThanAStrongBaseline) {
    const EvaluationSubject strong{"v2", shared->strong.get()}, weak{"v1", shared->weak.get()};
    const Evaluation worse = valueOf(evaluateFile(weak, &strong, file(), quick(), shared->clock, {}));
    EXPECT_EQ(worse.comparison->verdict, Verdict::Worse);
    const Evaluation better = valueOf(evaluateFile(strong, &weak, file(), quick(), shared->clock, {}));
    EXPECT_EQ(better.comparison->verdict, Verdict::Better);
    EXPECT_DOUBLE_EQ(*better.comparison->differences.find("roc_auc")->second.value,
                     -*worse.comparison->differences.find("roc_auc")->second.value);
}

TEST_F(EvaluatePackage, NamesWhatIsWrongWithTheFile) {
    EvaluationOptions options = quick();
    options.label = "churned";
    EXPECT_THAT(run(options), failsWith(ErrorCode::InvalidInput, HasSubstr("churned")));
    options = quick();
    options.positive = "Perhaps";
    EXPECT_THAT(run(options),
                failsWith(ErrorCode::InvalidInput, HasSubstr("never holds the positive value 'Perhaps'")));
    options = quick();
    options.group = "region";
    EXPECT_THAT(run(options), failsWith(ErrorCode::InvalidInput, HasSubstr("region")));
    options = quick();
    options.label = "contract";
    EXPECT_THAT(run(options), failsWith(ErrorCode::InvalidInput, HasSubstr("knows 'No' and 'Yes'")));
    EXPECT_THAT(run(quick(), shared->folder / "none.csv"), failsWith(ErrorCode::NotFound, HasSubstr("none.csv")));
}

TEST_F(EvaluatePackage, RowsWithoutLabelAreLeftOutAndCounted) {
    std::string text = valueOf(readFile(file()));
    const std::size_t at = text.find("\n\"No\"");
    text.replace(at + 1, 4, "");
    valueOf(writeFileAtomically(shared->folder / "hole.csv", text));
    const Evaluation evaluation = valueOf(run(quick(), shared->folder / "hole.csv"));
    EXPECT_EQ(evaluation.rows, 7'042u);
    EXPECT_THAT(evaluation.warnings, testing::ElementsAre("1 row without a label was left out."));
}

TEST_F(EvaluatePackage, StopsWhenAsked) {
    std::stop_source stop;
    stop.request_stop();
    const EvaluationSubject strong{"v2", shared->strong.get()};
    EXPECT_THAT(evaluateFile(strong, nullptr, file(), quick(), shared->clock, stop.get_token()),
                failsWith(ErrorCode::Cancelled, testing::_));
}

} // namespace
} // namespace perch::evaluate
