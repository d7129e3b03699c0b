#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/app/reading_thread.hpp"
#include "xprober/domain/backoff.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/join_book.hpp"

namespace xprober::app {

/// Has an agent's certificate replaced after two thirds of its life, where `rpc.renew` says so: by
/// one of the same name and with another key, from the server that takes the one it has. What does
/// not come out well is tried again with longer and longer waits, and is told as the end comes
/// near.
class certificate_renewal {
public:
  struct hooks {
    /// The configuration as it is.
    std::function<agent_config()> config;
    /// Connects anew with what is in the files; empty, or why not.
    std::function<boost::asio::awaitable<std::string>()> use;
    /// What is to be said of the certificate, empty where nothing is; when that has changed.
    std::function<void(std::string)> tell;
  };

  /// All others must outlive the context's thread. All hooks are called there.
  certificate_renewal(boost::asio::io_context& context, reading_thread& files, hooks about);

  /// From now on, for as long as the context runs.
  void watch();

private:
  struct look {
    std::optional<certificate_span> span;
    std::string problem; ///< why there is none
  };

  static look look_into(const std::string& file);
  boost::asio::awaitable<void> keep_renewing();
  boost::asio::awaitable<std::chrono::milliseconds> renew_if_due();
  boost::asio::awaitable<std::string> renew(agent_config config);
  std::chrono::milliseconds note(const look& found, const std::string& problem);

  boost::asio::io_context& context_;
  reading_thread& files_;
  hooks about_;
  boost::asio::steady_timer timer_;
  backoff waits_;
  std::string problem_; ///< of the last attempt; empty: it came out well
  std::string told_;
  monotonic_time pause_until_{}; ///< what is due before waits: it was renewed just now
  bool is_used_ = true;          ///< false: the files have a newer certificate than the connections
  std::uint64_t early_; ///< so many thousandths of the last third earlier, so that many do not
                        ///< come at once
};

} // namespace xprober::app
