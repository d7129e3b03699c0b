#pragma once

#include <string>
#include <string_view>

namespace xprober::web {

/// Where a browser is sent once it has signed in: `asked` where that is a path of this program,
/// else "/". A browser would take "//host" and "/\host" for another site's.
std::string path_after_sign_in(std::string_view asked);

/// The page that asks for a token: a whole HTML document without a script, whose form goes to
/// `/sign-in`. `to` is where it leads then; `problem` says why it is shown again, empty the first
/// time.
std::string sign_in_page(std::string_view to, std::string_view problem);

/// Its Content-Security-Policy: only its own style, and a form to ourselves.
const std::string& sign_in_policy();

} // namespace xprober::web
