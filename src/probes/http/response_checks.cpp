#include "xprober/probes/http/response_checks.hpp"

#include <algorithm>
#include <stdexcept>

#include <re2/re2.h>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/probes/http/status.hpp"
#include "xprober/probes/http/summary.hpp"

namespace xprober::http {

namespace {

using re2::RE2;
using failure = response_checks::failure;

std::unique_ptr<RE2> compile(const std::string& key, const std::string& text) {
  RE2::Options options;
  options.set_log_errors(false);
  auto made = std::make_unique<RE2>(text, options);
  if (!made->ok()) {
    throw std::runtime_error("http." + key + ": '" + text +
                             "' is not a regular expression: " + made->error());
  }
  return made;
}

bool found(const RE2& expression, std::string_view text) {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), expression);
}

/// A text as Go's expressions see it: a byte that is no UTF-8 is one character, U+FFFD. To RE2 it
/// would be none that a '.' matches. `made` holds what is not in `text`.
std::string_view in_characters(std::string_view text, std::string& made) {
  std::size_t taken = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto length = utf8_character(text.substr(at)); length > 0) {
      at += length;
      continue;
    }
    made.append(text.substr(taken, at - taken)).append("\xEF\xBF\xBD");
    taken = ++at;
  }
  return taken == 0 ? text : std::string_view{made.append(text.substr(taken))};
}

struct compiled_header {
  header_matcher of;
  std::unique_ptr<RE2> expression;
  bool must_match = false; ///< else it must not

  std::optional<failure> judge(const judged_response& response) const {
    bool there = false;
    bool matches = false;
    for (const auto& [name, value] : response.fields) {
      if (ascii::same(name, of.header)) {
        there = true;
        std::string made;
        matches = matches || found(*expression, in_characters(value, made));
      }
    }
    if (!there && !of.allow_missing) {
      return failure{probe_error::bad_header, "the answer has no header " + of.header};
    }
    if (!there || matches == must_match) {
      return std::nullopt;
    }
    return failure{probe_error::bad_header, "the header " + of.header +
                                                (matches ? " matches '" : " does not match '") +
                                                of.regexp + "'"};
  }
};

struct compiled_body {
  std::unique_ptr<RE2> expression;
  bool must_match = false;
};

} // namespace

struct response_checks::impl {
  std::vector<std::uint16_t> statuses;
  std::vector<std::string> versions;
  bool no_tls = false;
  bool needs_tls = false;
  std::vector<compiled_header> headers;
  std::vector<compiled_body> bodies;
};

response_checks::response_checks(const http_config& config) {
  auto made = std::make_unique<impl>();
  made->statuses = config.valid_status_codes;
  made->versions = config.valid_http_versions;
  made->no_tls = config.fail_if_ssl;
  made->needs_tls = config.fail_if_not_ssl;
  const auto add_headers = [&](const std::vector<header_matcher>& matchers, const char* key,
                               bool must_match) {
    for (const auto& m : matchers) {
      made->headers.push_back({m, compile(key, m.regexp), must_match});
    }
  };
  const auto add_bodies = [&](const std::vector<std::string>& texts, const char* key,
                              bool must_match) {
    for (const auto& text : texts) {
      made->bodies.push_back({compile(key, text), must_match});
    }
  };
  add_headers(config.fail_if_header_matches, "fail_if_header_matches", false);
  add_headers(config.fail_if_header_not_matches, "fail_if_header_not_matches", true);
  add_bodies(config.fail_if_body_matches_regexp, "fail_if_body_matches_regexp", false);
  add_bodies(config.fail_if_body_not_matches_regexp, "fail_if_body_not_matches_regexp", true);
  impl_ = std::move(made);
}

response_checks::~response_checks() = default;

bool response_checks::need_fields() const noexcept { return !impl_->headers.empty(); }

bool response_checks::need_body() const noexcept { return !impl_->bodies.empty(); }

bool response_checks::take_long(std::size_t body_size) const noexcept {
  // RE2 looks at 50 to 500 MB a second.
  return body_size * impl_->bodies.size() > 256UL * 1024;
}

std::optional<failure> response_checks::judge(const judged_response& response) const {
  if (impl_->no_tls && response.tls) {
    return failure{probe_error::tls_unwanted, "the answer came over TLS, fail_if_ssl is set"};
  }
  if (impl_->needs_tls && !response.tls) {
    return failure{probe_error::tls_missing, "the answer came without TLS, fail_if_not_ssl is set"};
  }
  if (const auto& versions = impl_->versions; !versions.empty()) {
    const auto version = http_version_text(response.version);
    if (std::ranges::find(versions, version) == versions.end()) {
      return failure{probe_error::bad_http_version, version + " is not one of valid_http_versions"};
    }
  }
  if (!accepts_status(impl_->statuses, response.status)) {
    return failure{probe_error::bad_status, "HTTP status " + std::to_string(response.status)};
  }
  for (const auto& header : impl_->headers) {
    if (auto wrong = header.judge(response)) {
      return wrong;
    }
  }
  std::string made;
  const auto text = impl_->bodies.empty() ? response.body : in_characters(response.body, made);
  for (const auto& body : impl_->bodies) {
    if (found(*body.expression, text) != body.must_match) {
      return failure{probe_error::bad_body,
                     (body.must_match ? "the body does not match '" : "the body matches '") +
                         body.expression->pattern() + "'"};
    }
  }
  return std::nullopt;
}

} // namespace xprober::http
