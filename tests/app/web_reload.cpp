#define CAF_SUITE web_reload

#include "xprober/app/web_reload.hpp"

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>

#include "net/io_thread.hpp"
#include "net/raw_client.hpp"
#include "net/test_certs.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace web_reload_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const std::string first_token = "operators-0123456789";
const std::string second_token = "operators-9876543210";

/// A web server whose operators have a token.
struct fixture {
  fixture() {
    log::set_level(log::level::off);
    config.token_file = certs.path("token");
    write(first_token);
    auto credentials = app::read_web_credentials(config, {});
    const auto hash = credentials.hash;
    app::web_port port{"127.0.0.1:0", "http_addr"};
    port.credentials = std::move(credentials);
    web = std::make_unique<app::web_server>(io.context, std::move(port), [](net::router&) {});
    reload = std::make_unique<app::web_reload>(io.context, files, *web, "http_addr", "127.0.0.1:0",
                                               app::web_reload::sections{config, {}}, hash);
  }
  ~fixture() {
    files.refuse();
    web->stop();
    io.stop();
  }

  void write(const std::string& token) const { std::ofstream{config.token_file} << token << '\n'; }

  /// The status of an answer to who shows this token.
  std::string ask(const std::string& token) const {
    const auto address = web->address();
    const auto number = std::stoul(address.substr(address.rfind(':') + 1));
    const boost::asio::ip::tcp::endpoint port{boost::asio::ip::make_address("127.0.0.1"),
                                              static_cast<std::uint16_t>(number)};
    test::raw_client client{port};
    client.send("GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                "Authorization: Bearer " +
                token + "\r\n\r\n");
    const auto answer = client.read_until([](const std::string&) { return false; });
    return answer.size() > 12 ? answer.substr(9, 3) : answer;
  }

  void commit() {
    io.on_thread([this] {
      reload->commit();
      return true;
    });
  }

  test::test_certs certs;
  web_config config;
  test::io_thread io;
  app::reading_thread files;
  std::unique_ptr<app::web_server> web;
  std::unique_ptr<app::web_reload> reload;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(web_reload_tests, fixture)

CAF_TEST(a reload brings the token that the file has now) {
  CAF_CHECK_EQUAL(ask(first_token), "404");
  CAF_CHECK_EQUAL(ask(second_token), "401");
  write(second_token);
  CAF_CHECK_EQUAL(reload->prepare({config, {}}, false), "");
  CAF_CHECK_EQUAL(ask(first_token), "404");
  commit();
  CAF_CHECK_EQUAL(ask(first_token), "401");
  CAF_CHECK_EQUAL(ask(second_token), "404");
}

CAF_TEST(what cannot be used is refused and changes nothing) {
  write("short");
  CAF_CHECK(reload->prepare({config, {}}, false).starts_with("web.token_file: "));
  commit();
  CAF_CHECK_EQUAL(ask(first_token), "404");
}

CAF_TEST(a changed file is found without a reload) {
  reload->watch(20ms);
  CAF_CHECK_EQUAL(ask(first_token), "404");
  write("short");
  write(second_token);
  CAF_CHECK(test::eventually([&] { return ask(second_token) == "404"; }));
  CAF_CHECK_EQUAL(ask(first_token), "401");
}

CAF_TEST(a listener that others reach keeps its protection) {
  auto credentials = app::read_web_credentials(config, {});
  app::web_reload open{io.context,   files,           *web, "http_addr", ":8087",
                       {config, {}}, credentials.hash};
  CAF_CHECK(
      open.prepare({{}, {}}, false).starts_with("http_addr: :8087, where this process listens"));
  CAF_CHECK_EQUAL(open.prepare({{}, {}}, true), "");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace web_reload_suite
