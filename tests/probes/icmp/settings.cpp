#define CAF_SUITE settings

#include "xprober/probes/icmp/settings.hpp"

#include "caf/test/unit_test.hpp"

namespace icmp_settings_suite {

using namespace xprober;
using icmp::fragmenting;

namespace {

/// Of a payload of so many bytes; an echo has 28 more.
icmp_config of_size(std::uint32_t bytes) {
  icmp_config config;
  config.size = bytes;
  return config;
}

} // namespace

CAF_TEST(what every link carries is not fragmented and
         what few do not carry only where it has to be) {
  CAF_CHECK(icmp::fragmenting_of({}) == fragmenting::never);
  CAF_CHECK(icmp::fragmenting_of(of_size(100)) == fragmenting::never);
  CAF_CHECK(icmp::fragmenting_of(of_size(101)) == fragmenting::where_known);
  CAF_CHECK(icmp::fragmenting_of(of_size(548)) == fragmenting::where_known);
  CAF_CHECK(icmp::fragmenting_of(of_size(549)) == fragmenting::anywhere);
}

CAF_TEST(echoes that are fragmented elsewhere leave by other sockets) {
  CAF_CHECK(icmp::same_sockets(of_size(24), of_size(100)));
  CAF_CHECK(!icmp::same_sockets(of_size(100), of_size(548)));
  CAF_CHECK(!icmp::same_sockets(of_size(548), of_size(1400)));
}

} // namespace icmp_settings_suite
