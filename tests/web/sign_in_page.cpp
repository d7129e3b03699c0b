#define CAF_SUITE sign_in_page

#include "xprober/web/sign_in_page.hpp"

#include "caf/test/unit_test.hpp"

namespace sign_in_page_suite {

using namespace xprober::web;

CAF_TEST(a browser is led to our own paths alone) {
  for (const auto* own : {"/", "/incidents/5?a=b&c=%20", "/a//b"}) {
    CAF_CHECK_EQUAL(path_after_sign_in(own), own);
  }
  for (const auto* other :
       {"", "//attacker.example/", "/\\attacker.example", "http://attacker.example/", "attacker",
        "/a b", "/a\r\nSet-Cookie: x=y", "/\t/attacker.example"}) {
    CAF_MESSAGE(other);
    CAF_CHECK_EQUAL(path_after_sign_in(other), "/");
  }
  CAF_CHECK_EQUAL(path_after_sign_in("/" + std::string(3000, 'a')), "/");
}

CAF_TEST(what comes from outside is escaped) {
  const auto page = sign_in_page("/\"><script>", "<b>");
  CAF_CHECK(page.find("<script>") == std::string::npos);
  CAF_CHECK(page.find("<b>") == std::string::npos);
  CAF_CHECK(page.find("role=\"alert\"") != std::string::npos);
  CAF_CHECK(sign_in_page("/", "").find("role=\"alert\"") == std::string::npos);
}

} // namespace sign_in_page_suite
