#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xprober::stream {

/// What a server said, for people, on one line: bytes that would move a terminal (control
/// characters, those of ISO 6429 in UTF-8, too) and such as are no UTF-8 (RFC 3629) are '?'. At
/// most `most` bytes, with "..." behind them where there were more.
std::string shown(std::string_view text, std::size_t most = 100);

} // namespace xprober::stream
