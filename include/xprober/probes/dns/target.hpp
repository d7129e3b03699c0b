#pragma once

#include <string>
#include <vector>

namespace xprober::dns_query {

/// The server that a system without a target's own asks: the first of `configured`, each with or
/// without a port, else of resolv.conf(5) at `path`, else 127.0.0.1.
std::string first_server(const std::vector<std::string>& configured, const char* path);

} // namespace xprober::dns_query
