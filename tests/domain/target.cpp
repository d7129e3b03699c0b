#define CAF_SUITE target
#include "xprober/domain/target.hpp"

#include <set>

#include "caf/test/unit_test.hpp"

using namespace xprober;

CAF_TEST(probe types have the names of the wire) {
  CAF_CHECK_EQUAL(to_string(probe_type::icmp), "icmp");
  CAF_CHECK_EQUAL(to_string(probe_type::http), "http");
  CAF_CHECK(parse_probe_type("icmp") == probe_type::icmp);
  CAF_CHECK(parse_probe_type("http") == probe_type::http);
  for (const auto* name : {"", "ICMP", "tcp", "icmp "}) {
    CAF_CHECK(!parse_probe_type(name));
  }
}

CAF_TEST(fields do not run into each other) {
  const std::set<std::uint64_t> hashes{
      stable_hash({"ab", "c", probe_type::icmp}), stable_hash({"a", "bc", probe_type::icmp}),
      stable_hash({"", "abc", probe_type::icmp}), stable_hash({"abc", "", probe_type::icmp}),
      stable_hash({"ab", "c", probe_type::http}),
  };
  CAF_CHECK_EQUAL(hashes.size(), 5u);
}

CAF_TEST(the text of a uid is the same in every process) {
  const target_uid uid{"cn-south", "10.1.2.3", probe_type::icmp};
  const auto text = uid_text(uid);
  CAF_CHECK_EQUAL(text.size(), 16u);
  CAF_CHECK(parse_uid_text(text) == stable_hash(uid));
  // Recorded once: a change would move the phase of every target and break links to its page.
  CAF_CHECK_EQUAL(text, "1c666258e0742561");
}

CAF_TEST(texts that are no uid) {
  for (const auto* text : {"", "12", "0123456789abcdeg", "0123456789abcdef0", "-123456789abcdef",
                           "0x23456789abcdef"}) {
    CAF_CHECK(!parse_uid_text(text));
  }
}
