#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/domain/address.hpp"

namespace xprober::net {

enum class transport : std::uint8_t { msgpack, http };

/// Where a server is and how it is spoken to.
struct endpoint {
  transport kind = transport::msgpack;
  bool tls = false;
  host_port where;
  std::string base_path; ///< of an HTTP URL, without a final slash; empty for most
  std::string text;      ///< as it was written, for messages, without its secrets

  bool operator==(const endpoint&) const = default;
};

/// Reads "host:port" (MessagePack-RPC, as Go servers speak it), "msgpack://host:port",
/// "msgpacks://host:port", "http://host[:80][/path]" or "https://host[:443][/path]". On failure
/// `error` says what is wrong.
std::optional<endpoint> parse_endpoint(std::string_view text, std::string& error);

} // namespace xprober::net
