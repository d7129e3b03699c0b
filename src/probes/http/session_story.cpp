#include <algorithm>
#include <charconv>
#include <utility>

#include "xprober/domain/address.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/probes/http/session.hpp"

// What a probe that somebody asked for does and tells beyond what a target's does.

namespace xprober::http {

namespace {

/// The value of a header of the answer; null: it has none.
const std::string* find_field(const response_reader& reader, std::string_view name) {
  const auto& fields = reader.fields();
  const auto at =
      std::ranges::find_if(fields, [&](const auto& f) { return ascii::same(f.first, name); });
  return at == fields.end() ? nullptr : &at->second;
}

std::int64_t stated_length(const response_reader& reader) {
  const auto* text = find_field(reader, "Content-Length");
  std::int64_t length = -1;
  if (text && !find_field(reader, "Transfer-Encoding")) {
    std::from_chars(text->data(), text->data() + text->size(), length);
  } else if (reader.status() == 204) {
    length = 0; // RFC 9110, section 15.3.5: it has no content
  }
  return length;
}

nanoseconds to_nanoseconds(float ms) {
  return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double, std::milli>{ms});
}

/// The host of a Host header; empty if it is none that a certificate could be for.
std::string host_of(const std::string& header) {
  std::string ignored;
  if (const auto parts = parse_host_port(header, ignored)) {
    return parts->host;
  }
  const bool bracketed = header.size() > 2 && header.front() == '[' && header.back() == ']';
  auto host = bracketed ? header.substr(1, header.size() - 2) : header;
  return is_host_name(host) || parse_ip(host) ? host : std::string{};
}

} // namespace

monotonic_time session::time_limit() const {
  const auto own = begun_ + config().timeout;
  if (!wishes() || wishes()->time_limit.count() == 0) {
    return own;
  }
  const auto due = job_.request().due;
  return std::min(own, (due == monotonic_time{} ? begun_ : due) + wishes()->time_limit);
}

void session::begin_story() {
  if (!wishes()) {
    return;
  }
  story_.emplace();
  more_ = std::make_shared<http_story>();
  if (!wishes()->hostname.empty()) {
    auto headers = config().headers;
    std::erase_if(headers, [](const auto& h) { return ascii::same(h.first, "Host"); });
    headers.emplace("Host", wishes()->hostname);
    headers_ = std::make_unique<const std::map<std::string, std::string>>(std::move(headers));
  }
}

// Whom TLS asks for in place of the URL's host: the configured name, else the first host's Host
// header, as a virtual host is reached by its address.
std::string session::name_of(const http_url& url) const {
  if (url.host != first_.host) {
    return {};
  }
  if (!config().server_name.empty()) {
    return config().server_name;
  }
  if (!may_share_credentials(first_, url)) {
    return {}; // the header is not sent there either
  }
  for (const auto& [name, value] : headers_ ? *headers_ : config().headers) {
    if (ascii::same(name, "Host")) {
      return host_of(value);
    }
  }
  return {};
}

void session::tell(std::string text, std::vector<std::pair<std::string, std::string>> fields) {
  if (wants_lines()) {
    story_->lines.push_back({monotonic_clock::now() - begun_, std::move(text), std::move(fields)});
  }
}

void session::tell_resolved() {
  if (!story_) {
    return;
  }
  if (summary_.redirects == 0) {
    story_->resolve = answer_->took;
  }
  if (answer_->error != probe_error::none || answer_->addresses.empty()) {
    return;
  }
  auto& sum = more_->phases[static_cast<std::size_t>(http_phase::resolve)];
  sum = sum.value_or(nanoseconds{0}) + answer_->took;
  if (summary_.redirects == 0) {
    story_->first_address = answer_->addresses.front().to_string();
  }
  if (wants_lines()) {
    std::string all;
    for (const auto& address : answer_->addresses) {
      all += (all.empty() ? "" : " ") + address.to_string();
    }
    tell("Resolved target address", {{"ip", std::move(all)}});
  }
}

void session::tell_answer(const http_url& url) {
  if (!story_ || reader_->status() == 0) {
    return;
  }
  more_->content_length = stated_length(*reader_);
  more_->decoded_bytes = reader_->decoded_bytes();
  more_->over_tls = url.tls;
  const auto* modified = find_field(*reader_, "Last-Modified");
  more_->last_modified_unix = modified ? parse_cookie_date(*modified) : std::nullopt;
  if (wants_lines()) {
    auto location = reader_->location().value_or("");
    take_user_info(location);
    tell("Received HTTP response", {{"url", url.text()},
                                    {"status_code", std::to_string(reader_->status())},
                                    {"location", std::move(location)},
                                    {"body_bytes", std::to_string(reader_->body_bytes())}});
  }
}

void session::close_hop() {
  if (!story_) {
    return;
  }
  http_summary hop;
  trace_.fill(hop);
  std::vector<std::pair<std::string, std::string>> fields{
      {"roundtrip", std::to_string(summary_.redirects)}};
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    const auto phase = static_cast<http_phase>(i);
    if (!hop.phases_ms[i]) {
      continue;
    }
    if (phase != http_phase::resolve) {
      auto& sum = more_->phases[i];
      sum = sum.value_or(nanoseconds{0}) + to_nanoseconds(*hop.phases_ms[i]);
    }
    fields.emplace_back(std::string{to_string(phase)} + "_ms", std::to_string(*hop.phases_ms[i]));
  }
  tell("Times of the round trip", std::move(fields));
}

void session::end_story() {
  if (!story_) {
    return;
  }
  close_hop();
  if (outcome_.error != probe_error::none) {
    tell(outcome_.detail, {{"error", std::string{to_string(outcome_.error)}}});
  }
  if (wishes()->tell) {
    story_->more = std::move(more_);
    wishes()->tell(std::move(*story_));
  }
  story_.reset();
}

} // namespace xprober::http
