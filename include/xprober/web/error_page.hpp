#pragma once

#include <string>
#include <string_view>

#include "xprober/net/http_types.hpp"

namespace xprober::web {

/// Whether somebody looks at what comes: a browser that shows it, and no program or script that
/// reads it. What is below `/api/` is always read.
bool shows_pages(const net::http_request& head);

/// An error as a page: a whole HTML document without a script. `way_out`: it leads to the first
/// page.
std::string error_page(unsigned status, std::string_view problem, bool way_out);

/// Where `answer` is an error (`net::error_response`) and somebody looks at it, its body becomes a
/// page that says the same; everybody else keeps JSON. `way_out`: the first page would be shown.
void show_error(const net::http_request& head, net::http_response& answer, bool way_out = true);

} // namespace xprober::web
