#define CAF_SUITE port_places

#include "xprober/app/port_places.hpp"

#include <algorithm>
#include <cstdint>

#include "caf/test/unit_test.hpp"

namespace port_places_suite {

using namespace xprober::app;

CAF_TEST(the ports of a server share what it keeps no files with) {
  for (const std::uint64_t descriptors : {16U, 300U, 1024U, 2000U, 65536U, 1'000'000U}) {
    const auto places = places_of_server(descriptors, 16'000);
    CAF_CHECK(places.rpc + places.page + std::min<std::uint64_t>(256, descriptors / 2) <=
              descriptors);
    CAF_CHECK(places.rpc > 0);
    CAF_CHECK(places.page > 0);
    CAF_CHECK(places.page <= places.rpc);
  }
  const auto few = places_of_server(2000, 16'000);
  CAF_CHECK_EQUAL(few.page, 436u);
  CAF_CHECK_EQUAL(few.rpc, 1308u);
  CAF_CHECK_EQUAL(few.files, 256u);
  const auto many = places_of_server(1'000'000, 16'000);
  CAF_CHECK_EQUAL(many.page, 16'000u);
  CAF_CHECK_EQUAL(many.rpc, 16'000u);
}

CAF_TEST(an agents page has what its engines leave to it) {
  CAF_CHECK_EQUAL(places_of_agent(1024, 1024), 64u);
  CAF_CHECK_EQUAL(places_of_agent(100, 1024), 16u);
  CAF_CHECK_EQUAL(places_of_agent(65536, 1024), 1024u);
}

} // namespace port_places_suite
