#include "xprober/web/counters.hpp"

#include <string>
#include <type_traits>

namespace xprober::web {

namespace {

/// Nothing for what is a text.
std::optional<double> number_of(const counter_value& value) {
  return std::visit(
      [](const auto& held) -> std::optional<double> {
        if constexpr (std::is_arithmetic_v<std::decay_t<decltype(held)>>) {
          return static_cast<double>(held);
        } else {
          return std::nullopt;
        }
      },
      value);
}

} // namespace

json counter_json(const counter_value& value) {
  if (const auto* quantiles = std::get_if<latency_quantiles>(&value)) {
    return {{"p50", json_number(quantiles->p50)},
            {"p99", json_number(quantiles->p99)},
            {"max", json_number(quantiles->max)}};
  }
  if (const auto* number = std::get_if<double>(&value)) {
    return json_number(*number);
  }
  return std::visit(
      [](const auto& held) -> json {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, latency_quantiles>) {
          return nullptr;
        } else {
          return held;
        }
      },
      value);
}

void put_counter(json& out, std::string_view name, json value) {
  const auto dot = name.find('.');
  if (dot == name.npos) {
    out[std::string{name}] = std::move(value);
  } else {
    put_counter(out[std::string{name.substr(0, dot)}], name.substr(dot + 1), std::move(value));
  }
}

void begin_family(prometheus_text& out, std::string_view metric, std::string_view help,
                  counter_type type, bool is_summary) {
  out.family("xprober_" + std::string{metric},
             is_summary                  ? metric_type::summary
             : type == counter_type::now ? metric_type::gauge
                                         : metric_type::counter,
             help);
}

void append_value(prometheus_text& out, const counter_value& value, double scale,
                  std::span<const metric_label> labels) {
  if (const auto* quantiles = std::get_if<latency_quantiles>(&value)) {
    std::vector<metric_label> with_quantile{labels.begin(), labels.end()};
    with_quantile.push_back({"quantile", ""});
    for (const auto& [name, number] :
         {std::pair{"0.5", quantiles->p50}, {"0.99", quantiles->p99}, {"1", quantiles->max}}) {
      with_quantile.back().value = name;
      out.sample(number * scale, with_quantile);
    }
  } else if (const auto number = number_of(value)) {
    out.sample(*number * scale, labels);
  }
}

} // namespace xprober::web
