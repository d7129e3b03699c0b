#define CAF_SUITE header_list

#include "xprober/net/header_list.hpp"

#include "caf/test/unit_test.hpp"

namespace header_list_suite {

using namespace xprober::net;

CAF_TEST(parts are cut off without the blanks around them) {
  std::string_view text = " a ; b=c;; d ";
  CAF_CHECK(cut_part(text, ';') == "a");
  CAF_CHECK(cut_part(text, ';') == "b=c");
  CAF_CHECK(cut_part(text, ';').empty());
  CAF_CHECK(cut_part(text, ';') == "d");
  CAF_CHECK(text.empty());
}

CAF_TEST(parameters are found by their names) {
  const std::string_view all = "Version=0.0.4; q = 0.5;charset=\"utf-8\"; flag";
  CAF_CHECK(parameter_of(all, "version") == "0.0.4");
  CAF_CHECK(parameter_of(all, "charset") == "utf-8");
  CAF_CHECK(parameter_of(all, "q") == "0.5");
  CAF_CHECK(parameter_of(all, "flag").empty());
  CAF_CHECK(parameter_of(all, "none").empty());
  CAF_CHECK(parameter_of("", "q").empty());
}

CAF_TEST(a weight is one without a number and nothing with a wrong one) {
  CAF_CHECK(weight_of("version=1") == 1);
  CAF_CHECK(weight_of("version=1; Q=0.25") == 0.25);
  for (const auto* wrong : {"q=x", "q=2", "q=-1", "q=nan", "q="}) {
    CAF_MESSAGE(wrong);
    CAF_CHECK(weight_of(wrong) == 0);
  }
}

CAF_TEST(the lines of a field are one list) {
  http_request request{http::verb::get, "/", 11};
  CAF_CHECK(all_lines(request, http::field::accept).empty());
  request.insert(http::field::accept, "text/plain");
  request.insert(http::field::accept, "*/*;q=0.1");
  const auto all = all_lines(request, http::field::accept);
  CAF_CHECK_EQUAL(all, "text/plain, */*;q=0.1");
}

} // namespace header_list_suite
