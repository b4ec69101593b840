#pragma once

#include "core/kube/api_client.h"
#include "core/kube/object_sink.h"
#include "tests/support/test_support.h"
#include "tests/support/tls/played_server.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace perch::kube {

/// A context for a server that a test plays, on the test's own clock.
class KubeFixture : public ::testing::Test {
protected:
    test::TestAuthority m_authority;
    test::Folder m_folder;
    ManualClock m_clock{SystemTime(std::chrono::hours(500'000))};

    KubeAccess accessTo(const test::PlayedServer& server) const {
        KubeAccess access{.context = "shop", .nameSpace = "models"};
        access.cluster.server = server.url();
        access.cluster.authority = m_authority.certificate();
        access.user.token = Secret("hush-hush");
        return access;
    }
    ApiClient client(KubeAccess access) {
        return ApiClient(test::valueOf(
            ApiSession::open(std::move(access), {.path = m_folder.path().string() + ":/usr/bin:/bin"}, m_clock)));
    }
    ApiClient clientOf(const test::PlayedServer& server) { return client(accessTo(server)); }

    /// An executable script in the folder that the client's PATH begins with.
    std::string script(std::string_view name, std::string_view body) const {
        const std::filesystem::path file = m_folder / name;
        EXPECT_TRUE(writeFileAtomically(file, "#!/bin/sh\n" + std::string(body)));
        std::filesystem::permissions(file, std::filesystem::perms::owner_all);
        return file.string();
    }
};

/// Writes down what a list or a watch tells: `listing`, `put a@1`, `listed`, `removed a@3`, `failed timeout`. From any
/// thread.
class RecordingSink final : public ObjectSink {
public:
    void listing() override { note("listing"); }
    void put(const nlohmann::json& object) override { note("put " + nameOf(object)); }
    void listed() override { note("listed"); }
    void removed(const nlohmann::json& object) override { note("removed " + nameOf(object)); }
    void failed(const Error& error, std::chrono::milliseconds) override {
        note("failed " + std::string(toString(error.code)) + ": " + error.message);
    }
    void recovered() override { note("recovered"); }

    std::vector<std::string> notes() const {
        const std::scoped_lock lock(m_mutex);
        return m_notes;
    }
    bool has(std::string_view beginning) const {
        const std::scoped_lock lock(m_mutex);
        return std::ranges::any_of(m_notes, [&](const std::string& note) { return note.starts_with(beginning); });
    }

private:
    static std::string nameOf(const nlohmann::json& object) {
        const nlohmann::json& metadata = object.at("metadata");
        return metadata.value("name", "?") + "@" + metadata.value("resourceVersion", "?");
    }
    void note(std::string text) {
        const std::scoped_lock lock(m_mutex);
        m_notes.push_back(std::move(text));
    }
    mutable std::mutex m_mutex;
    std::vector<std::string> m_notes;
};

/// `{"metadata":{"name":"a","resourceVersion":"1"}}`
inline std::string objectText(std::string_view name, int version) {
    return fmt::format(R"({{"metadata":{{"name":"{}","resourceVersion":"{}"}}}})", name, version);
}

/// A page of a list.
inline std::string pageText(std::string_view items, int version, std::string_view next = "") {
    return fmt::format(R"({{"kind":"PodList","metadata":{{"resourceVersion":"{}","continue":"{}"}},"items":[{}]}})",
                       version, next, items);
}

/// One line of a watch.
inline std::string eventText(std::string_view type, std::string_view object) {
    return fmt::format(R"({{"type":"{}","object":{}}})", type, object) + "\n";
}

inline std::string statusText(int code, std::string_view reason, std::string_view message,
                              std::string_view details = "{}") {
    return fmt::format(
        R"({{"kind":"Status","apiVersion":"v1","status":"Failure","code":{},"reason":"{}","message":{},"details":{}}})",
        code, reason, nlohmann::json(message).dump(), details);
}

} // namespace perch::kube
