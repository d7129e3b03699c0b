#define CAF_SUITE connection

#include "xprober/remote_write/connection.hpp"

#include <filesystem>
#include <fstream>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <unistd.h>

#include "net/io_thread.hpp"
#include "net/thrown.hpp"
#include "xprober/net/listener.hpp"
#include "xprober/net/tls.hpp"

#include "caf/test/dsl.hpp"

namespace connection_suite {

using namespace xprober;
using namespace xprober::remote_write;
using namespace std::chrono_literals;

namespace {

struct fixture {
  fixture() {
    std::ofstream{secret, std::ios::binary} << "\xEF\xBB\xBFsecret \n";
    port.emplace(io.context, "127.0.0.1:0",
                 [this](net::tcp::socket socket, std::shared_ptr<net::session_control> control) {
                   return session(net::plain_stream(std::move(socket)), std::move(control));
                 });
    config.url = "http://127.0.0.1:" + std::to_string(port->local_endpoint().port()) + "/write/";
  }
  ~fixture() {
    io.on_thread([this] { port.reset(); });
    io.stop();
    std::filesystem::remove(secret);
  }

  asio::awaitable<void> session(std::unique_ptr<net::stream> connection,
                                std::shared_ptr<net::session_control> control) {
    auto* raw = connection.get();
    const auto attached =
        net::session_control::attach(control, {[raw] { raw->close(); }, [raw] { raw->close(); }});
    ++connections;
    for (;;) {
      char buffer[4096];
      const auto got = co_await raw->read_some(asio::buffer(buffer), 20s);
      if (got.error) {
        co_return;
      }
      request.assign(buffer, got.bytes);
      std::vector<asio::const_buffer> parts{asio::buffer(answer)};
      co_await raw->write(std::move(parts), 1s);
    }
  }

  /// The answer to a request of a new connection, which makes two.
  write_answer post(int times = 1) {
    write_answer got;
    std::optional<remote_connection> one;
    io.on_thread([&] { one.emplace(io.context, config); });
    const std::string body = "body";
    for (int i = 0; i < times; ++i) {
      got = asio::co_spawn(io.context, one->post(body), asio::use_future).get();
    }
    io.on_thread([&] {
      one->close();
      one.reset();
    });
    CAF_MESSAGE(got.text);
    return got;
  }

  std::string problem() {
    return test::thrown<net::setup_error>([&] { remote_connection{io.context, config}; });
  }

  test::io_thread io;
  std::optional<net::listener> port;
  remote_write_config config;
  std::string answer = "HTTP/1.1 204 No Content\r\n\r\n";
  std::string request; ///< the last one; read when it was answered
  int connections = 0;
  std::string secret =
      (std::filesystem::temp_directory_path() / ("xprober-receiver-" + std::to_string(::getpid())))
          .string();
};

std::size_t threads_named(const std::string& name) {
  std::size_t found = 0;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::ifstream file{task.path() / "comm"};
    std::string line;
    std::getline(file, line);
    found += line == name ? 1 : 0;
  }
  return found;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(connection_tests, fixture)

CAF_TEST(a request is what receivers expect and its connection is kept) {
  config.headers = {{"X-Scope-OrgID", "me"}};
  CAF_CHECK_EQUAL(post(3).status, 204u);
  CAF_CHECK_EQUAL(connections, 1);
  CAF_CHECK(request.starts_with("POST /write/ HTTP/1.1\r\n"));
  for (const auto* line :
       {"Content-Type: application/x-protobuf", "Content-Encoding: snappy",
        "X-Prometheus-Remote-Write-Version: 0.1.0", "X-Scope-OrgID: me", "Content-Length: 4"}) {
    CAF_CHECK(has(request, std::string{"\r\n"} + line + "\r\n"));
  }
  CAF_CHECK(!has(request, "Authorization"));
}

CAF_TEST(credentials come from the url or the configuration or a file whose blanks count) {
  const auto sent = [&] {
    post();
    const auto begin = request.find("Authorization: ") + 15;
    return request.substr(begin, request.find("\r\n", begin) - begin);
  };
  config.basic_auth = {"Aladdin", "open sesame", ""};
  CAF_CHECK_EQUAL(sent(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  config.basic_auth = {"Aladdin", "", secret};
  CAF_CHECK_EQUAL(sent(), "Basic QWxhZGRpbjpzZWNyZXQg");
  config.basic_auth = {};
  config.bearer_token_file = secret;
  CAF_CHECK_EQUAL(sent(), "Bearer secret ");
  CAF_CHECK_EQUAL(threads_named("files"), 1u); // no file is read where requests are sent
  config.bearer_token_file.clear();
  const auto url = config.url;
  config.url.insert(7, "Aladdin:open%20sesame@");
  CAF_CHECK(!has(public_url(config.url), "Aladdin"));
  CAF_CHECK_EQUAL(sent(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  config.url = url;
  config.url.insert(7, "user%40x:p%3Aw%2F+@");
  CAF_CHECK_EQUAL(sent(), "Basic dXNlckB4OnA6dy8r"); // user@x:p:w/+
}

CAF_TEST(a refusal is told with its beginning and its wait) {
  answer = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 6\r\n\r\nslow\n!";
  auto got = post();
  CAF_CHECK_EQUAL(got.status, 429u);
  CAF_CHECK_EQUAL(got.text, "HTTP 429: slow !");
  CAF_CHECK(got.retry_after == 7s);
  // Of an answer that is too long the status is enough.
  answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 999999999\r\n\r\nno";
  CAF_CHECK_EQUAL(post().status, 400u);
  answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nno";
  config.timeout = 200ms;
  got = post();
  CAF_CHECK_EQUAL(got.status, 0u);
  CAF_CHECK(has(got.text, "no answer in time"));
}

CAF_TEST(what may be taken later is repeated and nothing is told at the end) {
  const auto fate = [](unsigned status) { return fate_of({status, "", {}}, false); };
  for (const unsigned status : {200U, 204U, 299U}) {
    CAF_CHECK(fate(status) == request_fate::taken);
    CAF_CHECK((fate_of({status, "", {}}, true) == request_fate::given_up));
  }
  for (const unsigned status : {400U, 404U, 499U}) {
    CAF_CHECK(fate(status) == request_fate::refused);
    CAF_CHECK((fate_of({status, "", {}}, true) == request_fate::given_up));
  }
  for (const unsigned status : {0U, 302U, 429U, 500U, 503U}) {
    CAF_CHECK(fate(status) == request_fate::repeated);
  }
}

CAF_TEST(what cannot be used is named with its key) {
  config.url = "ftp://h/";
  CAF_CHECK(problem().starts_with("remote_write.url: ftp://h/: "));
  config.url = "https://u:pw@h/";
  config.ca_file = secret + ".gone";
  CAF_CHECK(problem().starts_with("remote_write.ca_file: " + config.ca_file + ": cannot be read"));
  config.ca_file.clear();
  config.bearer_token_file = secret + ".gone";
  const remote_connection one{io.context, config};
  CAF_CHECK(one.check().starts_with("remote_write.bearer_token_file: " + secret + ".gone: "));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace connection_suite
