#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace xprober::app {

/// What comes of reading a configuration.
template <class Config>
struct config_outcome {
  Config next;
  std::string problems; ///< empty: `next` is right
  std::vector<std::string> warnings;
};

/// Reads the configuration again.
template <class Config>
using config_reader = std::function<config_outcome<Config>()>;

/// Lets a reader work on a thread of its own: a file system that does not answer, or a large file,
/// holds up no session. Outlived by the context of whoever awaits it.
template <class Config>
class config_reading {
public:
  explicit config_reading(config_reader<Config> reader) : reader_(std::move(reader)) {}
  ~config_reading() { stop(); }
  config_reading(const config_reading&) = delete;
  config_reading& operator=(const config_reading&) = delete;

  /// What is read now; one at a time. Throws what the reader throws.
  boost::asio::awaitable<config_outcome<Config>> read() {
    return boost::asio::co_spawn(thread_.get_executor(), once(), boost::asio::use_awaitable);
  }

  /// Ends when what is being read was read; nothing is read after it.
  void stop() {
    thread_.stop();
    thread_.join();
  }

private:
  boost::asio::awaitable<config_outcome<Config>> once() { co_return reader_(); }

  config_reader<Config> reader_;
  boost::asio::thread_pool thread_{1};
};

} // namespace xprober::app
