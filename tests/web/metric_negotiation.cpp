#define CAF_SUITE metric_negotiation

#include "xprober/web/metric_negotiation.hpp"

#include <string>

#include "caf/test/unit_test.hpp"

namespace metric_negotiation_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

const std::string ours = "application/vnd.google.protobuf;"
                         "proto=io.prometheus.client.MetricFamily;encoding=delimited";

bool gets_protobuf(std::string_view accept) {
  return metric_format_for(accept) == metric_format::protobuf;
}

} // namespace

CAF_TEST(protobuf is for those who like it as much as the text) {
  // Prometheus 2.42 and 3 with native histograms.
  CAF_CHECK(gets_protobuf(ours + ",application/openmetrics-text;version=1.0.0;q=0.8,"
                                 "application/openmetrics-text;version=0.0.1;q=0.75,"
                                 "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
  CAF_CHECK(gets_protobuf(ours + ";q=0.6, application/openmetrics-text;version=1.0.0;q=0.5,"
                                 "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                                 "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"));
  CAF_CHECK(gets_protobuf(ours));
  CAF_CHECK(gets_protobuf("text/plain, " + ours));
  CAF_CHECK(gets_protobuf("*/*, " + ours));
  CAF_CHECK(gets_protobuf("Application/VND.google.protobuf; encoding=\"Delimited\"; "
                          "proto=\"io.prometheus.client.MetricFamily\""));
  CAF_CHECK(gets_protobuf("text/plain;q=0, */*, " + ours + ";q=0.1"));
}

CAF_TEST(the text is for everybody else) {
  CAF_CHECK(!gets_protobuf(""));
  CAF_CHECK(!gets_protobuf("*/*"));
  CAF_CHECK(!gets_protobuf("application/json"));
  CAF_CHECK(!gets_protobuf("application/*"));
  CAF_CHECK(!gets_protobuf("application/vnd.google.protobuf"));
  CAF_CHECK(!gets_protobuf("application/vnd.google.protobuf;"
                           "proto=io.prometheus.client.MetricFamily;encoding=text"));
  CAF_CHECK(!gets_protobuf("application/vnd.google.protobuf;proto=other;encoding=delimited"));
  CAF_CHECK(!gets_protobuf(ours + ";q=0"));
  CAF_CHECK(!gets_protobuf(ours + ";q=0.4, text/plain;q=0.5"));
  CAF_CHECK(!gets_protobuf(ours + ";q=0.4, text/plain;q=0.1, text/plain;version=0.0.4;q=0.5"));
  CAF_CHECK(!gets_protobuf(ours + ";q=0.4, text/*;q=0.5, */*;q=0.1"));
  CAF_CHECK(!gets_protobuf(ours + ";q=x"));
}

CAF_TEST(an answer says its type and that it depends on the question) {
  const auto text = metrics_response("a 1\n", metric_format::text);
  CAF_CHECK(text[net::http::field::content_type] == "text/plain; version=0.0.4; charset=utf-8");
  CAF_CHECK(text[net::http::field::vary] == "Accept");
  const auto messages = metrics_response("", metric_format::protobuf);
  CAF_CHECK(messages[net::http::field::content_type] ==
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
            "encoding=delimited");
}

} // namespace metric_negotiation_suite
