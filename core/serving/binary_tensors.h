#pragma once

#include "core/data/row/row_transform.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace perch::serving {

/// The names that the binary tensor extension of the Open Inference Protocol v2 gives to what it adds.
/// Source: https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/binary_data_extension.md
inline constexpr std::string_view kBinaryExtension = "binary_tensor_data";
inline constexpr std::string_view kJsonLengthHeader = "Inference-Header-Content-Length";
inline constexpr std::string_view kBinaryType = "application/octet-stream";

/// The body of a request: JSON, and behind it the bytes of the binary tensors, in the order of the inputs.
class BinaryBody {
public:
    /// `jsonLength` is the value of kJsonLengthHeader; if empty all of the body is JSON. InvalidInput if it is not the
    /// length of a beginning of the body.
    static Result<BinaryBody> split(std::string_view body, std::string_view jsonLength);

    std::string_view json() const { return m_json; }
    /// The bytes of the next tensor. InvalidInput that names it where the body has fewer left.
    Result<std::string_view> take(std::string_view tensor, std::uint64_t bytes);
    /// InvalidInput if no tensor has taken the last bytes.
    Result<void> checkAllTaken() const;

private:
    std::string_view m_json;
    std::string_view m_rest;
    bool m_binary = false;
};

struct BinaryKind;

/// The values of one binary tensor: little-endian, one behind the other, not aligned; BOOL is one byte 0 or 1, each
/// value of BYTES follows its length in four bytes. Borrows the body. Immutable: safe from any thread.
class BinaryTensor {
public:
    /// InvalidInput that names the tensor unless `bytes` are exactly `rows` values of the datatype, each BOOL is 0 or 1
    /// and each of BYTES is UTF-8. The datatype must be one of acceptedDatatypes.
    static Result<BinaryTensor> parse(std::string_view name, std::string_view datatype, std::size_t rows,
                                      std::string_view bytes);

    /// The value of a row below `rows`. NaN is the missing value, as `null` is in JSON.
    data::Cell cell(std::size_t row) const;
    /// The same as a text, of integers with all digits.
    std::string text(std::size_t row) const;

private:
    Result<void> readTexts(std::string_view name, std::size_t rows);

    std::string_view m_bytes;
    const BinaryKind* m_kind = nullptr;    ///< null: BYTES
    std::vector<std::string_view> m_texts; ///< BYTES only
};

/// Append values as BinaryTensor reads them: FP32 and BYTES.
void appendBinary(std::string& bytes, float value);
void appendBinary(std::string& bytes, std::string_view text);

} // namespace perch::serving
