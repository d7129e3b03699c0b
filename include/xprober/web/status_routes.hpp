#pragma once

#include "xprober/web/server_questions.hpp"

namespace xprober::web {

/// `/api/v1/status` and the page `/status`, as `status` of the configuration says: while it is not
/// enabled both are 404, but for the page of groups in its own address (`?group=`), whose reader
/// needs what `/api/v1/targets` needs. What is told is made once in five seconds at most, however
/// many ask.
void add_status_routes(net::router& routes, const server_handles_ptr& h);

/// What everybody may look at, see `access_gate::publish`: both, for who wants to know whether
/// there is a status, but for groups in the address; and once it is enabled what the page is made
/// of.
bool is_public(const status_config& status, const net::request_context& context);

} // namespace xprober::web
