#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/remote_write/connection.hpp"
#include "xprober/remote_write/histogram_encoder.hpp"

namespace xprober::remote_write {

namespace asio = boost::asio;

/// Sends native histograms to one receiver, over a connection of its own: what becomes of them
/// holds up no sample. Every `histogram_interval` (every second until there are any) it asks the
/// history for all and sends what has changed. While the receiver does not take them it asks less
/// often, and repeats nothing: the next say more.
class histogram_sender : public std::enable_shared_from_this<histogram_sender> {
public:
  struct counts {
    std::uint64_t sent = 0;
    std::uint64_t failed = 0;
    std::string error; ///< why the last were not taken; empty: they were
  };
  using listener = std::function<void(const counts&)>;

  /// Throws net::setup_error for a URL or a CA file that cannot be used. `tell` is called on the
  /// thread of `io`, until `stop`.
  histogram_sender(asio::io_context& io, const remote_write_config& config, std::string name,
                   caf::actor gateway, history_actor history, listener tell);

  void start();
  void stop();

private:
  asio::awaitable<void> live();
  asio::awaitable<void> run();
  asio::awaitable<bool> recover(std::string what);
  asio::awaitable<void> send_round();
  asio::awaitable<bool> transmit(const histogram_encoder::request& request);
  asio::awaitable<void> wait(std::chrono::milliseconds time);
  void refused(const write_answer& answer, std::uint64_t series);
  void all_taken();

  asio::io_context& io_;
  std::string name_;
  caf::actor gateway_;
  history_actor history_;
  listener tell_;
  remote_connection connection_;
  histogram_encoder encoder_;
  asio::steady_timer timer_;
  std::chrono::milliseconds pause_;
  counts counts_;
  std::string compressed_; ///< being sent
  bool any_ = false;       ///< there were some
  bool failing_ = false;
  bool stopping_ = false;
};

/// From round to round; as often as Prometheus mostly scrapes.
inline constexpr std::chrono::seconds histogram_interval{15};

} // namespace xprober::remote_write
