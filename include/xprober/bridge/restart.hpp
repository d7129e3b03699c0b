#pragma once

#include <exception>
#include <functional>
#include <string>

#include <boost/asio/awaitable.hpp>

namespace xprober::bridge {

/// Runs `work()` until it ends by itself. After an exception `failed(what)`, whose part it is to
/// say so and to wait, is asked whether it is to run again. Both are coroutines.
inline boost::asio::awaitable<void>
run_again(std::function<boost::asio::awaitable<void>()> work,
          std::function<boost::asio::awaitable<bool>(const std::string&)> failed) {
  for (;;) {
    std::string what; // nothing can be awaited where an exception is caught
    try {
      co_await work();
      co_return;
    } catch (const std::exception& thrown) {
      what = thrown.what();
    } catch (...) {
      what = "an exception without a text";
    }
    const bool again = co_await failed(what);
    if (!again) {
      co_return;
    }
  }
}

} // namespace xprober::bridge
