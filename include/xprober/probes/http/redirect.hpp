#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "xprober/domain/config.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/probes/http/url.hpp"

namespace xprober::http {

/// A response that may send the probe elsewhere.
struct redirect_response {
  std::uint16_t status = 0;
  std::optional<std::string> location; ///< the Location header
};

/// What to do after a response.
struct redirect_decision {
  enum class action : std::uint8_t {
    judge,  ///< the response is the last one
    follow, ///< ask `next` with `method`
    fail,   ///< end with `error` and `detail`
  };
  action what = action::judge;
  http_url next;
  std::string method;
  probe_error error = probe_error::none; ///< too_many_redirects or bad_redirect
  std::string detail;
};

/// True for 301, 302, 303, 307 and 308.
bool is_redirect(std::uint16_t status) noexcept;

/// Decides after a response to `method` on `asked`, with `followed` redirects behind. The method
/// changes as clients do it (RFC 9110, section 15.4): 303 to GET (HEAD stays), 301 and 302 from
/// POST to GET.
redirect_decision decide_redirect(const redirect_response& response, const http_config& config,
                                  const http_url& asked, const std::string& method,
                                  std::uint32_t followed);

} // namespace xprober::http
