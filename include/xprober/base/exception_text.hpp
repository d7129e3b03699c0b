#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace xprober {

/// What a thrown object says of itself. `thrown` is not null.
std::string exception_text(const std::exception_ptr& thrown) noexcept;

/// What nlohmann_json says of a text that is no JSON, without its number for the error and the
/// place:
/// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while ..."
/// becomes "syntax error while ...". At most 200 bytes.
std::string json_problem(std::string_view what);

} // namespace xprober
