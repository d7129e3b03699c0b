#pragma once

namespace xprober {

/// SIGHUP, SIGINT and SIGTERM wait from here on, in this thread and in those it starts. The first
/// thing in a process: one that comes before anybody takes it would end it.
void hold_signals() noexcept;

/// What has come meanwhile is delivered, to this thread.
void release_signals() noexcept;

/// While a service starts: SIGINT and SIGTERM end the process at once with status 0, since there is
/// nothing to put in order yet; SIGHUP goes on waiting. Real handlers, because as the first process
/// of a container the kernel would drop what has only its default action.
void end_at_once_on_signals() noexcept;

/// SIGINT and SIGTERM do from here on what they do by default, to the first process of a container,
/// too.
void die_of_signals() noexcept;

/// A write to a pipe or a connection that nobody reads is an error in place of SIGPIPE.
void ignore_broken_pipes() noexcept;

} // namespace xprober
