#pragma once

#include "core/data/read_table.h"
#include "core/data/seeded_random.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/train.h"
#include "tests/support/test_support.h"

#include <cmath>
#include <fstream>

namespace perch::test {

/// Trains on small tables made by a seed.
class TrainingFixture : public testing::Test {
protected:
    data::Table readText(const std::string& text, data::FieldType label = data::FieldType::Category) {
        std::ofstream(m_folder / "t.csv", std::ios::binary) << text;
        return valueOf(data::readTable(data::sourceOfPath((m_folder / "t.csv").string()), {.clock = &m_clock},
                                       {.declared = {{"y", label}}}));
    }

    /// Noisy, so that a model learns the training rows by heart after some rounds. `t` ascends, `g` groups.
    static std::string noisyText(std::size_t rows, std::uint64_t seed = 1) {
        data::SeededRandom random(seed);
        std::string text = "a,b,c,g,t,w,y,z,k\n";
        for (std::size_t i = 0; i < rows; ++i) {
            const double a = random.uniform(), b = random.uniform();
            const auto c = random.below(3);
            const double margin = a + (c == 1 ? 0.5 : 0) - 0.7 + 0.6 * (random.uniform() - 0.5);
            const double z = 3 * a - b + 0.3 * random.uniform();
            text += fmt::format("{:.4f},{:.4f},c{},{},{},{},{},{:.4f},k{}\n", a, b, c, i % 40, i / 3, 1 + i % 2,
                                margin > 0 ? "yes" : "no", z, a < 0.3 ? 0 : b < 0.5 ? 1 : 2);
        }
        return text;
    }

    model::TrainRequest request(const data::Table& table, std::uint32_t rounds = 30) {
        model::TrainRequest made{.model = valueOf(ModelName::parse("m")),
                                 .table = &table,
                                 .label = "y",
                                 .training = {.rounds = rounds, .depth = 4},
                                 .codeVersion = "test",
                                 .noFeatures = {"z", "k", "y"},
                                 .clock = &m_clock};
        made.training.learningRate = 0.3;
        return made;
    }

    Folder m_folder;
    RealClock m_clock;
    std::shared_ptr<const model::XgboostLibrary> m_library = valueOf(model::XgboostLibrary::load());
};

} // namespace perch::test
