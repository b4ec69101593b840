#include "tests/serving/price_models.h"

#include "core/data/read_table.h"
#include "core/data/seeded_random.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/train.h"

#include <fstream>

namespace perch::test {

const PriceModels& PriceModels::instance() {
    static const PriceModels models;
    return models;
}

serving::RouteRule PriceModels::rule() {
    const auto name = [](const char* text) { return valueOf(ModelName::parse(text)); };
    return {name("home-price"),
            "/predict_price",
            {"kind",
             {{"flat", name("flat-price")},
              {"land", name("land-price")},
              {"3", name("flat-price")},
              {"house", name("home-price")}}}};
}

PriceModels::PriceModels() {
    const auto library = valueOf(model::XgboostLibrary::load());
    train(*library, "home-price", "rooms");
    train(*library, "flat-price", "floor");
    train(*library, "land-price", "slope");
}

void PriceModels::train(const model::XgboostLibrary& library, const std::string& name, const std::string& second) {
    data::SeededRandom random(name.size() + second.size());
    std::string text = "area," + second + ",price\n";
    for (int i = 0; i < 300; ++i) {
        const double area = 30 + 100 * random.uniform();
        const auto other = static_cast<double>(random.below(6));
        text += fmt::format("{:.2f},{},{:.2f}\n", area, other, 1'000 * area * (1 + other) + 500 * random.uniform());
    }
    const RealClock clock;
    std::ofstream(m_folder / (name + ".csv")) << text;
    data::Table table = valueOf(data::readTable(data::sourceOfPath((m_folder / (name + ".csv")).string()),
                                                {.clock = &clock}, {.declared = {{"price", data::FieldType::Number}}}));
    const model::TrainOutcome outcome =
        valueOf(model::train(library, {.model = valueOf(ModelName::parse(name)),
                                       .table = &table,
                                       .label = "price",
                                       .training = {.task = spec::Task::Regression, .rounds = 8, .tolerance = 1e9},
                                       .codeVersion = "test",
                                       .clock = &clock}));
    valueOf(model::writePackage(outcome.parts, package(name)));
}

} // namespace perch::test
