#pragma once

#include <string>
#include <string_view>

#include <termios.h>

// A terminal is given back whatever ends the process. All of this is the process's own state, like
// the terminal itself: what a handler of signals needs has no other place to be.
namespace xprober::top {

/// From here on a crash writes `farewell` to standard output, sets the terminal at standard input
/// back to `modes`, releases standard error, and goes on to what it would have done. Called again,
/// the newest words and modes count.
void arm_rescue(const termios& modes, std::string_view farewell) noexcept;
void disarm_rescue() noexcept;

/// Where standard error is a terminal, what is written there goes into a file in memory until
/// `release_errors`, which writes it to that terminal.
void hold_errors() noexcept;
void release_errors() noexcept;

/// Where more than 256 KiB are held back, they go, with a line in their place. To be called now and
/// then.
void bound_held_errors() noexcept;

/// The newest line that is held back, clean; empty where there is none.
std::string last_held_error();

} // namespace xprober::top
