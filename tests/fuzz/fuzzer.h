#pragma once

#include "core/base/result.h"

#include <span>
#include <string_view>

namespace perch::fuzz {

/// One fuzzer: a parser of foreign bytes and what must hold for every input. It returns when all is well and calls
/// `require` where a property does not hold; crashes and leaks are found by the sanitizers. One thread.
struct Fuzzer {
    const char* name;
    void (*run)(std::string_view bytes);
};

/// All fuzzers of the program, in the order of their names.
std::span<const Fuzzer> allFuzzers();

/// Makes a fuzzer known; see PERCH_FUZZER.
struct Registration {
    Registration(const char* name, void (*run)(std::string_view bytes));
};

/// Ends the program when a property does not hold.
void require(bool holds, std::string_view property);
/// Errors are one sentence in UTF-8 of bounded length.
void requireSentence(const Error& error);
template <typename T>
void requireSentence(const Result<T>& result) {
    if (!result)
        requireSentence(result.error());
}

/// Takes `count` bytes off the front, fewer if there are no more: for the choices of an input.
std::string_view takeBytes(std::string_view& bytes, std::size_t count);
/// What stands before the first line break, taken off: for inputs of two texts.
std::string_view takeLine(std::string_view& bytes);

/// The standard entry of libFuzzer, so that each fuzzer also runs under another engine: runs the one that is chosen.
void choose(const Fuzzer& fuzzer);

} // namespace perch::fuzz

/// PERCH_FUZZER(link_header) { ... bytes ... }
#define PERCH_FUZZER(name)                                                                                             \
    static void fuzz_##name(std::string_view bytes);                                                                   \
    static const ::perch::fuzz::Registration registered_##name(#name, fuzz_##name);                                    \
    static void fuzz_##name(std::string_view bytes)
