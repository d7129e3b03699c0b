#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xprober::dns_query {

/// What a target says: a name to ask for, and whom.
struct dns_target {
  std::string name;       ///< with its final dot; of other scripts as the DNS has it, "xn--..."
  std::string server;     ///< name or numeric address; empty: the system's
  std::uint16_t port = 0; ///< 0: the usual one
};

struct target_result {
  std::optional<dns_target> target;
  std::string error; ///< what is wrong and what is allowed; empty with a target
};

/// Reads "NAME", "NAME@SERVER" or "NAME@SERVER:PORT"; an IPv6 address in brackets where a port
/// follows.
target_result parse_target(std::string_view text);

/// The server that a system without a target's own asks: the first of `configured`, each with or
/// without a port, else of resolv.conf(5) at `path`, else 127.0.0.1.
std::string first_server(const std::vector<std::string>& configured, const char* path);

} // namespace xprober::dns_query
