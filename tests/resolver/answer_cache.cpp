#define CAF_SUITE answer_cache

#include "xprober/resolver/answer_cache.hpp"

#include "caf/test/unit_test.hpp"

namespace answer_cache_suite {

using namespace xprober;
using namespace xprober::dns;
using namespace std::chrono_literals;

namespace {

struct fixture {
  const monotonic_time t0 = monotonic_time{} + 1h;
  answer_cache cache{3};

  static name_key key(std::string host) { return {std::move(host), ip_family::ip4}; }

  void put(const std::string& host, nanoseconds lasts, nanoseconds at = 0s) {
    resolve_answer answer;
    answer.detail = host;
    cache.put(key(host), std::make_shared<const resolve_answer>(answer), t0 + lasts, t0 + at);
  }

  bool has(const std::string& host, nanoseconds at = 0s) {
    const auto found = cache.find(key(host), t0 + at);
    CAF_CHECK(!found || found->detail == host);
    return found != nullptr;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(answer_cache_tests, fixture)

CAF_TEST(an answer is there until its time is over) {
  put("a", 10s);
  CAF_CHECK(has("a", 9s));
  CAF_CHECK(!has("a", 10s));
  CAF_CHECK_EQUAL(cache.size(), 0u);
  CAF_CHECK(!has("b"));
}

CAF_TEST(families are kept apart) {
  put("a", 10s);
  CAF_CHECK(!cache.find({"a", ip_family::ip6}, t0));
}

CAF_TEST(when it is full the answer that ends first goes) {
  put("long", 30s);
  put("short", 5s);
  put("middle", 20s);
  put("new", 10s);
  CAF_CHECK(!has("short"));
  CAF_CHECK(has("long") && has("middle") && has("new"));
  CAF_MESSAGE("it can be the new one");
  put("brief", 1s);
  CAF_CHECK(!has("brief"));
  CAF_CHECK_EQUAL(cache.size(), 3u);
}

CAF_TEST(answers that are over make room first) {
  put("a", 5s);
  put("b", 6s);
  put("c", 60s);
  put("d", 10s, 7s);
  CAF_CHECK_EQUAL(cache.size(), 2u);
  CAF_CHECK(has("c", 7s) && has("d", 7s));
}

CAF_TEST(a newer answer takes the place of an older one) {
  put("a", 60s);
  put("a", 5s);
  CAF_CHECK_EQUAL(cache.size(), 1u);
  CAF_CHECK(!has("a", 6s));
  put("b", 5s);
  put("b", 60s);
  CAF_CHECK(has("b", 59s));
}

CAF_TEST(what lasts no time or has no room is not kept) {
  put("a", 0s);
  CAF_CHECK_EQUAL(cache.size(), 0u);
  put("a", 5s);
  cache.reset(0);
  CAF_CHECK(!has("a"));
  put("a", 5s);
  CAF_CHECK_EQUAL(cache.size(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace answer_cache_suite
