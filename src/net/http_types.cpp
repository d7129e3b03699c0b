#include "xprober/net/http_types.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>

#include "xprober/domain/percent.hpp"

namespace xprober::net {

namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

/// Length of the well-formed UTF-8 sequence at `i` (Unicode 15, table 3-7); 0 if there is none.
std::size_t utf8_length(std::string_view text, std::size_t i) {
  const auto first = byte_at(text, i);
  if (first < 0x80) {
    return 1;
  }
  std::size_t length = 0;
  unsigned low = 0x80;
  unsigned high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    low = first == 0xe0 ? 0xa0 : 0x80;
    high = first == 0xed ? 0x9f : 0xbf;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    low = first == 0xf0 ? 0x90 : 0x80;
    high = first == 0xf4 ? 0x8f : 0xbf;
  } else {
    return 0;
  }
  if (i + length > text.size() || byte_at(text, i + 1) < low || byte_at(text, i + 1) > high) {
    return 0;
  }
  for (std::size_t k = 2; k < length; ++k) {
    if (byte_at(text, i + k) < 0x80 || byte_at(text, i + k) > 0xbf) {
      return 0;
    }
  }
  return length;
}

void append_json_char(std::string& out, char c) {
  switch (c) {
  case '"': out += "\\\""; return;
  case '\\': out += "\\\\"; return;
  case '\n': out += "\\n"; return;
  case '\r': out += "\\r"; return;
  case '\t': out += "\\t"; return;
  default: break;
  }
  if (static_cast<unsigned char>(c) >= 0x20) {
    out += c;
    return;
  }
  char escaped[8];
  std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
  out += escaped;
}

} // namespace

query_params::query_params(std::string_view encoded) {
  while (!encoded.empty()) {
    const auto end = std::min(encoded.find('&'), encoded.size());
    const auto item = encoded.substr(0, end);
    encoded.remove_prefix(std::min(end + 1, encoded.size()));
    if (item.empty()) {
      continue;
    }
    const auto equals = std::min(item.find('='), item.size());
    const auto value = item.substr(std::min(equals + 1, item.size()));
    values_.emplace(percent_decode(item.substr(0, equals), true), percent_decode(value, true));
  }
}

std::optional<std::string> query_params::get(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) {
    return std::nullopt;
  }
  return found->second;
}

std::string query_params::get_or(std::string_view name, std::string_view fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string{fallback} : found->second;
}

std::optional<std::uint64_t> query_params::get_number(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty()) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  const auto* end = found->second.data() + found->second.size();
  const auto [stopped, error] = std::from_chars(found->second.data(), end, number);
  if (error != std::errc{} || stopped != end) {
    return std::nullopt;
  }
  return number;
}

std::string request_context::param(std::string_view name) const {
  const auto found = params.find(name);
  return found == params.end() ? std::string{} : found->second;
}

bool split_target(std::string_view target, request_context& context) {
  if (target.empty() || target.front() != '/') {
    return false;
  }
  const auto question = std::min(target.find('?'), target.size());
  context.path = percent_decode(target.substr(0, question));
  context.query = query_params{target.substr(std::min(question + 1, target.size()))};
  return true;
}

std::string json_quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const auto length = utf8_length(text, i);
    if (length == 0) {
      out += "\xef\xbf\xbd";
    } else if (length == 1) {
      append_json_char(out, text[i]);
    } else {
      out += text.substr(i, length);
    }
    i += std::max<std::size_t>(length, 1);
  }
  out += '"';
  return out;
}

http_response text_response(http::status status, std::string body, std::string_view content_type) {
  http_response response{status, 11};
  response.set(http::field::content_type,
               boost::beast::string_view{content_type.data(), content_type.size()});
  response.body() = std::move(body);
  return response;
}

http_response json_response(http::status status, std::string body) {
  return text_response(status, std::move(body), "application/json");
}

http_response error_response(http::status status, std::string_view message) {
  auto response = json_response(status, "{\"error\": " + json_quote(message) + "}\n");
  response.problem = message;
  return response;
}

http_response busy_response(std::string_view message) {
  auto response = error_response(http::status::service_unavailable, message);
  response.set(http::field::retry_after, "2"); // seconds; bodies come and go much quicker
  return response;
}

} // namespace xprober::net
