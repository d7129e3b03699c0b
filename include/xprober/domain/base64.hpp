#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xprober {

/// Base64 with padding (RFC 4648, section 4).
std::string base64(std::string_view bytes);

/// The same without padding and with digits that need no escape in a URL (section 5).
std::string base64url(std::string_view bytes);

/// The bytes of what `base64url` wrote; nothing for what it would have written otherwise.
std::optional<std::string> read_base64url(std::string_view text);

} // namespace xprober
