#include "core/http/client.h"
#include "tests/server/server_program.h"
#include "tests/serving/serving_fixture.h"

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include <map>
#include <set>

/// The program, run as the manifests of k8s/ run it: with their arguments, asked by their probes at their ports.
namespace perch::test {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::Key;

/// The first object of a kind in a file of k8s/.
YAML::Node objectOf(const std::string& file, const std::string& kind) {
    for (const YAML::Node& document : YAML::LoadAllFromFile((sourceFolder() / "k8s" / file).string())) {
        if (document["kind"].as<std::string>() == kind)
            return document;
    }
    ADD_FAILURE() << file << " has no " << kind;
    return {};
}

void replace(std::string& text, const std::string& what, const std::string& with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
        text.replace(at, what.size(), with);
}

/// A container of a manifest and the program that it starts.
class Container {
public:
    explicit Container(const YAML::Node& object)
        : m_template(object["spec"]["template"]), m_node(m_template["spec"]["containers"][0]) {
        for (const YAML::Node& port : m_node["ports"])
            m_named[port["name"].as<std::string>()] = port["containerPort"].as<std::string>();
    }

    /// What the variables of the arguments stand for; `given` are the labels that an overlay sets.
    std::map<std::string, std::string> variables(const std::map<std::string, std::string>& given) const {
        std::map<std::string, std::string> values;
        for (const YAML::Node& entry : m_node["env"]) {
            std::string value = entry["value"].as<std::string>("");
            if (value.empty()) {
                const std::string path = entry["valueFrom"]["fieldRef"]["fieldPath"].as<std::string>();
                const std::size_t begin = path.find('\'') + 1;
                value = given.at(path.substr(begin, path.rfind('\'') - begin));
            }
            values["$(" + entry["name"].as<std::string>() + ")"] = value;
        }
        EXPECT_EQ(values["$(VERSION)"], m_template["metadata"]["labels"]["perch.dev/version"].as<std::string>());
        return values;
    }

    /// Starts the program with its arguments after `replaced`, on loopback and free ports.
    void start(const std::map<std::string, std::string>& replaced) {
        std::vector<std::string> arguments;
        std::map<std::string, std::string> listensOn; ///< port of the manifest by option
        for (const YAML::Node& given : m_node["args"]) {
            std::string argument = given.as<std::string>();
            for (const auto& [what, with] : replaced)
                replace(argument, what, with);
            EXPECT_EQ(argument.find("$("), std::string::npos) << argument;
            for (const std::string option : {"--port=", "--metrics-port="}) {
                if (!argument.starts_with(option))
                    continue;
                listensOn[option] = argument.substr(option.size());
                argument = option + "0";
            }
            m_drains = argument.starts_with("--drain-seconds=") ? std::stoi(argument.substr(16)) : m_drains;
            arguments.push_back(argument == "--address=0.0.0.0" ? "--address=127.0.0.1" : argument);
            m_listensToAll = m_listensToAll || argument == "--address=0.0.0.0";
        }
        m_program = std::make_unique<Program>(arguments);
        const std::string line = m_program->readyLine();
        ASSERT_NE(line, "") << m_program->errors();
        const json ready = json::parse(line);
        m_real[listensOn["--port="]] = ready["port"].get<int>();
        if (ready.contains("metrics_port"))
            m_real[listensOn["--metrics-port="]] = ready["metrics_port"].get<int>();
    }

    std::string url(const std::string& portName, const std::string& path) const {
        return fmt::format("http://127.0.0.1:{}{}", m_real.at(m_named.at(portName)), path);
    }

    /// What a node does with the container: asks its probes, then ends it.
    void live() {
        EXPECT_TRUE(m_listensToAll) << "a Pod is reached by its own address";
        for (const auto& [name, number] : m_named)
            EXPECT_THAT(m_real, Contains(Key(number))) << "nothing listens on " << name;
        for (const char* probe : {"startupProbe", "readinessProbe", "livenessProbe"}) {
            const YAML::Node get = m_node[probe]["httpGet"];
            EXPECT_EQ(status(url(get["port"].as<std::string>(), get["path"].as<std::string>())), 200) << probe;
        }
        const int before = m_node["lifecycle"]["preStop"]["sleep"]["seconds"].as<int>(0);
        EXPECT_GT(m_template["spec"]["terminationGracePeriodSeconds"].as<int>(), before + m_drains);
        m_program->signal(SIGTERM);
        EXPECT_EQ(m_program->exitCode(), 0);
    }

    int status(const std::string& url) { return valueOf(m_client.send({.url = url})).status; }
    std::set<std::string> portNames() const {
        std::set<std::string> names;
        for (const auto& [name, number] : m_named)
            names.insert(name);
        return names;
    }

private:
    YAML::Node m_template, m_node;
    std::map<std::string, std::string> m_named; ///< ports of the manifest by name
    std::map<std::string, int> m_real;          ///< where the program listens, by port of the manifest
    int m_drains = 0;
    bool m_listensToAll = false;
    std::unique_ptr<Program> m_program;
    http::Client m_client;
};

void expectTargets(const YAML::Node& service, const Container& container) {
    for (const YAML::Node& port : service["spec"]["ports"])
        EXPECT_THAT(container.portNames(), Contains(port["targetPort"].as<std::string>()));
}

TEST(Manifests, RunTheModelServerAndTheTruthStore) {
    const ServedChurn& churn = ServedChurn::instance();
    const Folder folder;
    std::filesystem::create_directories(folder / "packages/churn");
    std::filesystem::create_directories(folder / "data");
    std::filesystem::create_directory_symlink(churn.package, folder / "packages/churn/v1");

    Container truth(objectOf("shared/truth.yaml", "StatefulSet"));
    expectTargets(objectOf("shared/truth.yaml", "Service"), truth);
    truth.start({{"/data/", (folder / "data/").string()}});
    if (HasFatalFailure())
        return;

    Container server(objectOf("base/deployment.yaml", "Deployment"));
    expectTargets(objectOf("base/service.yaml", "Service"), server);
    std::map<std::string, std::string> replaced = server.variables({{"perch.dev/model", "churn"}});
    replaced["/packages/"] = (folder / "packages/").string();
    replaced["/etc/perch/"] = (folder / "configuration/").string();
    replaced["http://perch-truth:7070"] = truth.url("truth", "");
    server.start(replaced);
    if (HasFatalFailure())
        return;
    EXPECT_EQ(server.status(server.url("metrics", "/metrics")), 200);
    server.live();
    truth.live();
}

} // namespace
} // namespace perch::test
