#define CAF_SUITE answer

#include "xprober/resolver/answer.hpp"

#include <chrono>

#include <ares.h>

#include "caf/test/unit_test.hpp"

namespace answer_suite {

using namespace xprober;
using namespace xprober::dns;

namespace {

family_answer ended(int status, std::optional<std::chrono::seconds> ttl = std::nullopt) {
  return {true, status, {}, ttl};
}

probe_error merged(const family_answer& ip4, const family_answer& ip6) {
  return merge("db.example", ip_family::ip4, ip4, ip6).error;
}

} // namespace

CAF_TEST(addresses of one family outweigh the failure of the other) {
  family_answer found{true, ARES_SUCCESS, {boost::asio::ip::make_address("::1")}, {}};
  auto answer = merge("db.example", ip_family::ip4, ended(ARES_ESERVFAIL), found);
  CAF_CHECK_EQUAL(answer.error, probe_error::none);
  CAF_CHECK_EQUAL(answer.detail, "");
  CAF_CHECK_EQUAL(answer.addresses.size(), 1u);
}

CAF_TEST(without addresses the worst of the two counts) {
  CAF_CHECK_EQUAL(merged(ended(ARES_ENOTFOUND), ended(ARES_ENOTFOUND)),
                  probe_error::resolve_not_found);
  CAF_CHECK_EQUAL(merged(ended(ARES_ENOTFOUND), ended(ARES_ENODATA)),
                  probe_error::resolve_no_address);
  CAF_CHECK_EQUAL(merged(ended(ARES_ETIMEOUT), ended(ARES_ENODATA)), probe_error::resolve_timeout);
  CAF_CHECK_EQUAL(merged(ended(ARES_ENODATA), ended(ARES_ESERVFAIL)),
                  probe_error::resolve_servfail);
  CAF_CHECK_EQUAL(merged(ended(ARES_SUCCESS), ended(ARES_SUCCESS)),
                  probe_error::resolve_no_address);
}

CAF_TEST(a response code that is none of the usual ones is told) {
  for (const auto& [rcode, text] :
       {std::pair{6, "db.example: the DNS server answered YXDOMAIN (RCODE 6)"},
        std::pair{9, "db.example: the DNS server answered NOTAUTH (RCODE 9)"},
        std::pair{15, "db.example: the DNS server answered RCODE15 (RCODE 15)"}}) {
    const auto answer =
        merge("db.example", ip_family::ip4, ended(status_of_rcode(rcode)), ended(ARES_ENODATA));
    CAF_CHECK_EQUAL(answer.error, probe_error::resolve_failed);
    CAF_CHECK_EQUAL(answer.detail, text);
  }
  CAF_CHECK_EQUAL(describe("db.example", ARES_EFORMERR),
                  "db.example: the DNS server could not read the query (FORMERR)");
}

CAF_TEST(a family that has not answered counts as silence) {
  CAF_CHECK_EQUAL(merged(ended(ARES_ENODATA), {}), probe_error::resolve_timeout);
}

CAF_TEST(an answer lasts as long as the shortest of its addresses) {
  using namespace std::chrono_literals;
  const family_answer four{true, ARES_SUCCESS, {boost::asio::ip::make_address("127.0.0.1")}, 60s};
  const family_answer six{true, ARES_SUCCESS, {boost::asio::ip::make_address("::1")}, 30s};
  const auto of = [](const family_answer& a, const family_answer& b) {
    return lifetime(ip_family::ip4, a, b);
  };
  CAF_CHECK(of(four, six) == 30s);
  CAF_CHECK(of(four, ended(ARES_ENODATA, 5s)) == 60s);
  CAF_MESSAGE("a fallback that failed or is late does not matter");
  CAF_CHECK(of(four, ended(ARES_ESERVFAIL)) == 60s);
  CAF_CHECK(of(four, {}) == 60s);
  CAF_MESSAGE("the fallback alone is not kept where the preferred family failed");
  CAF_CHECK(!of(ended(ARES_ESERVFAIL), six));
  CAF_CHECK(!of({}, six));
  CAF_CHECK(of(ended(ARES_ENODATA), six) == 30s);
}

CAF_TEST(a negative answer lasts as long as the shorter of its two) {
  using namespace std::chrono_literals;
  const auto of = [](const family_answer& a, const family_answer& b) {
    return lifetime(ip_family::ip6, a, b);
  };
  CAF_CHECK(of(ended(ARES_ENOTFOUND, 60s), ended(ARES_ENOTFOUND, 20s)) == 20s);
  CAF_CHECK(of(ended(ARES_ENODATA, 10s), ended(ARES_ENOTFOUND, 20s)) == 10s);
  CAF_CHECK(!of(ended(ARES_ENOTFOUND, 60s), ended(ARES_ENOTFOUND)));
  CAF_CHECK(!of(ended(ARES_ENOTFOUND, 60s), ended(ARES_ESERVFAIL, 60s)));
  CAF_CHECK(!of(ended(ARES_ENOTFOUND, 60s), {}));
}

CAF_TEST(every failure has a text that names the host) {
  for (int status = ARES_ENODATA; status <= ARES_ESERVICE; ++status) {
    CAF_CHECK(describe("db.example", status).starts_with("db.example: "));
    CAF_CHECK(error_of_status(status) != probe_error::none);
  }
}

} // namespace answer_suite
