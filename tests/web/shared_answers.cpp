#define CAF_SUITE shared_answers

#include "xprober/web/shared_answers.hpp"

#include <chrono>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "caf/test/unit_test.hpp"

namespace shared_answers_suite {

using namespace xprober;
using namespace xprober::web;
namespace asio = boost::asio;
namespace http = net::http;

namespace {

struct fixture {
  fixture() { gate.expires_at(asio::steady_timer::time_point::max()); }

  /// Makes an answer once the gate is open; counts it.
  asio::awaitable<net::http_response> make() {
    const int number = ++made;
    boost::system::error_code ignored;
    co_await gate.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (broken && number == 1) {
      throw std::runtime_error("broken");
    }
    co_return net::text_response(http::status::ok, std::to_string(number));
  }

  void ask(const std::string& key) {
    asio::co_spawn(io, subject->get(key, [this] { return make(); }),
                   [this](const std::exception_ptr& failed, const net::http_response& answer) {
                     told.push_back(failed ? "failed" : answer.body());
                   });
    io.restart();
    io.poll();
  }

  void open() {
    gate.expires_at(asio::steady_timer::time_point::min());
    io.restart();
    io.run_for(std::chrono::seconds{5});
  }

  asio::io_context io;
  asio::steady_timer gate{io};
  std::shared_ptr<shared_answers> subject = std::make_shared<shared_answers>();
  std::vector<std::string> told;
  int made = 0;
  bool broken = false;
};

net::http_request asking(std::string_view target, http::field name = http::field::host,
                         std::string_view value = "here") {
  net::http_request request{http::verb::get, std::string{target}, 11};
  request.set(name, std::string{value});
  return request;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(shared_answers_tests, fixture)

CAF_TEST(equal questions at the same time have one answer) {
  for (int i = 0; i < 3; ++i) {
    ask("a");
  }
  CAF_CHECK_EQUAL(made, 1);
  CAF_CHECK_EQUAL(subject->size(), 1U);
  open();
  CAF_CHECK(told == (std::vector<std::string>{"1", "1", "1"}));
  CAF_CHECK_EQUAL(subject->size(), 0U);
}

CAF_TEST(other questions have their own) {
  ask("a");
  ask("b");
  CAF_CHECK_EQUAL(made, 2);
  open();
  CAF_CHECK_EQUAL(told.size(), 2U);
}

CAF_TEST(nothing is kept) {
  ask("a");
  open();
  ask("a");
  open();
  CAF_CHECK_EQUAL(made, 2);
  CAF_CHECK(told == (std::vector<std::string>{"1", "2"}));
}

CAF_TEST(who waited for one that failed makes it anew) {
  broken = true;
  ask("a");
  ask("a");
  open();
  CAF_REQUIRE_EQUAL(told.size(), 2U);
  CAF_CHECK_EQUAL(told[0], "failed");
  CAF_CHECK_EQUAL(told[1], "2");
  CAF_CHECK_EQUAL(subject->size(), 0U);
}

CAF_TEST(an answer depends on what is asked for and in which form) {
  const net::request_context anybody;
  const auto plain = answer_key(asking("/stats"), anybody);
  CAF_CHECK_EQUAL(answer_key(asking("/stats"), anybody), plain);
  CAF_CHECK_EQUAL(answer_key(asking("/stats", http::field::user_agent, "x"), anybody), plain);
  CAF_CHECK(answer_key(asking("/stats?a=1"), anybody) != plain);
  for (const auto field :
       {http::field::accept, http::field::accept_encoding, http::field::if_none_match,
        http::field::authorization, http::field::cookie}) {
    CAF_CHECK(answer_key(asking("/stats", field, "x"), anybody) != plain);
  }
  net::request_context verified;
  verified.client_verified = true;
  verified.peer = "192.0.2.1:1000";
  CAF_CHECK(answer_key(asking("/stats"), verified) != plain);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace shared_answers_suite
