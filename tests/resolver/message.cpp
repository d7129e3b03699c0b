#define CAF_SUITE message

#include "xprober/resolver/message.hpp"

#include "caf/test/unit_test.hpp"

namespace message_suite {

using namespace xprober::dns;
using namespace std::chrono_literals;

namespace {

using bytes = std::vector<std::uint8_t>;
using strings = std::vector<std::string>;

void append(bytes& out, const bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

bytes number(std::uint32_t n) {
  return {static_cast<std::uint8_t>(n >> 24), static_cast<std::uint8_t>(n >> 16),
          static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)};
}

/// A record of the question's name.
bytes record(std::uint8_t type, std::uint32_t ttl, const bytes& data) {
  bytes out{0xC0, 12, 0, type, 0, 1};
  append(out, number(ttl));
  append(out, {0, static_cast<std::uint8_t>(data.size())});
  append(out, data);
  return out;
}

bytes soa(std::uint32_t ttl, std::uint32_t minimum) {
  bytes data{0xC0, 12, 0xC0, 12}; // MNAME, RNAME
  for (const auto n : {1U, 3600U, 600U, 86400U, minimum}) {
    append(data, number(n));
  }
  return record(6, ttl, data);
}

/// The answer to a question for "a.test".
bytes message(const std::vector<bytes>& answers, const std::vector<bytes>& authority) {
  bytes out{0,    1,
            0x81, 0x83,
            0,    1,
            0,    static_cast<std::uint8_t>(answers.size()),
            0,    static_cast<std::uint8_t>(authority.size()),
            0,    0};
  append(out, {1, 'a', 4, 't', 'e', 's', 't', 0, 0, 1, 0, 1});
  for (const auto& section : {answers, authority}) {
    for (const auto& r : section) {
      append(out, r);
    }
  }
  return out;
}

const bytes alias = record(5, 20, {0xC0, 12});

} // namespace

CAF_TEST(a negative answer lasts as its SOA says) {
  CAF_CHECK(negative_ttl(message({}, {soa(300, 60)})) == 60s);
  CAF_CHECK(negative_ttl(message({}, {soa(30, 60)})) == 30s);
  CAF_CHECK(negative_ttl(message({}, {record(2, 5, {0xC0, 12}), soa(300, 60)})) == 60s);
  CAF_CHECK(negative_ttl(message({}, {soa(0, 0)})) == 0s);
}

CAF_TEST(an alias on the way bounds it) {
  CAF_CHECK(negative_ttl(message({alias}, {soa(300, 60)})) == 20s);
}

CAF_TEST(without an SOA it is not kept) {
  CAF_CHECK(!negative_ttl(message({}, {})));
  CAF_CHECK(!negative_ttl(message({alias}, {record(2, 5, {0xC0, 12})})));
  CAF_CHECK(!negative_ttl(message({}, {record(6, 5, {0, 0, 0, 0})})));
}

CAF_TEST(a message that is cut anywhere is not read beyond its end) {
  const auto whole = message({alias}, {soa(300, 60)});
  for (std::size_t n = 0; n < whole.size(); ++n) {
    // A copy of its own, so that a sanitizer sees what is read after it.
    const bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    CAF_CHECK(!negative_ttl(cut));
  }
}

CAF_TEST(names are searched as resolv.conf says) {
  CAF_CHECK_EQUAL(search_names("a.test", {}, 1), (strings{"a.test"}));
  CAF_CHECK_EQUAL(search_names("a.test", {"x", "y.z"}, 1),
                  (strings{"a.test", "a.test.x", "a.test.y.z"}));
  CAF_CHECK_EQUAL(search_names("a", {"x"}, 1), (strings{"a.x", "a"}));
  CAF_CHECK_EQUAL(search_names("a.b", {"x"}, 2), (strings{"a.b.x", "a.b"}));
  CAF_CHECK_EQUAL(search_names("a.", {"x"}, 1), (strings{"a."}));
  CAF_MESSAGE("the root is a domain, too");
  CAF_CHECK_EQUAL(search_names("a", {"."}, 1), (strings{"a"}));
  CAF_CHECK_EQUAL(search_names("a", {".", "x."}, 1), (strings{"a", "a.x"}));
  CAF_CHECK_EQUAL(search_names("a.b", {"x", "."}, 1), (strings{"a.b", "a.b.x"}));
}

} // namespace message_suite
