#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xprober {

/// What the DNS has for a host name: itself, or for a name of other scripts in UTF-8 its ASCII form
/// (UTS 46, not transitional, as browsers and curl read it). Nothing where it has none.
std::optional<std::string> ascii_host_name(std::string_view host);

} // namespace xprober
