#define CAF_SUITE sign_in_sessions

#include "xprober/net/sign_in_sessions.hpp"

#include <set>

#include "caf/test/unit_test.hpp"

namespace sign_in_sessions_suite {

using namespace xprober::net;
using namespace std::chrono_literals;

namespace {

const xprober::monotonic_time start{1000h};

} // namespace

CAF_TEST(a session has its role until it ends) {
  sign_in_sessions sessions;
  const auto one = sessions.begin(access_role::operating, start);
  const auto other = sessions.begin(access_role::reader, start + 1h);
  CAF_CHECK_EQUAL(one.size(), 43u);
  CAF_CHECK(one != other);
  CAF_CHECK(sessions.find(one, start) == access_role::operating);
  CAF_CHECK(sessions.find(other, start + 2h) == access_role::reader);
  CAF_CHECK(sessions.find(one, start + 12h) == access_role::nobody);
  CAF_CHECK(sessions.find(other, start + 12h) == access_role::reader);
  CAF_CHECK(sessions.find("", start) == access_role::nobody);
  CAF_CHECK(sessions.find(one + "A", start) == access_role::nobody);
}

CAF_TEST(who signs out has no session and the others keep theirs) {
  sign_in_sessions sessions;
  const auto one = sessions.begin(access_role::reader, start);
  const auto other = sessions.begin(access_role::reader, start);
  sessions.end(one);
  sessions.end("unknown");
  CAF_CHECK(sessions.find(one, start) == access_role::nobody);
  CAF_CHECK(sessions.find(other, start) == access_role::reader);
}

CAF_TEST(the sessions of a role end together) {
  sign_in_sessions sessions;
  const auto reader = sessions.begin(access_role::reader, start);
  const auto operating = sessions.begin(access_role::operating, start);
  sessions.end_all(access_role::operating);
  CAF_CHECK(sessions.find(operating, start) == access_role::nobody);
  CAF_CHECK(sessions.find(reader, start) == access_role::reader);
}

CAF_TEST(there are so many and the one that ends first makes room) {
  sign_in_sessions sessions;
  std::set<std::string> secrets;
  const auto first = sessions.begin(access_role::reader, start);
  const auto second = sessions.begin(access_role::reader, start + 1s);
  for (std::size_t i = 2; i < sign_in_sessions::most; ++i) {
    secrets.insert(sessions.begin(access_role::reader, start + 2s));
  }
  CAF_CHECK_EQUAL(secrets.size(), sign_in_sessions::most - 2);
  CAF_CHECK(sessions.find(first, start + 2s) == access_role::reader);
  sessions.begin(access_role::reader, start + 3s);
  CAF_CHECK_EQUAL(sessions.size(), std::size_t{sign_in_sessions::most});
  CAF_CHECK(sessions.find(first, start + 3s) == access_role::nobody);
  CAF_CHECK(sessions.find(second, start + 3s) == access_role::reader);
  sessions.begin(access_role::reader, start + 20h);
  CAF_CHECK_EQUAL(sessions.size(), 1u);
}

} // namespace sign_in_sessions_suite
