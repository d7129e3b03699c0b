#define CAF_SUITE tls

#include "xprober/net/tls.hpp"

#include <fstream>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_future.hpp>

#include "net/io_thread.hpp"
#include "net/test_certs.hpp"
#include "net/thrown.hpp"
#include "xprober/net/connect.hpp"
#include "xprober/net/listener.hpp"
#include "xprober/net/stream.hpp"

#include "caf/test/unit_test.hpp"

namespace tls_suite {

using namespace xprober;
using namespace xprober::net;
using namespace std::chrono_literals;

namespace {

struct fixture {
  ~fixture() {
    io.on_thread([this] { port.reset(); });
    io.stop();
  }

  tls_files server_files() const {
    tls_files config;
    config.cert_file = certs.path("server.pem");
    config.key_file = certs.path("server.key");
    config.section = "rpc.";
    return config;
  }

  void serve(const tls_files& config) {
    server = server_tls(config);
    port.emplace(io.context, "127.0.0.1:0",
                 [this](tcp::socket socket, std::shared_ptr<session_control>) {
                   return session(std::move(socket));
                 });
  }

  /// Tells in one byte whether the client was verified.
  asio::awaitable<void> session(tcp::socket socket) {
    first_byte = co_await peek_first_byte(socket, 1s);
    auto connection = tls_stream(std::move(socket), *server);
    problem = co_await connection->handshake_as_server(2s);
    if (!problem.empty()) {
      co_return;
    }
    const std::string text = connection->peer_verified() ? "v" : "-";
    std::vector<asio::const_buffer> parts{asio::buffer(text)};
    co_await connection->write(std::move(parts), 1s);
    co_await connection->finish();
  }

  /// What the client reads, or "error: ..." of its handshake.
  std::string talk(const tls_files& config, const std::string& host) {
    const auto context = client_tls(config);
    return asio::co_spawn(io.context, client(*context, host), asio::use_future).get();
  }

  asio::awaitable<std::string> client(asio::ssl::context& context, std::string host) {
    tcp::socket socket{io.context};
    co_await connect_tcp(socket, port->local_endpoint(), 1s);
    auto connection = tls_stream(std::move(socket), context);
    const auto failed = co_await connection->handshake_as_client(host, 2s);
    if (!failed.empty()) {
      co_return "error: " + failed;
    }
    char byte = 0;
    const auto got = co_await connection->read_some(asio::buffer(&byte, 1), 2s);
    if (got.error) {
      co_return "error: " + got.error.message();
    }
    co_return std::string(1, byte);
  }

  test::test_certs certs;
  std::shared_ptr<asio::ssl::context> server;
  std::optional<listener> port;
  int first_byte = -1;
  std::string problem;
  test::io_thread io;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(tls_tests, fixture)

CAF_TEST(a_client_that_trusts_the_authority_connects) {
  serve(server_files());
  tls_files config;
  config.ca_file = certs.path("ca.pem");
  CAF_CHECK_EQUAL(talk(config, "127.0.0.1"), "-");
  CAF_CHECK_EQUAL(first_byte, tls_first_byte);
  CAF_CHECK_EQUAL(talk(config, "localhost"), "-");
}

CAF_TEST(a_wrong_name_and_a_foreign_authority_are_refused) {
  serve(server_files());
  tls_files config;
  config.ca_file = certs.path("ca.pem");
  const auto name = talk(config, "other.example");
  CAF_MESSAGE(name);
  CAF_CHECK(has(name, "ertificate"));
  CAF_CHECK(has(name, "ostname mismatch"));
  CAF_CHECK(has(talk(config, "127.0.0.2"), "IP address mismatch"));
  CAF_CHECK(has(talk(config, "fe80::1%lo"), "IP address mismatch"));
  config.ca_file = certs.path("other-ca.pem");
  const auto foreign = talk(config, "127.0.0.1");
  CAF_MESSAGE(foreign);
  CAF_CHECK(has(foreign, "certificate not accepted"));
}

CAF_TEST(with_a_client_authority_clients_need_a_certificate) {
  auto files = server_files();
  files.client_ca_file = certs.path("ca.pem");
  serve(files);
  tls_files config;
  config.ca_file = certs.path("ca.pem");
  // TLS 1.3 tells the client after its handshake, so it sees the error when it reads.
  CAF_CHECK(has(talk(config, "127.0.0.1"), "error: "));
  CAF_REQUIRE(test::eventually([&] { return io.on_thread([&] { return !problem.empty(); }); }));
  config.cert_file = certs.path("client.pem");
  config.key_file = certs.path("client.key");
  CAF_CHECK_EQUAL(talk(config, "127.0.0.1"), "v");
}

CAF_TEST(unusable_files_are_named) {
  const auto server_error = [](const tls_files& config) {
    return test::thrown<setup_error>([&] { server_tls(config); });
  };
  CAF_CHECK(server_tls({}) == nullptr);
  auto config = server_files();
  config.cert_file = certs.path("missing.pem");
  CAF_CHECK(has(server_error(config), "rpc.cert_file: " + config.cert_file + ": cannot be read"));
  config = server_files();
  config.key_file = certs.path("client.key");
  CAF_CHECK(has(server_error(config), "rpc.key_file: " + config.key_file));
  config = server_files();
  config.key_file.clear();
  CAF_CHECK(has(server_error(config), "rpc.key_file"));
  config = server_files();
  config.client_ca_file = certs.path("server.key");
  CAF_CHECK(has(server_error(config), "rpc.client_ca_file"));
  config = {};
  config.section = "remote_write.";
  config.client_ca_file = certs.path("ca.pem");
  CAF_CHECK(has(server_error(config), "remote_write.cert_file: (not set): "));
  config.ca_file = certs.path("client.key");
  CAF_CHECK(has(test::thrown<setup_error>([&] { client_tls(config); }),
                "remote_write.ca_file: " + config.ca_file + ": "));
  config.section = "--";
  CAF_CHECK(has(test::thrown<setup_error>([&] { client_tls(config); }),
                "--ca-file: " + config.ca_file + ": "));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace tls_suite
