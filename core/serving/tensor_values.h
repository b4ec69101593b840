#pragma once

#include "core/serving/binary_tensors.h"

#include <nlohmann/json_fwd.hpp>

#include <variant>
#include <vector>

namespace perch::serving {

/// The values of one input tensor, whether they came as JSON or as bytes. Borrows the document and the body.
class TensorValues {
public:
    /// No tensor.
    TensorValues() = default;
    /// `tensor` is the object of the request; `rows` is what its shape says. InvalidInput that names the tensor if it
    /// has not as many values. Takes the bytes of a binary tensor off `body`.
    static Result<TensorValues> read(const nlohmann::json& tensor, std::string_view name, std::string_view datatype,
                                     std::size_t rows, BinaryBody& body);

    bool present() const { return !std::holds_alternative<std::monostate>(m_values); }
    /// The value of a row; InvalidInput that names the tensor if it is a list or an object.
    Result<data::Cell> cell(std::size_t row, std::string_view name) const;
    /// The same as the key of an entity: see keyFromJson.
    Result<std::string> key(std::size_t row, std::string_view name) const;

private:
    std::variant<std::monostate, std::vector<const nlohmann::json*>, BinaryTensor> m_values;
};

/// The object `parameters` of a request or of a part of it; null if there is none. InvalidInput if it is no object.
Result<const nlohmann::json*> tensorParameters(const nlohmann::json& object);

} // namespace perch::serving
