#pragma once

#include <functional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "xprober/domain/flag_while.hpp"

namespace xprober::stream {

/// Work of many steps on a thread that has other work, too: after a number of steps the others have
/// their turn before it goes on.
class in_turns {
public:
  static constexpr unsigned steps_in_a_turn = 64;

  /// `step` is false where there was nothing to do. `go_on` is called, on the executor, where there
  /// may be more, and calls `go`.
  in_turns(boost::asio::io_context::executor_type executor, std::function<bool()> step,
           std::function<void()> go_on)
      : executor_(std::move(executor)), step_(std::move(step)), go_on_(std::move(go_on)) {}

  /// Takes steps; false, and nothing was done, if called from inside of one.
  bool go() {
    if (inside_) {
      return false;
    }
    const flag_while inside{inside_};
    unsigned steps = 0;
    while (steps < steps_in_a_turn && step_()) {
      ++steps;
    }
    if (steps == steps_in_a_turn && !goes_on_) {
      boost::asio::post(executor_, [this] {
        goes_on_ = false;
        go_on_();
      });
      goes_on_ = true;
    }
    return true;
  }

private:
  boost::asio::io_context::executor_type executor_;
  std::function<bool()> step_;
  std::function<void()> go_on_;
  bool inside_ = false;
  bool goes_on_ = false;
};

} // namespace xprober::stream
