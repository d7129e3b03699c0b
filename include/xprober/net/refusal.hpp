#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/net/http_answer.hpp"

// What a server says of a request that it does not take.
namespace xprober::net {

/// The status and the beginning of the body, on one line: "HTTP 429: too many samples". Without
/// `secrets`: a server may repeat what it was asked for, and redirects do (`secrets_of_url`).
std::string refusal_text(const http_answer& answer, const std::vector<std::string>& secrets = {});

/// How long the server wants to be left alone, by its header Retry-After; nothing where it does not
/// say so.
std::optional<std::chrono::seconds> retry_after(const http_answer& answer, wall_time now);

/// Reads "120" or an HTTP date (RFC 9110, 10.2.3); at most an hour. `now` in seconds since 1970.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, std::int64_t now);

} // namespace xprober::net
