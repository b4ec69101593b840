// The start under libFuzzer: which fuzzer runs is told by PERCH_FUZZER, because the engine owns the command line.
#include "tests/fuzz/fuzzer.h"

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/) {
    const char* name = std::getenv("PERCH_FUZZER");
    for (const perch::fuzz::Fuzzer& fuzzer : perch::fuzz::allFuzzers()) {
        if (name != nullptr && std::string_view(fuzzer.name) == name) {
            perch::fuzz::choose(fuzzer);
            return 0;
        }
    }
    std::fputs("PERCH_FUZZER must be one of:\n", stderr);
    for (const perch::fuzz::Fuzzer& fuzzer : perch::fuzz::allFuzzers())
        std::fprintf(stderr, "  %s\n", fuzzer.name);
    std::exit(2);
}
