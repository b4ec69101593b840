#include "core/data/seeded_random.h"
#include "core/model/predict/booster.h"
#include "core/model/predict/check_sample.h"
#include "core/model/predict/predictor.h"
#include "tests/model_predict/random_model.h"
#include "tests/support/test_support.h"

#include <cstring>

namespace perch::model {
namespace {

using test::failsWith;
using test::RandomModel;
using test::valueOf;
using testing::HasSubstr;

/// A package in memory around a random binary model.
class PredictorTest : public testing::Test {
protected:
    PredictorTest() {
        std::vector<data::Field> fields;
        for (const std::uint32_t count : m_random.categories) {
            data::Field field{.name = fmt::format("f{}", fields.size())};
            field.type = count > 0 ? data::FieldType::Category : data::FieldType::Number;
            for (std::uint32_t code = 0; code < count; ++code)
                field.categories.push_back(fmt::format("c{}", code));
            fields.push_back(std::move(field));
        }
        m_package.card.classes = {"no", "yes"};
        m_package.transform = data::RowTransform(std::move(fields));
        m_package.booster = m_random.ubj;
        fillCheckSample();
    }

    static RandomModel binaryModel(const XgboostLibrary& library) {
        for (std::uint64_t seed = 1;; ++seed) {
            RandomModel random = RandomModel::train(library, seed, 5);
            if (random.description.find("binary:logistic") != std::string::npos)
                return random;
        }
    }

    void fillCheckSample() {
        data::SeededRandom random(5);
        CheckSample sample;
        for (int row = 0; row < 60; ++row) {
            std::vector<data::Cell>& cells = sample.rows.emplace_back();
            for (const std::uint32_t count : m_random.categories) {
                const bool missing = random.below(9) == 0;
                cells.push_back(missing     ? data::Cell()
                                : count > 0 ? data::Cell(fmt::format("c{}", random.below(count)))
                                            : data::Cell(random.uniform() * 8 - 4));
            }
        }
        Booster booster = valueOf(Booster::create(*m_library));
        valueOf(booster.load(m_package.booster));
        m_rows = valueOf(sample.encode(m_package.transform));
        sample.scores = valueOf(booster.predict(m_rows, m_package.transform.width()));
        m_package.check = sample.toJson();
    }

    std::shared_ptr<const XgboostLibrary> m_library = valueOf(XgboostLibrary::load());
    const RandomModel m_random = binaryModel(*m_library);
    Package m_package;
    std::vector<float> m_rows; ///< of the check sample
};

TEST_F(PredictorTest, EvaluatesTheTreesItself) {
    const auto own = valueOf(Predictor::create(*m_library, m_package));
    EXPECT_EQ(own->engine(), Engine::Perch);
    EXPECT_EQ(own->engineReason(), "");
    const auto theirs = valueOf(Predictor::create(*m_library, m_package, Engine::Xgboost));
    EXPECT_EQ(theirs->engine(), Engine::Xgboost);
    EXPECT_EQ(theirs->engineReason(), "asked for");
    const std::vector<float> a = valueOf(own->score(m_rows)), b = valueOf(theirs->score(m_rows));
    ASSERT_EQ(a.size(), b.size());
    EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)), 0);
}

TEST_F(PredictorTest, LeavesWhatItDoesNotKnowToXgboost) {
    const std::string_view known = "\x0f"
                                   "binary:logistic",
                           unknown = "\x0c"
                                     "reg:logistic";
    m_package.booster.replace(m_package.booster.find(known), known.size(), unknown);
    const auto predictor = valueOf(Predictor::create(*m_library, m_package));
    EXPECT_EQ(predictor->engine(), Engine::Xgboost);
    EXPECT_EQ(predictor->engineReason(), "its objective is reg:logistic.");
}

TEST_F(PredictorTest, RefusesADamagedModelWhoeverIsToEvaluateIt) {
    // The root of the first tree leads to a node far outside: XGBoost itself would follow it.
    const std::string key = "left_children[$l#L";
    const std::size_t list = m_package.booster.find(key) + key.size() + 8;
    m_package.booster.replace(list, 4, "\x7f\x00\x00\x00", 4);
    for (const Engine engine : {Engine::Perch, Engine::Xgboost})
        EXPECT_THAT(Predictor::create(*m_library, m_package, engine),
                    failsWith(ErrorCode::Corrupt, HasSubstr("node 0 of tree 0 leads to the nodes 2130706432")));
}

TEST_F(PredictorTest, RefusesScoresThatNeitherReproduces) {
    CheckSample sample = valueOf(CheckSample::parse(m_package.check));
    sample.scores[3] += 1e-3F;
    m_package.check = sample.toJson();
    EXPECT_THAT(Predictor::create(*m_library, m_package),
                failsWith(ErrorCode::Corrupt, HasSubstr("row 4 of the check sample")));
}

} // namespace
} // namespace perch::model
