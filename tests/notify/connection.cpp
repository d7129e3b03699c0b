#define CAF_SUITE connection

#include "xprober/notify/connection.hpp"

#include <filesystem>
#include <fstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <unistd.h>

#include "net/thrown.hpp"
#include "notify/peer.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/notify/signature.hpp"

#include "caf/test/dsl.hpp"

namespace connection_suite {

using namespace xprober;
using namespace xprober::notify;
using namespace std::chrono_literals;

namespace {

struct fixture {
  fixture() {
    std::ofstream{secret} << "hush\n";
    setup.name = "webhook:x";
    setup.content_type = "application/json";
    setup.to.url = peer.url() + "/hook?a=b";
  }
  ~fixture() { std::filesystem::remove(secret); }

  delivery_answer post(const delivery_request& request) {
    auto& io = peer.io;
    std::optional<receiver_connection> one;
    io.on_thread([&] { one.emplace(io.context, setup); });
    auto answer = asio::co_spawn(io.context, one->post(request), asio::use_future).get();
    io.on_thread([&] {
      one->close();
      one.reset();
    });
    CAF_MESSAGE(answer.text);
    return answer;
  }

  std::string problem() {
    return test::thrown<net::setup_error>([&] {
      asio::io_context io;
      receiver_connection{io, setup};
    });
  }

  test::http_peer peer;
  receiver_setup setup;
  std::string secret =
      (std::filesystem::temp_directory_path() / ("xprober-notify-" + std::to_string(::getpid())))
          .string();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(connection_tests, fixture)

CAF_TEST(a request has the headers that it needs and no others) {
  setup.to.headers = {{"X-Org", "me"}};
  const auto got = post({"{}", "7-3"});
  CAF_CHECK_EQUAL(got.status, 200u);
  const auto all = peer.requests();
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK(all[0].head.starts_with("POST /hook?a=b HTTP/1.1\r\n"));
  CAF_CHECK(all[0].has_line("Content-Type: application/json"));
  CAF_CHECK(all[0].has_line("Idempotency-Key: 7-3"));
  CAF_CHECK(all[0].has_line("X-Org: me"));
  CAF_CHECK(all[0].header("X-Xprober-Signature").empty());
  CAF_CHECK(all[0].header("Authorization").empty());
  CAF_CHECK_EQUAL(all[0].body, "{}");
}

CAF_TEST(a secret signs the body as it is sent) {
  setup.secret_file = secret;
  post({"the body", "7-3"});
  const auto got = peer.requests().at(0).header("X-Xprober-Signature");
  CAF_REQUIRE(got.starts_with("t="));
  const auto at = std::stoll(got.substr(2));
  CAF_CHECK_EQUAL(got, signature("hush", at, "the body"));
}

CAF_TEST(credentials come from the url or from a file) {
  setup.to.bearer_token_file = secret;
  post({"{}"});
  setup.to.bearer_token_file.clear();
  setup.to.url.insert(7, "Aladdin:open%20sesame@");
  post({"{}"});
  const auto all = peer.requests();
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK_EQUAL(all[0].header("Authorization"), "Bearer hush");
  CAF_CHECK(all[1].header("Authorization").starts_with("Basic "));
}

CAF_TEST(a refusal is told with its beginning and its wait) {
  peer.answer_next("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\n");
  const auto got = post({"{}"});
  CAF_CHECK_EQUAL(got.status, 429u);
  CAF_CHECK_EQUAL(got.text, "HTTP 429: text");
  CAF_CHECK(got.retry_after == 7s);
}

CAF_TEST(where nobody listens there is no answer and a reason) {
  setup.to.url = "http://127.0.0.1:1/";
  const auto got = post({"{}"});
  CAF_CHECK_EQUAL(got.status, 0u);
  CAF_CHECK(!got.text.empty());
}

CAF_TEST(what cannot be used is named with its key and without what may be secret) {
  setup.to.url = "ftp://h/secret";
  const auto of_url = problem();
  CAF_CHECK(of_url.starts_with("alerts.webhooks.url: "));
  CAF_CHECK(of_url.find("secret") == std::string::npos);
  setup.to.url = "https://h/";
  setup.to.ca_file = secret + ".gone";
  CAF_CHECK(problem().starts_with("alerts.webhooks.ca_file: " + setup.to.ca_file + ": "));
  setup.to.ca_file.clear();
  setup.secret_file = secret + ".gone";
  asio::io_context io;
  const receiver_connection one{io, setup};
  CAF_CHECK(one.check().starts_with("alerts.webhooks.secret_file: " + secret + ".gone: "));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace connection_suite
