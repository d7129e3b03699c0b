#define CAF_SUITE list_fetch

#include "xprober/discovery/list_fetch.hpp"

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "net/io_thread.hpp"
#include "storage/folder.hpp"

#include "caf/test/unit_test.hpp"

namespace list_fetch_suite {

using namespace xprober;
using namespace xprober::service_discovery;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// Takes one connection, reads a request and answers with a text; keeps it open where it shall
/// hang.
class one_answer {
public:
  explicit one_answer(std::string answer, bool hang = false)
      : acceptor_(context_, {asio::ip::make_address("127.0.0.1"), 0}),
        thread_([this, answer = std::move(answer), hang] { serve(answer, hang); }) {}
  ~one_answer() {
    release_.set_value();
    thread_.join();
  }

  std::string url(const std::string& path = "/sd?x=1") const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + path;
  }
  const std::string& request() const { return request_; } ///< after the answer

private:
  void serve(const std::string& answer, bool hang) {
    boost::system::error_code error;
    tcp::socket peer{context_};
    acceptor_.accept(peer, error);
    asio::read_until(peer, asio::dynamic_buffer(request_), "\r\n\r\n", error);
    asio::write(peer, asio::buffer(answer), error);
    if (hang) {
      release_.get_future().wait();
    }
    peer.shutdown(tcp::socket::shutdown_send, error);
  }

  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::promise<void> release_;
  std::string request_;
  std::thread thread_;
};

std::string response(const std::string& body, const std::string& type = "application/json",
                     const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct fixture {
  test::io_thread io;
  list_fetch fetcher{io.context};

  read_text get(const std::string& url, std::uint64_t max_body = 1024, milliseconds timeout = 10s,
                std::string authorization = "") {
    list_request request;
    request.source.url = url;
    request.source.max_body = max_body;
    request.source.timeout = timeout;
    request.source.refresh_interval = 1500ms;
    request.authorization = std::move(authorization);
    auto promise = std::make_shared<std::promise<read_text>>();
    fetcher.fetch(std::move(request), [promise](read_text text) { promise->set_value(text); });
    auto future = promise->get_future();
    CAF_REQUIRE(future.wait_for(20s) == std::future_status::ready);
    auto answer = future.get();
    CAF_MESSAGE(answer.error);
    return answer;
  }

  std::string error_of(const std::string& answer) {
    const one_answer server{answer};
    auto got = get(server.url());
    CAF_CHECK_EQUAL(got.error.find(server.url() + ": "), 0u);
    return got.error.substr(std::min(got.error.size(), server.url().size() + 2));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(list_fetch_tests, fixture)

CAF_TEST(a list is asked for as Prometheus does) {
  std::string request;
  {
    const one_answer server{response("[1]", "Application/JSON; charset=\"UTF-8\"")};
    const auto got = get(server.url(), 1024, 10s, "Bearer secret");
    CAF_CHECK(got.ok());
    CAF_CHECK_EQUAL(got.text, "[1]");
    request = server.request();
  }
  CAF_CHECK(request.starts_with("GET /sd?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"));
  for (const auto* line :
       {"X-Prometheus-Refresh-Interval-Seconds: 1.5\r\n", "Authorization: Bearer secret\r\n",
        "Accept: application/json\r\n", "User-Agent: xprober/"}) {
    CAF_CHECK(request.find(line) != std::string::npos);
  }
}

CAF_TEST(bodies of every form are read to their end) {
  {
    const one_answer server{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n1\r\n]\r\n0\r\n\r\n"};
    CAF_CHECK_EQUAL(get(server.url()).text, "[1]");
  }
  const one_answer server{"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[1]"};
  CAF_CHECK_EQUAL(get(server.url("")).text, "[1]");
}

CAF_TEST(what is no list in JSON is refused) {
  CAF_CHECK_EQUAL(error_of(response("[]", "text/html")),
                  "the Content-Type is text/html; wanted is application/json");
  CAF_CHECK_EQUAL(error_of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"),
                  "there is no Content-Type; wanted is application/json");
  CAF_CHECK_EQUAL(error_of(response("", "text/plain", "500 Oops")),
                  "the status is 500; wanted is 200");
  CAF_CHECK_EQUAL(
      error_of("HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n"),
      "the status is 302 (to http://x/, which is not followed); wanted is 200");
  {
    const one_answer server{"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n"
                            "Location: https://me:pw@h/sd?token=sd-secret&old=sd-secret\r\n\r\n"};
    const auto error = get(server.url("/sd?token=sd-secret")).error;
    CAF_CHECK(error.ends_with("the status is 301 (to https://h/sd?token=***&old=***, which is not "
                              "followed); wanted is 200"));
    CAF_CHECK_EQUAL(error.find("secret"), std::string::npos);
  }
  CAF_CHECK(error_of("nonsense\r\n\r\n").starts_with("this is not an HTTP answer"));
  CAF_CHECK_EQUAL(error_of(""), "the server closed the connection");
  CAF_CHECK(
      error_of("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n[]")
          .starts_with("this is not an HTTP answer, or a part of one"));
}

CAF_TEST(large and slow answers are bounded) {
  {
    const one_answer server{response(std::string(1025, ' '))};
    CAF_CHECK(get(server.url()).error.ends_with("the answer is larger than 1024 bytes (max_body)"));
  }
  const one_answer server{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[", true};
  const auto got = get(server.url(), 1024, 300ms);
  CAF_CHECK(got.error.find("in time") != std::string::npos);
}

CAF_TEST(who does not listen is named) {
  CAF_CHECK(get("http://127.0.0.1:1/")
                .error.starts_with("http://127.0.0.1:1/: connect 127.0.0.1:1: Connection refused"));
  CAF_CHECK(!get("https://127.0.0.1:1/").ok());
}

CAF_TEST(files of TLS are read by who asks and not where the answers come in) {
  const test::folder folder;
  const auto file = folder.file("ca.pem");
  std::ofstream{file} << "this is no certificate";
  list_request request;
  request.source.url = "https://127.0.0.1:1/";
  request.source.ca_file = file;
  std::promise<void> go_on;
  boost::asio::post(io.context, [&] { go_on.get_future().wait(); });
  auto promise = std::make_shared<std::promise<read_text>>();
  fetcher.fetch(request, [promise](read_text text) { promise->set_value(text); });
  std::filesystem::remove(file);
  go_on.set_value();
  const auto error = promise->get_future().get().error;
  CAF_MESSAGE(error);
  CAF_CHECK(error.starts_with("https://127.0.0.1:1/: target_urls.ca_file: " + file + ": "));
  CAF_CHECK_EQUAL(error.find("No such file"), std::string::npos);
}

CAF_TEST(types of JSON) {
  for (const auto* good : {"application/json", "application/json; charset=utf-8",
                           "APPLICATION/JSON;charset=\"utf-8\""}) {
    CAF_CHECK(is_json_type(good));
  }
  for (const auto* bad :
       {"", "text/json", "application/json; charset=latin1", "application/jsonx"}) {
    CAF_CHECK(!is_json_type(bad));
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace list_fetch_suite
