#define CAF_SUITE spelling

#include "xprober/domain/spelling.hpp"

#include <array>
#include <initializer_list>

#include "caf/test/unit_test.hpp"

namespace spelling_suite {

using namespace xprober;

namespace {

std::string meant(std::string_view word, std::initializer_list<std::string_view> known) {
  spelling search{word};
  for (const auto one : known) {
    search.offer(one);
  }
  return search.best();
}

} // namespace

CAF_TEST(the distance counts changes of letters) {
  CAF_CHECK_EQUAL(spelling_distance("", ""), 0U);
  CAF_CHECK_EQUAL(spelling_distance("ping", "ping"), 0U);
  CAF_CHECK_EQUAL(spelling_distance("", "ping"), 4U);
  CAF_CHECK_EQUAL(spelling_distance("ping", ""), 4U);
  CAF_CHECK_EQUAL(spelling_distance("pign", "ping"), 1U);
  CAF_CHECK_EQUAL(spelling_distance("pin", "ping"), 1U);
  CAF_CHECK_EQUAL(spelling_distance("pingg", "ping"), 1U);
  CAF_CHECK_EQUAL(spelling_distance("pong", "ping"), 1U);
  CAF_CHECK_EQUAL(spelling_distance("http", "ping"), 4U);
}

CAF_TEST(the nearest word is meant) {
  CAF_CHECK_EQUAL(meant("pign", {"agent", "ping", "http"}), "ping");
  CAF_CHECK_EQUAL(meant("tsl", {"tcp", "tls"}), "tls");
  CAF_CHECK_EQUAL(meant("standalon", {"server", "standalone"}), "standalone");
  CAF_CHECK_EQUAL(meant("--jsno", {"--insecure", "--json"}), "--json");
}

CAF_TEST(what is far away is not meant) {
  CAF_CHECK_EQUAL(meant("nonsense", {"agent", "ping", "http"}), "");
  CAF_CHECK_EQUAL(meant(std::string(65, 'a'), {std::string(64, 'a')}), "");
  CAF_CHECK_EQUAL(meant("ping", {}), "");
}

CAF_TEST(a near name is one that is nearly spelled so) {
  constexpr std::array<std::string_view, 5> kinds{"icmp", "http", "tcp", "tls", "dns"};
  CAF_CHECK_EQUAL(near_name("htpp", kinds), "http");
  CAF_CHECK_EQUAL(near_name("imcp", kinds), "icmp");
  CAF_CHECK_EQUAL(near_name("tpc", kinds), "tcp");
  CAF_CHECK_EQUAL(near_name("ping", kinds), "");
  CAF_CHECK_EQUAL(near_name("http_2xx", kinds), "");
  CAF_CHECK_EQUAL(near_name("dns6", kinds), "");
  CAF_CHECK_EQUAL(near_name("", kinds), "");
  CAF_CHECK_EQUAL(near_name(std::string_view{}, {}), "");
}

} // namespace spelling_suite
