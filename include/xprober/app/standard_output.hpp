#pragma once

#include <array>
#include <functional>
#include <streambuf>

namespace xprober::app {

/// Writes to a descriptor and remembers the first error, which standard streams forget: a table
/// that is on no disk must not end as a success. What comes after an error is thrown away.
///
/// A reader that has stopped (Ctrl-S, a full pipe) is waited for until `gives_up` says otherwise,
/// which is asked ten times a second; then the error is EINTR.
class descriptor_buffer : public std::streambuf {
public:
  /// `gives_up` may be empty.
  explicit descriptor_buffer(int descriptor, std::function<bool()> gives_up = {});

  /// An errno; 0: all has been written so far.
  int error() const noexcept { return error_; }

protected:
  int_type overflow(int_type c) override;
  int sync() override;

private:
  bool write_out();
  bool wait_for_room();

  int descriptor_;
  std::function<bool()> gives_up_;
  int error_ = 0;
  std::array<char, 1 << 14> buffer_;
};

/// Takes what is written to std::cout while it lives. Gives up once a signal was noted
/// (`note_signals`): whoever has to take it may be the thread that writes.
class standard_output {
public:
  standard_output();
  ~standard_output();
  standard_output(const standard_output&) = delete;
  standard_output& operator=(const standard_output&) = delete;

  /// Writes what waits. Gives the exit status of a command that would have ended with `status`:
  /// where something could not be written, it says so on standard error, and a success is none.
  int finish(int status);

private:
  descriptor_buffer buffer_;
  std::streambuf* before_;
};

} // namespace xprober::app
