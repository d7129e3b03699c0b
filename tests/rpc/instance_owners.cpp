#define CAF_SUITE instance_owners

#include "xprober/rpc/instance_owners.hpp"

#include "caf/test/unit_test.hpp"

namespace instance_owners_suite {

using namespace xprober;
using rpc::instance_owners;

CAF_TEST(an instance is of who comes first) {
  instance_owners owners;
  const auto one = random_instance();
  const auto other = random_instance();
  CAF_CHECK(owners.claim(one, "a"));
  CAF_CHECK(owners.claim(one, "a"));
  CAF_CHECK(!owners.claim(one, "b"));
  CAF_CHECK(owners.claim(other, "b"));
  CAF_CHECK(!owners.claim(other, "a"));
}

CAF_TEST(an instance can be handed over) {
  instance_owners owners;
  const auto one = random_instance();
  CAF_CHECK(owners.owner(one) == nullptr);
  owners.hand_over(one, "b");
  CAF_CHECK(owners.owner(one) == nullptr);
  owners.claim(one, "a");
  owners.hand_over(one, "b");
  CAF_REQUIRE(owners.owner(one) != nullptr);
  CAF_CHECK(*owners.owner(one) == "b");
  CAF_CHECK(!owners.claim(one, "a"));
  CAF_CHECK_EQUAL(owners.size(), std::size_t{1});
}

CAF_TEST(there are so many and the first goes) {
  instance_owners owners;
  const auto number = [](std::size_t i) {
    agent_instance instance{};
    for (std::size_t byte = 0; byte < sizeof i; ++byte) {
      instance.at(byte) = static_cast<std::uint8_t>(i >> (8 * byte));
    }
    return instance;
  };
  for (std::size_t i = 0; i <= instance_owners::most; ++i) {
    owners.claim(number(i), "a");
  }
  CAF_CHECK_EQUAL(owners.size(), std::size_t{instance_owners::most});
  CAF_CHECK(!owners.claim(number(1), "b"));
  CAF_CHECK(owners.claim(number(0), "b"));
}

} // namespace instance_owners_suite
