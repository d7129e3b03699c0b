#pragma once

#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "xprober/net/router.hpp"
#include "xprober/web/site.hpp"

namespace xprober::web {

/// What a page may load (CSP level 3): what the same program serves, in files of their own.
inline constexpr std::string_view page_security_policy =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

/// What a file of the pages may load. It counts where the file is a worker, which has the policy of
/// its own answer and not that of its page (HTML, "run a worker"): it asks the same program.
inline constexpr std::string_view file_security_policy =
    "default-src 'none'; connect-src 'self'; frame-ancestors 'none'";

/// The document that every page of a role is.
boost::asio::awaitable<net::http_response> page_response(site_role role);

/// Adds the pages of a role but for /status (see status_routes.hpp), each of which is one and the
/// same document (`no-store`) whose script shows what the address names, and `/assets/{name}` with
/// the files of it. Their names have hashes, so that they may be kept for ever; they are sent in
/// the coding that `Accept-Encoding` lets: brotli, else gzip, else none. The name of another
/// build's file is answered with 404.
void add_page_routes(net::router& routes, site_role role);

} // namespace xprober::web
