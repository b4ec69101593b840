#include "core/serving/tensor_values.h"

#include "core/serving/row_reader.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::serving {

namespace {

using nlohmann::json;

constexpr const char* kBinarySize = "binary_data_size";

/// The values of a list, flat: [n, 1] may be written nested.
Result<std::vector<const json*>> valuesInList(const json& tensor, std::string_view name, std::size_t rows) {
    std::vector<const json*> values;
    const auto data = tensor.find("data");
    if (data == tensor.end() || !data->is_array())
        return invalidInput(name, fmt::format("The tensor \"{}\" has no list \"data\".", name));
    values.reserve(data->size());
    for (const json& value : *data)
        values.push_back(value.is_array() && value.size() == 1 ? &value[0] : &value);
    if (values.size() != rows)
        return invalidInput(
            name, fmt::format("The tensor \"{}\" has {} values, its shape says {}.", name, values.size(), rows));
    return values;
}

} // namespace

Result<const json*> tensorParameters(const json& object) {
    const auto parameters = object.find("parameters");
    if (parameters == object.end())
        return nullptr;
    if (!parameters->is_object())
        return invalidInput("parameters", "\"parameters\" must be an object.");
    return &*parameters;
}

Result<TensorValues> TensorValues::read(const json& tensor, std::string_view name, std::string_view datatype,
                                        std::size_t rows, BinaryBody& body) {
    TensorValues values;
    const json* parameters = TRY(tensorParameters(tensor));
    if (parameters == nullptr || !parameters->contains(kBinarySize)) {
        values.m_values = TRY(valuesInList(tensor, name, rows));
        return values;
    }
    const json& size = (*parameters)[kBinarySize];
    if (!size.is_number_unsigned())
        return invalidInput(name,
                            fmt::format("The {} of the tensor \"{}\" must be a number of bytes.", kBinarySize, name));
    if (tensor.contains("data"))
        return invalidInput(name, fmt::format("The tensor \"{}\" has both \"data\" and a {}.", name, kBinarySize));
    const std::string_view bytes = TRY(body.take(name, size.get<std::uint64_t>()));
    values.m_values = TRY(BinaryTensor::parse(name, datatype, rows, bytes));
    return values;
}

Result<data::Cell> TensorValues::cell(std::size_t row, std::string_view name) const {
    if (const auto* tensor = std::get_if<BinaryTensor>(&m_values))
        return tensor->cell(row);
    if (const auto* list = std::get_if<std::vector<const json*>>(&m_values))
        return cellFromJson(*(*list)[row], name);
    return data::Cell();
}

Result<std::string> TensorValues::key(std::size_t row, std::string_view name) const {
    if (const auto* tensor = std::get_if<BinaryTensor>(&m_values))
        return tensor->text(row);
    if (const auto* list = std::get_if<std::vector<const json*>>(&m_values))
        return keyFromJson(*(*list)[row], name);
    return std::string();
}

} // namespace perch::serving
