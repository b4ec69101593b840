#include "core/telemetry/prometheus_client.h"
#include "tests/fuzz/fuzzer.h"

/// What Prometheus answers to a query.
PERCH_FUZZER(prometheus_answer) {
    using namespace perch;
    std::vector<std::string> warnings;
    const auto vector = telemetry::parseVector(bytes, &warnings);
    const auto matrix = telemetry::parseMatrix(bytes);
    fuzz::requireSentence(vector);
    fuzz::requireSentence(matrix);
    fuzz::requireSentence(telemetry::parseFiringAlerts(bytes));
    fuzz::require(!vector || !matrix, "an answer is one or the other");
}
