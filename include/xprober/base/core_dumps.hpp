#pragma once

namespace xprober {

/// The environment variable that lets a service leave core dumps, with any value but none.
inline constexpr const char* core_dumps_variable = "XPROBER_CORE_DUMPS";

/// No core dump of this process any more, to a file or to a program: its memory holds tokens and
/// private keys. Nothing happens where `core_dumps_variable` is set.
void forbid_core_dumps() noexcept;

} // namespace xprober
