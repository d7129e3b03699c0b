#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/net/http_types.hpp"

namespace xprober::net {

/// Keeps pages of others from using a browser, which reaches what they do not, as their tool. What
/// is no browser and says so by leaving out Origin and Sec-Fetch-Site is none of its business.
///
/// A name of somebody else's that leads here (DNS rebinding) makes their page one of ours to the
/// browser: so a name in `Host` must be known. A page of another origin may not read our answers,
/// as we allow it to nobody (CORS), but its requests are carried out: so those that change or send
/// something must come from our own page, or from nobody's.
class browser_guard {
public:
  /// `names` are accepted in `Host` beside `localhost`, what is below it, and every numeric
  /// address, which nobody can make lead elsewhere: a name, "*.name" for all below it, or "*" for
  /// every one.
  explicit browser_guard(std::vector<std::string> names);

  /// Whether the value of a header Host, "name", "name:port" or "[::1]:port", is of this program.
  bool knows(std::string_view host) const;

  /// The answer to a request for a name that is not known, 421. A request without Host passes.
  std::optional<http_response> judge_host(const http_request& head) const;

private:
  std::vector<std::string> names_;
};

/// The answer to a request that changes or sends something and was made by another origin's page,
/// 403. Sec-Fetch-Site (https://www.w3.org/TR/fetch-metadata/) decides; where a browser does not
/// send it, Origin must have the host and port of Host.
std::optional<http_response> judge_origin(const http_request& head);

/// The answer to any request that a page made, 403, for a port that has no pages: whichever name
/// leads here (DNS rebinding), no page has business there. Programs send neither Origin nor
/// Sec-Fetch-Site.
std::optional<http_response> judge_page(const http_request& head);

/// True for methods that are not safe (RFC 9110, 9.2.1).
bool changes_something(http::verb method) noexcept;

/// What every answer tells browsers, unless it says otherwise itself: show it in no frame, keep it
/// nowhere, guess no type.
const std::vector<std::pair<std::string, std::string>>& browser_headers();

} // namespace xprober::net
