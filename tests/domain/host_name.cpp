#define CAF_SUITE host_name

#include "xprober/domain/host_name.hpp"

#include "caf/test/unit_test.hpp"

namespace host_name_suite {

using namespace xprober;

CAF_TEST(names of other scripts become what the DNS has) {
  CAF_CHECK((ascii_host_name("B\u00FCcher.example") == "xn--bcher-kva.example"));
  CAF_CHECK((ascii_host_name("fa\u00DF.de") == "xn--fa-hia.de")); // not transitional
}

CAF_TEST(ascii names stay as they are) {
  CAF_CHECK((ascii_host_name("DB-1.example.") == "DB-1.example."));
  CAF_CHECK((ascii_host_name("") == ""));
}

CAF_TEST(what has no form is nothing) {
  CAF_CHECK(!ascii_host_name("\xFF.de"));
  CAF_CHECK(!ascii_host_name(std::string(200, 'a') + "\u00FC.de"));
}

} // namespace host_name_suite
