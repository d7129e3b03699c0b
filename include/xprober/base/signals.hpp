#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace xprober {

/// The exit status of a process that a fault of its own has ended: EX_SOFTWARE of sysexits.h.
inline constexpr int failure_status = 70;

/// SIGHUP, SIGINT and SIGTERM wait from here on, in this thread and in those it starts. The first
/// thing in a process: one that comes before anybody takes it would end it.
void hold_signals() noexcept;

/// What has come meanwhile is delivered, to this thread.
void release_signals() noexcept;

/// While a service starts: SIGINT and SIGTERM end the process at once, since there is nothing to
/// put in order yet, with status 0, or `failure_status` where it was `signal_failure`; SIGHUP goes
/// on waiting. Real handlers, because as the first process of a container the kernel would drop
/// what has only its default action.
void end_at_once_on_signals() noexcept;

/// SIGINT and SIGTERM do from here on what they do by default, to the first process of a container,
/// too. `signal_failure` does nothing any more: the end that it asks for is under way.
void die_of_signals() noexcept;

/// Sends SIGTERM to this process's first thread, from any other: the process cannot go on. Whoever
/// takes it there can tell it from one that somebody else has sent.
void signal_failure() noexcept;

/// The process ends with `failure_status` after so long, whatever it does (alarm(2)); called again,
/// nothing changes.
void end_within(std::chrono::seconds longest) noexcept;

/// SIGINT and SIGTERM are noted from here on, in the handler itself, and go on to whoever takes
/// them now (Asio's handler, which says so only where its context runs).
void note_signals() noexcept;

/// The last one that came since `note_signals`; 0: none. Callable from any thread.
int noted_signal() noexcept;

/// As if none had come.
void forget_noted_signal() noexcept;

/// A write to a pipe or a connection that nobody reads is an error in place of SIGPIPE.
void ignore_broken_pipes() noexcept;

/// Runs `body` on a new thread that takes no signals but those of its own faults: the others are
/// the main thread's, and a peer's close must not raise SIGPIPE through OpenSSL's writes.
std::thread thread_without_signals(std::function<void()> body);

} // namespace xprober
