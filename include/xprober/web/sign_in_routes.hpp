#pragma once

#include <memory>

#include "xprober/net/router.hpp"
#include "xprober/web/access_gate.hpp"

namespace xprober::web {

/// `POST /api/v1/sign-in` with `{"token": "..."}` and `POST /api/v1/sign-out` for pages that have
/// scripts; `GET` and `POST /sign-in` and `POST /sign-out` with forms for those that have none.
void add_sign_in_routes(net::router& routes, const std::shared_ptr<access_gate>& gate);

} // namespace xprober::web
