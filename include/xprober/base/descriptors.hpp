#pragma once

#include <cstdint>

namespace xprober {

/// How many files and sockets this process may have open at a time: RLIMIT_NOFILE, getrlimit(2).
std::uint64_t descriptor_limit() noexcept;

/// Raises the limit to the hard one, as far as the kernel lets it; gives what it is then.
std::uint64_t raise_descriptor_limit() noexcept;

/// Puts /dev/null where standard input, output or error is closed, before a socket or a file takes
/// the place and log lines are written into it.
void fill_standard_descriptors() noexcept;

} // namespace xprober
