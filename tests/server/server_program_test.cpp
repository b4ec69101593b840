#include "core/http/client.h"
#include "tests/server/server_program.h"

#include <nlohmann/json.hpp>

#include <fstream>

namespace perch::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(ServerProgram, TheTruthStoreStartsAndEndsOnRequest) {
    const Folder folder;
    Program program({"truth", "--db", (folder / "truth.db").string(), "--port", "0", "--parent-death"});
    const json ready = json::parse(program.readyLine());
    EXPECT_EQ(ready["ready"], true);
    http::Client client;
    const std::string url = fmt::format("http://127.0.0.1:{}/healthz", ready["port"].get<int>());
    EXPECT_EQ(valueOf(client.send({.url = url})).status, 200);
    program.signal(SIGTERM);
    EXPECT_EQ(program.exitCode(), 0);
}

TEST(ServerProgram, NamesABusyPort) {
    const Folder folder;
    Program first({"truth", "--db", (folder / "1.db").string()});
    const std::string port = std::to_string(json::parse(first.readyLine())["port"].get<int>());
    Program second({"truth", "--db", (folder / "2.db").string(), "--port", port});
    EXPECT_EQ(second.readyLine(), "");
    EXPECT_EQ(second.errors(), "perch-server: Port " + port + " on 127.0.0.1 is already in use by another program.\n");
    EXPECT_EQ(second.exitCode(), 3);
}

TEST(ServerProgram, NamesWhatIsMissingOrWrong) {
    const Folder folder;
    std::ofstream(folder / "perch.yaml") << "model: churn\nserving: {lookup: {max_age: 26h}}\n";
    const std::pair<std::vector<std::string>, std::string> cases[] = {
        {{}, "--package and --version are needed"},
        {{"--package", "/nowhere/package", "--version", "v1"}, "/nowhere/package"},
        {{"--package", folder.path().string(), "--version", "latest"}, "latest"},
        {{"--package", folder.path().string(), "--version", "v1", "--access-log", "/nowhere/log"}, "/nowhere/log"},
        {{"--package", folder.path().string(), "--version", "v1", "--digest", "abc"}, "abc"},
        {{"--package", folder.path().string(), "--version", "v1"}, folder.path().string()},
        {{"--package", folder.path().string(), "--version", "v1", "--config", (folder / "perch.yaml").string()},
         "has serving.lookup without a file"},
    };
    for (const auto& [arguments, expected] : cases) {
        Program program(arguments);
        EXPECT_EQ(program.readyLine(), "");
        EXPECT_THAT(program.errors(), HasSubstr(expected));
        EXPECT_EQ(program.exitCode(), 2);
    }
}

} // namespace
} // namespace perch::test
