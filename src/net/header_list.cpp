#include "xprober/net/header_list.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/comma_list.hpp"

namespace xprober::net {

namespace {

/// Nothing where there is no parameter of that name.
std::optional<std::string_view> find_parameter(std::string_view parameters, std::string_view name) {
  while (!parameters.empty()) {
    auto value = cut_part(parameters, ';');
    if (ascii::same(cut_part(value, '='), name)) {
      return ascii::trim(value);
    }
  }
  return std::nullopt;
}

} // namespace

std::string_view cut_part(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto part = ascii::trim(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

std::string_view parameter_of(std::string_view parameters, std::string_view name) {
  auto value = find_parameter(parameters, name).value_or(std::string_view{});
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  return value;
}

double weight_of(std::string_view parameters) {
  const auto value = find_parameter(parameters, "q");
  if (!value) {
    return 1;
  }
  double weight = 0;
  const auto* begin = value->data();
  const auto* end = begin + value->size();
  const auto [stopped, error] = std::from_chars(begin, end, weight);
  const bool usable = error == std::errc{} && stopped == end && weight >= 0 && weight <= 1;
  return usable ? weight : 0;
}

std::string all_lines(const http_request& request, http::field name) {
  std::string all;
  const auto [first, last] = request.equal_range(name);
  for (auto line = first; line != last; ++line) {
    append_listed(all, {line->value().data(), line->value().size()});
  }
  return all;
}

} // namespace xprober::net
