#pragma once

#include <string_view>
#include <utility>

#include "xprober/domain/config.hpp"

// What keys of several kinds' sections take.
namespace xprober::config {

inline constexpr std::pair<std::string_view, ip_family> ip_families[] = {{"ip4", ip_family::ip4},
                                                                         {"ip6", ip_family::ip6}};
inline constexpr std::pair<std::string_view, tls_version> tls_versions[] = {
    {"TLS10", tls_version::tls10},
    {"TLS11", tls_version::tls11},
    {"TLS12", tls_version::tls12},
    {"TLS13", tls_version::tls13}};

} // namespace xprober::config
