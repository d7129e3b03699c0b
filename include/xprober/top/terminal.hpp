#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "xprober/top/view.hpp"

namespace xprober::top {

/// The whole screen of the terminal that is standard input and output, from the constructor to the
/// destructor, which leaves it as it was; so does a crash of the process. One at a time; for one
/// thread.
///
/// Where standard error is a terminal, what is written there meanwhile is held back: see
/// `hold_errors`. A terminal that takes nothing (Ctrl-S) is waited for until `gives_up` says
/// otherwise.
class terminal {
public:
  /// True if standard output is a terminal and TERM names one that can be written to at any place.
  static bool addressable();
  /// True if a full screen can be shown here: keys can be read, too. Sets the locale of characters;
  /// before other threads start.
  static bool usable();

  /// Throws std::runtime_error where the terminal is none that can be used.
  explicit terminal(std::function<bool()> gives_up = {});
  ~terminal();
  terminal(const terminal&) = delete;
  terminal& operator=(const terminal&) = delete;

  struct extent {
    std::size_t columns = 80;
    std::size_t rows = 24;
  };
  /// As the terminal is now. It is told so by SIGWINCH, which is the caller's.
  extent measure();

  /// Shows what is different from before.
  void show(const std::vector<screen_line>& lines);

  /// The next key that was pressed; nothing if none was. Never waits.
  std::optional<key_press> read_key();
  /// Nobody can press a key any more: the terminal has gone.
  bool gone() const noexcept;

  /// Gives the terminal back, stops the process, and takes the terminal again when it goes on.
  void suspend();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace xprober::top
