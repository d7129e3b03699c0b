#define CAF_SUITE target_list_codec

#include "xprober/domain/targets/target_list_codec.hpp"

#include "caf/test/dsl.hpp"

namespace target_list_codec_suite {

using namespace xprober;

namespace {

const target_list list{{"icmp", "cn-north", {"10.0.0.1", "10.0.0.2"}},
                       {"http", "", {"https://www.example/?a=b"}},
                       {"icmp", "empty", {}}};

} // namespace

CAF_TEST(a list comes back) {
  for (const auto& wanted : {list, target_list{}}) {
    target_list got{{"left over", "", {}}};
    std::string revision;
    CAF_CHECK(decode_target_list(encode_target_list(wanted, "r1"), got, revision));
    CAF_CHECK((got == wanted));
    CAF_CHECK_EQUAL(revision, "r1");
  }
}

CAF_TEST(a change comes back and is no list) {
  const list_change wanted{"r1", "r2", list, {{"icmp", "cn-north", {"10.0.0.3"}}}};
  const auto bytes = encode_list_change(wanted.base, wanted.revision, wanted.added, wanted.removed);
  list_change got{"left over", "", {}, list};
  CAF_CHECK(decode_list_change(bytes, got));
  CAF_CHECK((got == wanted));
  target_list none;
  std::string revision;
  CAF_CHECK(!decode_target_list(bytes, none, revision));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAF_CHECK(!decode_list_change(bytes.substr(0, size), got));
  }
}

CAF_TEST(no damage does harm) {
  const auto good = encode_target_list(list, "r1");
  target_list got;
  std::string revision;
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAF_CHECK(!decode_target_list(good.substr(0, size), got, revision));
    auto damaged = good;
    damaged[size] = '\xff';
    decode_target_list(damaged, got, revision);
  }
  CAF_CHECK(!decode_target_list(good + "x", got, revision));
}

} // namespace target_list_codec_suite
