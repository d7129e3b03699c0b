#define CAF_SUITE answer

#include "xprober/probes/dns/answer.hpp"

#include <ares.h>

#include "caf/test/unit_test.hpp"

using namespace xprober;
using namespace xprober::dns;

namespace {

family_answer ended(int status) { return {true, status, {}}; }

probe_error merged(const family_answer& ip4, const family_answer& ip6) {
  return merge("db.example", ip_family::ip4, ip4, ip6).error;
}

} // namespace

CAF_TEST(addresses of one family outweigh the failure of the other) {
  family_answer found{true, ARES_SUCCESS, {boost::asio::ip::make_address("::1")}};
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
  CAF_CHECK_EQUAL(merged(ended(ARES_ENODATA), ended(ARES_ESERVFAIL)), probe_error::resolve_servfail);
  CAF_CHECK_EQUAL(merged(ended(ARES_SUCCESS), ended(ARES_SUCCESS)),
                  probe_error::resolve_no_address);
}

CAF_TEST(a family that has not answered counts as silence) {
  CAF_CHECK_EQUAL(merged(ended(ARES_ENODATA), {}), probe_error::resolve_timeout);
}

CAF_TEST(every failure has a text that names the host) {
  for (int status = ARES_ENODATA; status <= ARES_ESERVICE; ++status) {
    CAF_CHECK(describe("db.example", status).starts_with("db.example: "));
    CAF_CHECK(error_of_status(status) != probe_error::none);
  }
}
