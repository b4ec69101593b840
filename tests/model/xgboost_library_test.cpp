#include "core/model/predict/booster.h"
#include "core/model/predict/xgboost_functions.h"
#include "core/model/predict/xgboost_library.h"
#include "tests/support/test_support.h"

#include <cmath>
#include <cstdlib>

namespace perch::model {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

constexpr std::size_t kRows = 400, kColumns = 3;

/// The rows of tests/fixtures/make_training_reference.py, by the same arithmetic.
struct ReferenceRows {
    std::vector<float> values, labels;
    int position = 0;
    void* proxy = nullptr;
    const XgboostFunctions* functions = nullptr;

    ReferenceRows() {
        for (std::size_t i = 0; i < kRows; ++i) {
            const auto a = static_cast<float>(static_cast<double>(i * 7919 % 1000) / 1000.0);
            const auto b = static_cast<float>(static_cast<double>(i * 104729 % 997) / 997.0);
            const auto c = static_cast<float>(i % 4);
            values.insert(values.end(), {a, i % 10 == 3 ? std::nanf("") : b, c});
            labels.push_back((a > 0.5F) != (c == 2) ? 1.0F : 0.0F);
        }
    }
};

void reset(void* rows) {
    static_cast<ReferenceRows*>(rows)->position = 0;
}

int next(void* handle) {
    auto& rows = *static_cast<ReferenceRows*>(handle);
    if (rows.position++ > 0)
        return 0;
    const char* names[] = {"a", "b", "c"};
    const char* types[] = {"q", "q", "c"};
    const XgboostFunctions& xgboost = *rows.functions;
    EXPECT_EQ(xgboost.proxySetDense(rows.proxy, arrayInterface(rows.values, kRows, kColumns).c_str()), 0);
    EXPECT_EQ(xgboost.matrixSetInfo(rows.proxy, "label", arrayInterface(rows.labels).c_str()), 0);
    EXPECT_EQ(xgboost.matrixSetFeatureInfo(rows.proxy, "feature_name", names, 3), 0);
    EXPECT_EQ(xgboost.matrixSetFeatureInfo(rows.proxy, "feature_type", types, 3), 0);
    return 1;
}

/// Sets an environment variable and puts the old value back.
class Environment {
public:
    Environment(const char* name, const std::string& value) : m_name(name) {
        if (const char* old = std::getenv(name))
            m_old = old;
        ::setenv(name, value.c_str(), 1);
    }
    ~Environment() { m_old ? ::setenv(m_name, m_old->c_str(), 1) : ::unsetenv(m_name); }

private:
    const char* m_name;
    std::optional<std::string> m_old;
};

TEST(XgboostLibrary, EveryFunctionWorksAndAgreesWithThePythonPackage) {
    const auto library = valueOf(XgboostLibrary::load());
    const XgboostFunctions& xgboost = library->functions();
    EXPECT_THAT(library->version(), testing::StartsWith("3."));
    EXPECT_TRUE(library->path().is_absolute()) << library->path();
    EXPECT_STREQ(std::getenv("OMP_WAIT_POLICY"), "PASSIVE");
    const char* build = nullptr;
    ASSERT_EQ(xgboost.buildInfo(&build), 0);
    EXPECT_THAT(build, HasSubstr("USE_OPENMP"));

    ReferenceRows rows;
    rows.functions = &xgboost;
    ASSERT_EQ(xgboost.proxyCreate(&rows.proxy), 0);
    void* handle = nullptr;
    ASSERT_EQ(xgboost.quantileMatrixCreate(&rows, rows.proxy, nullptr, reset, next,
                                           R"({"missing":NaN,"nthread":1,"max_bin":256})", &handle),
              0)
        << xgboost.getLastError();
    const Matrix matrix(*library, handle);
    EXPECT_EQ(xgboost.matrixFree(rows.proxy), 0);
    XgboostFunctions::Size count = 0;
    EXPECT_EQ(xgboost.matrixRows(matrix.handle(), &count), 0);
    EXPECT_EQ(count, kRows);

    const Matrix* const matrices[] = {&matrix};
    Booster booster = valueOf(Booster::create(*library, matrices));
    for (const auto& [name, value] : std::map<const char*, std::string>{{"objective", "binary:logistic"},
                                                                        {"eval_metric", "logloss"},
                                                                        {"tree_method", "hist"},
                                                                        {"eta", "0.05"},
                                                                        {"max_depth", "5"},
                                                                        {"nthread", "1"}})
        valueOf(booster.setParameter(name, value));
    valueOf(booster.setFeatures({"a", "b", "c"}, {"q", "q", "c"}));
    for (int round = 0; round < 20; ++round)
        valueOf(booster.update(round, matrix));

    // From make_training_reference.py.
    EXPECT_DOUBLE_EQ(valueOf(booster.evaluate(19, matrix, "train")), 0.21553345620632172);
    const auto scores = valueOf(booster.predict(rows.values, kColumns));
    ASSERT_EQ(scores.size(), kRows);
    const float expected[] = {0x1.7e2b340000000p-3F, 0x1.9f87fa0000000p-1F, 0x1.98f38e0000000p-3F};
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(scores[i], expected[i]) << "row " << i;
    const auto margins = valueOf(booster.predictMargin(rows.values, kColumns));
    const auto contributions = valueOf(booster.contributions(rows.values, {"a", "b", "c"}, {"q", "q", "c"}));
    ASSERT_EQ(contributions.size(), kRows * (kColumns + 1));
    for (std::size_t i = 0; i < kRows; ++i) {
        const float* row = contributions.data() + i * (kColumns + 1);
        EXPECT_NEAR(row[0] + row[1] + row[2] + row[3], margins[i], 1e-5) << "SHAP values add up to the margin";
        EXPECT_NEAR(1 / (1 + std::exp(-margins[i])), scores[i], 1e-6);
        EXPECT_EQ(row[1], 0) << "b is used by no tree";
    }
    const auto gains = valueOf(booster.totalGain());
    ASSERT_EQ(gains.size(), 2U);
    EXPECT_EQ(gains[0], (std::pair<std::string, double>("a", 997.719482421875)));
    EXPECT_EQ(gains[1], (std::pair<std::string, double>("c", 2916.1044921875)));

    const Booster half = valueOf(booster.firstRounds(10));
    EXPECT_GT(valueOf(half.evaluate(9, matrix, "train")), 0.3) << "ten rounds know less than twenty";
    EXPECT_FALSE(library->builtWithCuda()) << "the wheel xgboost-cpu";

    Booster loaded = valueOf(Booster::create(*library));
    valueOf(loaded.load(valueOf(booster.save())));
    EXPECT_EQ(valueOf(loaded.featureCount()), kColumns);
    EXPECT_EQ(valueOf(loaded.predict(rows.values, kColumns)), scores);
}

TEST(XgboostLibrary, FailuresOfTheLibraryAreOneSentence) {
    const auto library = valueOf(XgboostLibrary::load());
    Booster booster = valueOf(Booster::create(*library));
    const Result<void> loaded = booster.load("this is no model");
    ASSERT_THAT(loaded, failsWith(ErrorCode::Internal, HasSubstr("XGBoost failed loading a model: ")));
    EXPECT_THAT(loaded.error().message, testing::Not(HasSubstr("\n")));
    EXPECT_THAT(loaded.error().message, testing::Not(HasSubstr("Stack trace")));
}

TEST(XgboostLibrary, TellsWhereItLookedAndRefusesOtherLibraries) {
    const test::Folder folder;
    {
        const Environment chosen("PERCH_XGBOOST", folder / "nothing.so");
        EXPECT_THAT(XgboostLibrary::load(), failsWith(ErrorCode::Unavailable, HasSubstr("nothing.so")));
    }
    const Environment chosen("PERCH_XGBOOST", "libz.so.1");
    EXPECT_THAT(XgboostLibrary::load(), failsWith(ErrorCode::InvalidInput, HasSubstr("libz.so.1 is not XGBoost")));
}

} // namespace
} // namespace perch::model
