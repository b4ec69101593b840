// Runs a fuzzer without an engine: replays its corpus, then changes what is in it, the same way each time.
//   fuzz [--inputs N] [--seconds S] NAME CORPUS_DIR      one fuzzer
//   fuzz --list                                          their names
//   fuzz NAME FILE                                       one input
// Exits 0 when every property held; ends by a signal when one did not, with the input in ./fuzz-<name>.input.
#include "tests/fuzz/fuzzer.h"

#include "core/base/file.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <random>
#include <string>
#include <unistd.h>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using namespace perch;

constexpr std::size_t kLongestInput = 1 << 16;
/// Bits of what parsers of this project read; changed inputs get further by them than by random bytes.
constexpr std::string_view kTokens[] = {
    "{", "}", "[", "]", "\"", ":", ",", ",,", "\n", "\r\n", "\t", "\\", "\\u0000", "\\ud800", "null", "true", "false",
    "0", "-1", "1e999", "1e-999", "-0", "9223372036854775808", "18446744073709551616", "0.1", "NaN", "inf", "v1", "v0",
    "\"\"", "=", "&", "%", "%00", "%ZZ", "../", "/", "**", "*", "[!", "]", "<", ">", ";", "rel=next", "\xFF", "\xC3",
    "\xED\xA0\x80", "\xEF\xBB\xBF", "\xE2\x82\xAC", "(", ")", "$", "'", " ", "- ", ": ", "&a ", "*a", "!!", "|", "#",
    "2026-02-29", "T24:00:00Z", "+18:00", "\x1F\x8B\x08", "\x28\xB5\x2F\xFD", "Content-Length: 5\r\n", "\r\n\r\n",
    "Transfer-Encoding: chunked\r\n", "HTTP/1.1", "POST ", "0\r\n\r\n", "is", "not", "missing", ">=", "!="};

std::string current;
char crashFile[256];

void keepInput() {
    const int file = ::open(crashFile, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (file < 0)
        return;
    const bool written = ::write(file, current.data(), current.size()) == static_cast<ssize_t>(current.size());
    ::close(file);
    std::fprintf(stderr, "\nThe input %s in %s.\n", written ? "is" : "could not be written:", crashFile);
}

void onAbort(int signal) {
    keepInput();
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void watchForCrashes(const char* name) {
    std::snprintf(crashFile, sizeof crashFile, "fuzz-%s.input", name);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_set_death_callback(keepInput);
#endif
    std::signal(SIGABRT, onAbort);
}

void runInput(std::string input) {
    current = std::move(input);
    // In a block of its own size, so that the sanitizer sees a read past its end.
    std::vector<std::uint8_t> exact(current.begin(), current.end());
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

class Mutator {
public:
    explicit Mutator(const std::vector<std::string>& corpus) : m_corpus(corpus) {}

    std::string next() {
        std::string input = pick(m_corpus);
        for (std::size_t changes = 1 + below(4); changes > 0; --changes)
            change(input);
        input.resize(std::min(input.size(), kLongestInput));
        return input;
    }

private:
    // The distributions of the standard library differ between platforms; the engine does not.
    std::size_t below(std::size_t count) { return static_cast<std::size_t>(m_random() % std::max<std::size_t>(count, 1)); }
    const std::string& pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

    void change(std::string& input) {
        const std::size_t at = below(input.size() + 1);
        const std::size_t length = 1 + below(std::min<std::size_t>(input.size() - at + 1, 32));
        switch (below(7)) {
        case 0:
            if (at < input.size())
                input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
            break;
        case 1:
            input.erase(at, length);
            break;
        case 2:
            input.insert(at, std::string(length, static_cast<char>(below(256))));
            break;
        case 3:
            input.insert(at, input.substr(at, length));
            break;
        case 4: {
            const std::string& other = pick(m_corpus);
            const std::size_t from = below(other.size() + 1);
            input.replace(at, length, other.substr(from, 1 + below(64)));
            break;
        }
        case 5:
            input.insert(at, kTokens[below(std::size(kTokens))]);
            break;
        default:
            input.replace(at, std::min<std::size_t>(length, 4), kTokens[below(std::size(kTokens))]);
        }
    }

    const std::vector<std::string>& m_corpus;
    std::mt19937_64 m_random{20261122};
};

/// The files of a corpus in the order of their names.
std::vector<std::string> readCorpus(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(folder, code))
        files.push_back(entry.path());
    std::ranges::sort(files);
    std::vector<std::string> inputs;
    for (const auto& file : files) {
        if (Result<std::string> bytes = readFile(file))
            inputs.push_back(*std::move(bytes));
    }
    return inputs;
}

int run(const fuzz::Fuzzer& fuzzer, const std::filesystem::path& path, std::size_t inputs, double seconds) {
    watchForCrashes(fuzzer.name);
    fuzz::choose(fuzzer);
    const bool one = std::filesystem::is_regular_file(path);
    const std::vector<std::string> corpus = one ? std::vector{readFile(path).value_or("")} : readCorpus(path);
    if (corpus.empty()) {
        std::fprintf(stderr, "There is no corpus in %s.\n", path.c_str());
        return 2;
    }
    for (const std::string& input : corpus)
        runInput(input);
    if (one)
        return 0;
    Mutator mutator(corpus);
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    std::size_t done = 0;
    for (; done < inputs && std::chrono::steady_clock::now() < end; ++done)
        runInput(mutator.next());
    std::printf("%s: %zu inputs of the corpus and %zu changed ones\n", fuzzer.name, corpus.size(), done);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    std::size_t inputs = 20'000;
    double seconds = 0.25;
    std::vector<const char*> places;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--inputs" && i + 1 < argc)
            inputs = std::strtoull(argv[++i], nullptr, 10);
        else if (argument == "--seconds" && i + 1 < argc)
            seconds = std::strtod(argv[++i], nullptr);
        else if (argument == "--list") {
            for (const fuzz::Fuzzer& fuzzer : fuzz::allFuzzers())
                std::puts(fuzzer.name);
            return 0;
        } else
            places.push_back(argv[i]);
    }
    for (const fuzz::Fuzzer& fuzzer : fuzz::allFuzzers()) {
        if (places.size() == 2 && std::strcmp(fuzzer.name, places[0]) == 0)
            return run(fuzzer, places[1], inputs, seconds);
    }
    std::fputs("fuzz [--inputs N] [--seconds S] NAME CORPUS_DIR|FILE; fuzz --list\n", stderr);
    return 2;
}
