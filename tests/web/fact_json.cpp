#define CAF_SUITE fact_json

#include "xprober/web/fact_json.hpp"

#include "caf/test/unit_test.hpp"

namespace fact_json_suite {

using namespace xprober;
using namespace xprober::web;

CAF_TEST(facts become an object in their order) {
  fact_json out;
  out.whole("count", 7);
  out.number("ms", 0.1);
  out.text("name", "a \"b\"");
  out.flag("odd", true);
  out.texts("names", std::vector<std::string>{"x", "y"});
  out.begin("inner");
  out.number("p50", std::nullopt);
  out.end();
  out.begin_list("rows");
  out.begin({});
  out.whole("n", 1);
  out.end();
  out.begin({});
  out.whole("n", 2);
  out.end();
  out.end();
  out.nothing("tls");
  CAF_CHECK_EQUAL(out.take().dump(),
                  R"({"count":7,"ms":0.1,"name":"a \"b\"","odd":true,"names":["x","y"],)"
                  R"("inner":{"p50":null},"rows":[{"n":1},{"n":2}],"tls":null})");
}

CAF_TEST(what is not known is null) {
  fact_json out;
  out.whole("w", std::nullopt);
  out.number("n", std::nullopt);
  out.text("t", std::nullopt);
  CAF_CHECK_EQUAL(out.take().dump(), R"({"w":null,"n":null,"t":null})");
}

CAF_TEST(numbers have neither noise nor less than they had) {
  fact_json out;
  out.number("sum", 0.1 + 0.2);
  out.number("float", 0.00001234);
  CAF_CHECK_EQUAL(out.take().dump(), R"({"sum":0.3,"float":1.234e-05})");
}

CAF_TEST(a taken object leaves an empty one) {
  fact_json out;
  out.whole("w", 1);
  out.take();
  CAF_CHECK_EQUAL(out.take().dump(), "{}");
}

} // namespace fact_json_suite
