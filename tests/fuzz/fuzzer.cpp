#include "tests/fuzz/fuzzer.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace perch::fuzz {

namespace {

/// A sentence may quote what it is about, but not repeat a whole file.
constexpr std::size_t kLongestSentence = 4'000;

std::vector<Fuzzer>& registered() {
    static std::vector<Fuzzer> fuzzers;
    return fuzzers;
}

const Fuzzer*& chosen() {
    static const Fuzzer* fuzzer = nullptr;
    return fuzzer;
}

} // namespace

Registration::Registration(const char* name, void (*run)(std::string_view bytes)) {
    std::vector<Fuzzer>& fuzzers = registered();
    const auto place = std::ranges::lower_bound(fuzzers, std::string_view(name), {},
                                                [](const Fuzzer& fuzzer) { return std::string_view(fuzzer.name); });
    fuzzers.insert(place, {name, run});
}

std::span<const Fuzzer> allFuzzers() {
    return registered();
}

void require(bool holds, std::string_view property) {
    if (holds)
        return;
    std::fprintf(stderr, "This does not hold: %.*s.\n", static_cast<int>(property.size()), property.data());
    std::abort();
}

void requireSentence(const Error& error) {
    require(!error.message.empty(), "an error says something");
    require(error.code != ErrorCode::Internal, "an input is never our bug: " + error.message);
    require(isUtf8(error.message), "the sentence of an error is UTF-8");
    require(error.message.size() <= kLongestSentence, "the sentence of an error is short");
    require(std::ranges::none_of(error.message, [](unsigned char c) { return c < 0x20; }),
            "the sentence of an error has no control characters");
}

std::string_view takeBytes(std::string_view& bytes, std::size_t count) {
    const std::string_view taken = bytes.substr(0, count);
    bytes.remove_prefix(taken.size());
    return taken;
}

std::string_view takeLine(std::string_view& bytes) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    return line;
}

void choose(const Fuzzer& fuzzer) {
    chosen() = &fuzzer;
}

} // namespace perch::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    perch::fuzz::chosen()->run({reinterpret_cast<const char*>(data), size});
    return 0;
}
