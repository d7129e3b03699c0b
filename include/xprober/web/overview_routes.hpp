#pragma once

#include "xprober/web/server_questions.hpp"

namespace xprober::web {

/// What is seen of everything at once: `/api/v1/regions`, `/api/v1/matrix`, `/api/v1/states`.
void add_overview_routes(net::router& routes, const server_handles_ptr& h);

} // namespace xprober::web
