#pragma once

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "histogram_sender.hpp"
#include "xprober/actors/actors.hpp"
#include "xprober/domain/backoff.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/remote_write/connection.hpp"
#include "xprober/remote_write/encoder.hpp"

namespace xprober::remote_write {

namespace asio = boost::asio;

/// One receiver: reads the journal, sends, moves its position on.
class remote_receiver : public std::enable_shared_from_this<remote_receiver> {
public:
  remote_receiver(asio::io_context& io, remote_write_config config, caf::actor gateway,
                  journal_actor journal, target_pool_actor pool, stats_actor stats,
                  history_actor history);

  const remote_write_config& setup() const noexcept { return config_; }
  void start();
  void stop();

private:
  asio::awaitable<void> live();
  asio::awaitable<void> run();
  asio::awaitable<bool> recover(std::string what);
  asio::awaitable<bool> begin();
  asio::awaitable<void> learn_labels();
  asio::awaitable<void> deliver(const journal_record& record);
  asio::awaitable<void> send(reader_place place);
  asio::awaitable<bool> transmit(const std::string& body);
  asio::awaitable<void> move_on(reader_progress progress);
  asio::awaitable<void> wait(std::chrono::milliseconds time);
  void taken(std::size_t bytes);
  void refused(const std::string& why);
  void failing(const std::string& why);
  void report();
  void start_histograms();
  void note_histograms(const histogram_sender::counts& counts);

  asio::io_context& io_;
  remote_write_config config_;
  std::string name_;
  caf::actor gateway_;
  journal_actor journal_;
  target_pool_actor pool_;
  stats_actor stats_;
  history_actor history_; ///< null: there are no histograms
  std::shared_ptr<histogram_sender> histograms_;
  remote_connection connection_;
  remote_write_encoder encoder_;
  backoff pause_;
  asio::steady_timer timer_;
  receiver_stats counts_;
  reader_place place_;
  std::string request_;        ///< being sent
  std::string compressed_;     ///< likewise
  std::uint64_t refusals_ = 0; ///< requests, for the log
  std::uint64_t progress_number_ = 0;
  bool labels_known_ = false;
  bool failing_ = false;
  bool stopping_ = false;
};

} // namespace xprober::remote_write
