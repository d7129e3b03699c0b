#define CAF_SUITE target

#include "xprober/probes/dns/target.hpp"

#include <cstdio>
#include <fstream>
#include <unistd.h>

#include "caf/test/unit_test.hpp"

namespace target_suite {

using namespace xprober::dns_query;

CAF_TEST(the server of the system) {
  CAF_CHECK_EQUAL(first_server({"192.0.2.1:5353", "192.0.2.2"}, "/dev/null"), "192.0.2.1:5353");
  CAF_CHECK_EQUAL(first_server({}, "/dev/null"), "127.0.0.1");
  const auto path = "resolv." + std::to_string(::getpid()) + ".conf";
  std::ofstream{path} << "# nameserver 192.0.2.9\nsearch example\nnameserver   2001:db8::53\n"
                         "nameserver 192.0.2.2\n";
  CAF_CHECK_EQUAL(first_server({}, path.c_str()), "2001:db8::53");
  std::ofstream{path} << "nameserver 0.0.0.0\n"; // this machine, as the system's resolver has it
  CAF_CHECK_EQUAL(first_server({}, path.c_str()), "127.0.0.1");
  std::remove(path.c_str());
}

} // namespace target_suite
