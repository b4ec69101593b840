#pragma once

#include "core/base/result.h"
#include "tests/support/test_support.h"

#include <cstdint>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace perch::test {

/// A program that a test starts and that ends with the object: its whole process group, first asked, then forced.
/// What it says goes to a file.
class ServerProcess {
public:
    /// `user`: run as this user instead, if we are root. Environment entries are `NAME=value`, added to ours.
    ServerProcess(const std::vector<std::string>& command, std::filesystem::path log,
                  const std::vector<std::string>& environment = {});
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    bool running();
    std::string said() const; ///< its output so far

private:
    pid_t m_process = -1;
    std::filesystem::path m_log;
};

std::uint16_t freePort();
bool listens(std::uint16_t port);

/// A PostgreSQL server of its own in a private folder, with the database `shop` and the user `reader` (password
/// `geheim`, may only log in with it). As root it runs as the user postgres.
class PostgresServer {
public:
    /// NotFound with the reason if PostgreSQL is not installed.
    static Result<std::unique_ptr<PostgresServer>> start();
    std::uint16_t port() const { return m_port; }
    /// `host=127.0.0.1 port=... dbname=shop user=reader`
    std::string connection() const;
    /// Runs SQL as the owner of the server; the test fails if that fails.
    void run(const std::string& sql);

private:
    PostgresServer() = default;
    std::unique_ptr<Folder> m_folder;
    std::uint16_t m_port = 0;
    std::unique_ptr<ServerProcess> m_process;
};

/// An S3 server (versitygw) over a private folder; each folder in `root` is a bucket.
class S3Server {
public:
    static constexpr const char* kAccess = "perch-test";
    static constexpr const char* kSecret = "perch-test-secret";
    /// NotFound with the reason if it is neither built nor can be.
    static Result<std::unique_ptr<S3Server>> start();
    std::string endpoint() const;
    /// Writes an object as the store keeps it: `shop/customers/1.csv`.
    void put(const std::string& key, std::string_view bytes);
    std::filesystem::path root() const;

private:
    S3Server() = default;
    Folder m_folder;
    std::uint16_t m_port = 0;
    std::unique_ptr<ServerProcess> m_process;
};

/// tests/support/shopify_server.py over a folder with orders.jsonl and customers.jsonl.
class ShopifyServer {
public:
    static constexpr const char* kToken = "shpat_test";
    /// `flags` such as `--bad-manners`. NotFound without Python.
    static Result<std::unique_ptr<ShopifyServer>> start(const std::filesystem::path& data,
                                                        const std::vector<std::string>& flags = {});
    std::string url(std::string_view resource) const; ///< `orders` or `customers`

private:
    ShopifyServer() = default;
    Folder m_folder;
    std::uint16_t m_port = 0;
    std::unique_ptr<ServerProcess> m_process;
};

} // namespace perch::test
