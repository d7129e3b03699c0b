#define CAF_SUITE own_fault_json

#include "xprober/web/own_fault_json.hpp"

#include <vector>

#include "caf/test/unit_test.hpp"

namespace own_fault_json_suite {

using namespace xprober;

CAF_TEST(faults are listed with their sentences) {
  const std::vector<own_fault> faults{{"overload", "too \"much\"", 7}, {"no_ipv6", "", 0}};
  CAF_CHECK_EQUAL(web::own_faults_json(faults).dump(),
                  R"([{"reason":"overload","detail":"too \"much\"","since_unix":7},)"
                  R"({"reason":"no_ipv6","detail":"","since_unix":0}])");
  CAF_CHECK_EQUAL(web::own_faults_json({}).dump(), "[]");
}

} // namespace own_fault_json_suite
