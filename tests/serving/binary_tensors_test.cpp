#include "core/serving/binary_tensors.h"
#include "tests/serving/serving_fixture.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <functional>

namespace perch::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kTensorPath = "/v2/models/churn/infer";
constexpr const char* kLengthHeader = "Inference-Header-Content-Length";

template <typename T>
std::string rawBytes(T value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

std::string countedBytes(const std::string& text) {
    return rawBytes(static_cast<std::uint32_t>(text.size())) + text;
}

/// A request whose tensors are bytes, before it is sent.
struct BinaryRequest {
    json header = {{"inputs", json::array()}};
    std::string bytes = {};

    json& add(const std::string& name, const char* datatype, std::size_t rows, const std::string& values) {
        bytes += values;
        header["inputs"].push_back({{"name", name},
                                    {"datatype", datatype},
                                    {"shape", {rows}},
                                    {"parameters", {{"binary_data_size", values.size()}}}});
        return header["inputs"].back();
    }
};

/// A number tensor of other bytes than those of the table.
struct Instead {
    std::string name = {};
    const char* datatype = "";
    std::string bytes = {};
};

/// What a binary answer holds.
struct BinaryAnswer {
    json header;
    std::vector<float> scores;
    std::vector<std::string> classes;
};

BinaryAnswer decodedTensors(const http::Response& response) {
    BinaryAnswer answer;
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(http::findHeader(response.headers, "Content-Type"), "application/octet-stream");
    const auto length = std::stoul(std::string(http::findHeader(response.headers, kLengthHeader).value_or("0")));
    answer.header = json::parse(response.body.substr(0, length));
    std::string_view rest = std::string_view(response.body).substr(length);
    const auto take = [&](void* to, std::size_t size) {
        ASSERT_GE(rest.size(), size);
        std::memcpy(to, rest.data(), size);
        rest.remove_prefix(size);
    };
    for (const json& output : answer.header["outputs"]) {
        if (output.contains("data"))
            continue;
        const std::size_t end = rest.size() - output["parameters"]["binary_data_size"].get<std::size_t>();
        for (std::size_t row = 0; row < output["shape"][0]; ++row) {
            if (output["name"] == "score") {
                take(&answer.scores.emplace_back(), sizeof(float));
                continue;
            }
            std::uint32_t size = 0;
            take(&size, sizeof size);
            take(answer.classes.emplace_back(size, '\0').data(), size);
        }
        EXPECT_EQ(rest.size(), end);
    }
    EXPECT_TRUE(rest.empty());
    return answer;
}

class BinaryTensors : public Serving {
protected:
    void SetUp() override {
        start({.rowLimit = 500});
        m_package = valueOf(model::Package::load(m_churn.package));
    }
    /// Rows of the table; what is missing in a column of bytes or flags makes that column JSON.
    BinaryRequest requestOf(std::uint32_t first, std::uint32_t count, const Instead& instead = {}) const {
        BinaryRequest request;
        for (const data::Field& field : m_package->transform.fields()) {
            if (field.name == instead.name)
                request.add(field.name, instead.datatype, count, instead.bytes);
            else
                addField(request, field, first, count);
        }
        return request;
    }
    void addField(BinaryRequest& request, const data::Field& field, std::uint32_t first, std::uint32_t count) const {
        std::string values;
        json list = json::array();
        for (std::uint32_t row = first; row < first + count; ++row) {
            list.push_back(m_churn.row(row)[field.name]);
            const json& value = list.back();
            if (field.type == data::FieldType::Number)
                values += rawBytes(value.is_null() ? std::nan("") : value.get<double>());
            else if (field.type == data::FieldType::Category)
                values += countedBytes(value.is_null() ? "" : value.get<std::string>());
            else
                values += value.is_boolean() && value.get<bool>() ? '\1' : '\0';
        }
        const bool gaps = std::ranges::any_of(list, [](const json& value) { return value.is_null(); });
        if (!gaps || field.type == data::FieldType::Number)
            request.add(field.name, datatypeOf(field.type), count, values);
        else
            request.header["inputs"].push_back(
                {{"name", field.name}, {"datatype", datatypeOf(field.type)}, {"shape", {count}}, {"data", list}});
    }
    static const char* datatypeOf(data::FieldType type) {
        return type == data::FieldType::Category ? "BYTES" : type == data::FieldType::Boolean ? "BOOL" : "FP64";
    }
    /// The same rows as JSON.
    json listed(std::uint32_t first, std::uint32_t count) const {
        json request = {{"inputs", json::array()}};
        for (const data::Field& field : m_package->transform.fields()) {
            json list = json::array();
            for (std::uint32_t row = first; row < first + count; ++row)
                list.push_back(m_churn.row(row)[field.name]);
            request["inputs"].push_back(
                {{"name", field.name}, {"datatype", datatypeOf(field.type)}, {"shape", {count}}, {"data", list}});
        }
        return request;
    }
    http::Response send(const BinaryRequest& request, std::size_t padding = 0) {
        const std::string header = request.header.dump() + std::string(padding, ' ');
        return post(kTensorPath, header + request.bytes,
                    {{"Content-Type", "application/octet-stream"}, {kLengthHeader, std::to_string(header.size())}});
    }
    /// The error of a request that is refused.
    json refused(const http::Response& response) {
        EXPECT_EQ(response.status, 400) << response.body;
        return json::parse(response.body)["error"];
    }
    float scoreOf(const BinaryRequest& request, std::size_t padding = 0) {
        return json::parse(send(request, padding).body)["outputs"][0]["data"][0].get<float>();
    }

    std::optional<model::Package> m_package;
};

TEST_F(BinaryTensors, AnswerABatchBitByBitLikeJson) {
    const std::uint32_t count = 500; // missing numbers among them
    const json expected = json::parse(post(kTensorPath, listed(480, count).dump()).body);
    BinaryRequest request = requestOf(480, count);
    request.header["parameters"] = {{"binary_data_output", true}};
    const BinaryAnswer answer = decodedTensors(send(request));
    ASSERT_EQ(answer.scores.size(), count);
    ASSERT_EQ(answer.classes.size(), count);
    for (std::size_t row = 0; row < count; ++row) {
        const float score = expected["outputs"][0]["data"][row].get<float>();
        ASSERT_EQ(std::bit_cast<std::uint32_t>(answer.scores[row]), std::bit_cast<std::uint32_t>(score)) << row;
        ASSERT_EQ(answer.classes[row], expected["outputs"][1]["data"][row]) << row;
    }
    EXPECT_EQ(answer.header["outputs"][0]["parameters"]["binary_data_size"], 4 * count);
    EXPECT_FALSE(answer.header["outputs"][0].contains("data"));
    double gaps = 0;
    for (std::uint32_t row = 480; row < 480 + count; ++row)
        gaps += m_churn.row(row)["total_charges"].is_null() ? 1 : 0;
    EXPECT_GT(gaps, 0);
    EXPECT_EQ(metric(R"(ml_feature_bin_total{bin="missing",feature="total_charges",model="churn",model_version="v2"})"),
              2 * gaps);
}

TEST_F(BinaryTensors, AreReadWhereverTheyBegin) {
    const float expected = scoreOf(requestOf(3, 1));
    for (std::size_t padding = 1; padding < 9; ++padding)
        EXPECT_EQ(scoreOf(requestOf(3, 1), padding), expected);
    // NaN is what null is.
    const BinaryRequest missing = requestOf(3, 1, {"monthly_charges", "FP32", rawBytes(std::nanf(""))});
    json listedMissing = listed(3, 1);
    for (json& tensor : listedMissing["inputs"]) {
        if (tensor["name"] == "monthly_charges")
            tensor["data"] = {nullptr};
    }
    EXPECT_EQ(scoreOf(missing),
              json::parse(post(kTensorPath, listedMissing.dump()).body)["outputs"][0]["data"][0].get<float>());
    EXPECT_NE(scoreOf(missing), expected);
}

TEST_F(BinaryTensors, TakeEveryDatatypeOfJson) {
    const auto with = [&](const char* datatype, const std::string& value) {
        return scoreOf(requestOf(3, 1, {"tenure", datatype, value}));
    };
    const float expected = with("FP64", rawBytes(7.0));
    EXPECT_EQ(with("FP32", rawBytes(7.0F)), expected);
    EXPECT_EQ(with("INT64", rawBytes(std::int64_t{7})), expected);
    EXPECT_EQ(with("INT32", rawBytes(std::int32_t{7})), expected);
    EXPECT_EQ(with("INT16", rawBytes(std::int16_t{7})), expected);
    EXPECT_EQ(with("INT8", rawBytes(std::int8_t{7})), expected);
    EXPECT_EQ(with("UINT64", rawBytes(std::uint64_t{7})), expected);
    EXPECT_EQ(with("UINT32", rawBytes(std::uint32_t{7})), expected);
    EXPECT_EQ(with("UINT16", rawBytes(std::uint16_t{7})), expected);
    EXPECT_EQ(with("UINT8", rawBytes(std::uint8_t{7})), expected);
    EXPECT_EQ(with("INT8", rawBytes(std::int8_t{-1})), with("FP64", rawBytes(-1.0)));
    EXPECT_NE(with("FP64", rawBytes(70.0)), expected);
}

TEST_F(BinaryTensors, GoOutAsAsked) {
    BinaryRequest request = requestOf(3, 2);
    request.header["outputs"] = {{{"name", "score"}, {"parameters", {{"binary_data", true}}}}, {{"name", "class"}}};
    const BinaryAnswer mixed = decodedTensors(send(request));
    EXPECT_EQ(mixed.scores.size(), 2U);
    EXPECT_EQ(mixed.header["outputs"][1]["data"].size(), 2U);
    request.header["parameters"] = {{"binary_data_output", true}};
    request.header["outputs"] = {{{"name", "class"}}, {{"name", "score"}, {"parameters", {{"binary_data", false}}}}};
    EXPECT_EQ(decodedTensors(send(request)).classes.size(), 2U);
    // A request in JSON may ask for bytes, too.
    json text = listed(3, 2);
    text["parameters"] = {{"binary_data_output", true}};
    EXPECT_EQ(decodedTensors(post(kTensorPath, text.dump())).scores, mixed.scores);
    text["parameters"] = {{"binary_data_output", 1}};
    EXPECT_EQ(refused(post(kTensorPath, text.dump()))["where"], "outputs");
    EXPECT_EQ(json::parse(get("/v2").body)["extensions"], json({"binary_tensor_data"}));
    EXPECT_TRUE(json::parse(get("/openapi.json").body)["paths"][kTensorPath]["post"]["requestBody"]["content"].contains(
        "application/octet-stream"));
}

TEST_F(BinaryTensors, WithWrongSizesAreRefusedByName) {
    const auto refusal = [&](const std::function<void(BinaryRequest&)>& change) {
        BinaryRequest request;
        request.add("tenure", "FP64", 2, std::string(16, '\0'));
        change(request);
        const json error = refused(send(request));
        return error["where"].get<std::string>() + ": " + error["message"].get<std::string>();
    };
    const auto size = [](json& tensor) -> json& { return tensor["parameters"]["binary_data_size"]; };
    EXPECT_EQ(refusal([&](auto& r) { size(r.header["inputs"][0]) = 15; }),
              "tenure: The tensor \"tenure\" has 15 bytes; 2 values of FP64 have 8 each.");
    EXPECT_EQ(refusal([&](auto& r) { size(r.header["inputs"][0]) = 24; }),
              "tenure: The tensor \"tenure\" has 24 bytes, but the body has only 16 left for it.");
    EXPECT_THAT(refusal([&](auto& r) { size(r.header["inputs"][0]) = std::uint64_t(-1); }), HasSubstr("only 16 left"));
    for (const json& wrong : {json(-8), json("16"), json(16.5), json(nullptr)})
        EXPECT_EQ(refusal([&](auto& r) { size(r.header["inputs"][0]) = wrong; }),
                  "tenure: The binary_data_size of the tensor \"tenure\" must be a number of bytes.");
    EXPECT_THAT(refusal([&](auto& r) { r.header["inputs"][0]["shape"] = {3}; }), HasSubstr("3 values of FP64"));
    EXPECT_THAT(refusal([&](auto& r) { r.header["inputs"][0]["shape"] = {std::uint64_t(1) << 61}; }),
                HasSubstr("1 to 500"));
    EXPECT_THAT(refusal([&](auto& r) { r.header["inputs"][0]["data"] = {1, 2}; }), HasSubstr("both \"data\""));
    EXPECT_THAT(refusal([&](auto& r) { r.header["inputs"][0]["parameters"] = 7; }), HasSubstr("must be an object"));
    EXPECT_EQ(refusal([](auto& r) { r.bytes += "xyz"; }), "inputs: The body has 3 bytes behind its last tensor.");
    EXPECT_EQ(refusal([](auto& r) { r.add("contract", "BYTES", 2, countedBytes("One year")); }),
              "contract: The tensor \"contract\" ends within its row 1.");
    EXPECT_THAT(
        refusal([](auto& r) { r.add("contract", "BYTES", 2, countedBytes("a") + rawBytes(std::uint32_t(-1))); }),
        HasSubstr("ends within its row 1"));
    EXPECT_THAT(
        refusal([](auto& r) { r.add("contract", "BYTES", 1 + 1, countedBytes("a") + countedBytes("b") + "c"); }),
        HasSubstr("1 bytes behind its last row"));
    EXPECT_THAT(refusal([](auto& r) { r.add("contract", "BYTES", 2, countedBytes("a") + countedBytes("\xff")); }),
                HasSubstr("not UTF-8"));
}

TEST(BinaryTensor, ABooleanIsOneByte) {
    const auto tensor = valueOf(serving::BinaryTensor::parse("member", "BOOL", 2, std::string_view("\1\0", 2)));
    EXPECT_EQ(tensor.cell(0), data::Cell(true));
    EXPECT_EQ(tensor.cell(1), data::Cell(false));
    EXPECT_THAT(serving::BinaryTensor::parse("member", "BOOL", 2, "\1\2"),
                failsWith(ErrorCode::InvalidInput, "The tensor \"member\" has the byte 2 in row 1; a BOOL is 0 or 1."));
}

TEST_F(BinaryTensors, RefuseInfinityAndAWrongLength) {
    const std::string infinite = rawBytes(std::numeric_limits<float>::infinity());
    EXPECT_EQ(refused(send(requestOf(3, 1, {"tenure", "FP32", infinite})))["where"], "tenure");
    EXPECT_EQ(refused(send(requestOf(3, 1, {"tenure", "FP64", rawBytes(1e300)})))["where"], "tenure");
    const std::string body = listed(3, 1).dump();
    for (const std::string& length : {std::string("0"), std::string("-1"), std::string("x"), std::string("1x"),
                                      std::to_string(body.size() + 1), std::string(40, '9')})
        EXPECT_EQ(refused(post(kTensorPath, body, {{kLengthHeader, length}}))["where"], kLengthHeader) << length;
    EXPECT_EQ(refused(post(kTensorPath, body, {{kLengthHeader, "9"}}))["where"], "byte 10"); // no whole JSON
    EXPECT_EQ(post(kTensorPath, body, {{kLengthHeader, std::to_string(body.size())}}).status, 200);
    // Without the header there are no bytes.
    const BinaryRequest lost = requestOf(3, 1);
    EXPECT_THAT(refused(post(kTensorPath, lost.header.dump()))["message"].get<std::string>(), HasSubstr(kLengthHeader));
}

} // namespace
} // namespace perch::test
