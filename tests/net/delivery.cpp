#define CAF_SUITE delivery

#include "xprober/net/delivery.hpp"

#include <string>
#include <vector>

#include "net/thrown.hpp"

#include "caf/test/unit_test.hpp"

namespace delivery_suite {

using namespace xprober;

namespace {

net::delivery_target target(const std::string& url) {
  net::delivery_target to;
  to.url = url;
  to.shown = "the first";
  to.tls.section = "senders.";
  return to;
}

std::string problem(const net::delivery_target& to) {
  return test::thrown<net::setup_error>([&] {
    boost::asio::io_context io;
    net::delivery_connection{io, to};
  });
}

} // namespace

CAF_TEST(what may be taken later is sent again and a refusal is for good) {
  for (const unsigned status : {200U, 204U, 299U}) {
    CAF_CHECK(net::outcome_of(status) == net::delivery_outcome::taken);
  }
  for (const unsigned status : {400U, 404U, 422U, 499U}) {
    CAF_CHECK(net::outcome_of(status) == net::delivery_outcome::refused);
  }
  for (const unsigned status : {0U, 302U, 429U, 500U, 503U}) {
    CAF_CHECK(net::outcome_of(status) == net::delivery_outcome::again);
  }
}

CAF_TEST(what cannot be used is named with its key and as it may be shown) {
  for (const auto* url : {"ftp://h/secret", "http://", "secret"}) {
    const auto said = problem(target(url));
    CAF_CHECK(said.starts_with("senders.url: the first is not an http or https URL"));
    CAF_CHECK_EQUAL(said.find("secret"), std::string::npos);
  }
  auto to = target("https://h/");
  to.tls.ca_file = "/nowhere/ca.pem";
  CAF_CHECK(problem(to).starts_with("senders.ca_file: /nowhere/ca.pem: "));
}

CAF_TEST(credentials that cannot be read are named also among many receivers) {
  auto to = target("http://h/");
  boost::asio::io_context io;
  CAF_CHECK_EQUAL((net::delivery_connection{io, to}.check()), "");
  to.bearer_token_file = "/nowhere/token";
  CAF_CHECK((net::delivery_connection{io, to}.check().starts_with(
      "senders.bearer_token_file: /nowhere/token: ")));
  const std::vector<net::delivery_target> all{target("http://h/"), to, target("ftp://h/")};
  CAF_CHECK(net::check_receivers<net::delivery_connection>(all).starts_with(
      "senders.bearer_token_file: "));
  CAF_CHECK_EQUAL(net::check_receivers<net::delivery_connection>(
                      std::vector<net::delivery_target>{target("http://h/")}),
                  "");
}

} // namespace delivery_suite
