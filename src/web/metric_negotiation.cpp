#include "xprober/web/metric_negotiation.hpp"

#include <utility>

#include "xprober/domain/ascii.hpp"
#include "xprober/net/header_list.hpp"

namespace xprober::web {

namespace {

/// How much a form is wanted: what names it more exactly decides, however it is weighted.
struct preference {
  int exactness = -1;
  double weight = 0;

  void note(int how_exact, double how_much) {
    if (how_exact > exactness || (how_exact == exactness && how_much > weight)) {
      exactness = how_exact;
      weight = how_much;
    }
  }
};

bool is_ours(std::string_view parameters) {
  return net::parameter_of(parameters, "proto") == "io.prometheus.client.MetricFamily" &&
         ascii::same(net::parameter_of(parameters, "encoding"), "delimited");
}

} // namespace

metric_format metric_format_for(std::string_view accept) {
  preference protobuf;
  preference text;
  while (!accept.empty()) {
    auto parameters = net::cut_part(accept, ',');
    const auto type = net::cut_part(parameters, ';');
    const auto weight = net::weight_of(parameters);
    const auto version = net::parameter_of(parameters, "version");
    if (ascii::same(type, "application/vnd.google.protobuf") && is_ours(parameters)) {
      protobuf.note(0, weight);
    } else if (ascii::same(type, "text/plain") && version == "0.0.4") {
      text.note(3, weight);
    } else if (ascii::same(type, "text/plain") && version.empty()) {
      text.note(2, weight);
    } else if (ascii::same(type, "text/*")) {
      text.note(1, weight);
    } else if (type == "*/*") {
      text.note(0, weight);
    }
  }
  return protobuf.weight > 0 && protobuf.weight >= text.weight ? metric_format::protobuf
                                                               : metric_format::text;
}

metric_format metric_format_for(const net::http_request& request) {
  return metric_format_for(net::all_lines(request, net::http::field::accept));
}

net::http_response metrics_response(std::string metrics, metric_format format) {
  auto answer =
      net::text_response(net::http::status::ok, std::move(metrics), content_type_of(format));
  answer.set(net::http::field::vary, "Accept");
  return answer;
}

} // namespace xprober::web
