#define CAF_SUITE machine_names

#include "xprober/base/machine_names.hpp"

#include "caf/test/unit_test.hpp"

namespace machine_names_suite {

using xprober::machine_names;
using names = std::vector<std::string>;

CAF_TEST(a short name is also known with the domains that are searched) {
  const auto known = machine_names("Probe1", "# search no.example\nnameserver 192.0.2.1\n"
                                             "search a.example B.example\ndomain c.example\n");
  CAF_CHECK((known == names{"probe1", "probe1.a.example", "probe1.b.example", "probe1.c.example"}));
}

CAF_TEST(a long name is also known without its domain) {
  const auto known = machine_names("probe1.x.example", "search a.example\n");
  CAF_CHECK((known == names{"probe1.x.example", "probe1"}));
}

CAF_TEST(no name is none) { CAF_CHECK(machine_names("", "search a.example\n").empty()); }

} // namespace machine_names_suite
