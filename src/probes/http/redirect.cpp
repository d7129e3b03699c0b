#include "xprober/probes/http/redirect.hpp"

#include <utility>

#include "xprober/probes/http/status.hpp"

namespace xprober::http {

namespace {

std::string next_method(std::uint16_t status, const std::string& method) {
  if (status == 303 && method != "HEAD") {
    return "GET";
  }
  if ((status == 301 || status == 302) && method == "POST") {
    return "GET";
  }
  return method;
}

redirect_decision fail(probe_error error, std::string detail) {
  redirect_decision decision;
  decision.what = redirect_decision::action::fail;
  decision.error = error;
  decision.detail = std::move(detail);
  return decision;
}

} // namespace

bool is_redirect(std::uint16_t status) noexcept {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

redirect_decision decide_redirect(const redirect_response& response, const http_config& config,
                                  const http_url& asked, const std::string& method,
                                  std::uint32_t followed) {
  if (!config.follow_redirects || !is_redirect(response.status)) {
    return {};
  }
  const auto status = "HTTP status " + std::to_string(response.status);
  if (!response.location && accepts_status(config.valid_status_codes, response.status)) {
    return {}; // it names no other place, and is what is wanted
  }
  if (!response.location) {
    return fail(probe_error::bad_redirect, asked.text() + ": " + status + " without a Location");
  }
  if (followed >= config.max_redirects) {
    return fail(probe_error::too_many_redirects, asked.text() + ": " + status + " after " +
                                                     std::to_string(followed) +
                                                     " redirects, max_redirects allows no more");
  }
  auto next = resolve_location(asked, *response.location);
  if (!next.url) {
    return fail(probe_error::bad_redirect, asked.text() + ": " + status + " to " + next.error);
  }
  redirect_decision decision;
  decision.what = redirect_decision::action::follow;
  decision.next = std::move(*next.url);
  decision.method = next_method(response.status, method);
  return decision;
}

} // namespace xprober::http
