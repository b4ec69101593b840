#pragma once

#include "core/serving/field_route.h"
#include "tests/support/test_support.h"

namespace perch::model {
class XgboostLibrary;
}

namespace perch::test {

/// Three regressions of prices, made once: of any home (area, rooms), of flats (area, floor) and of land (area, slope).
class PriceModels {
public:
    static const PriceModels& instance();
    std::filesystem::path package(const std::string& model) const { return m_folder / model; }
    /// At /predict_price the field `kind`, which no model has, leads to flat-price (`flat`, `3`), land-price (`land`)
    /// and home-price (`house` and all else).
    static serving::RouteRule rule();

private:
    PriceModels();
    void train(const model::XgboostLibrary& library, const std::string& name, const std::string& second);

    Folder m_folder;
};

} // namespace perch::test
