#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/backoff.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/net/endpoint.hpp"
#include "xprober/net/stream.hpp"
#include "xprober/remote_write/encoder.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::remote_write {

namespace asio = boost::asio;

/// What a receiver said to a request.
struct write_answer {
  unsigned status = 0; ///< 0: there was no answer
  std::string text;    ///< why it was not taken
  std::optional<std::chrono::seconds> retry_after;
};

/// The connection to one receiver: dialled when there is a request, and kept.
class remote_connection {
public:
  /// Throws net::setup_error for a URL or a CA file that cannot be used.
  remote_connection(asio::io_context& io, const remote_write_config& config);

  /// One request; at most `timeout` for each of its steps.
  asio::awaitable<write_answer> post(const std::string& body);
  void close();

  /// Secrets and headers as they are to be sent. Throws net::setup_error.
  std::string own_headers() const;

private:
  asio::awaitable<std::string> open();
  asio::awaitable<std::string> open_to(net::tcp::endpoint to);
  asio::awaitable<dns::resolve_answer> resolve();
  asio::awaitable<write_answer> read_answer();

  asio::io_context& io_;
  remote_write_config config_;
  net::endpoint server_;
  std::string credentials_; ///< user:password of the URL
  dns::resolver resolver_;
  std::shared_ptr<asio::ssl::context> tls_;
  std::shared_ptr<net::stream> stream_;
  std::function<void()> abort_;
  bool closed_ = false;
};

/// The URL without its user.
std::string public_url(const std::string& url);

/// Reads "120" or an HTTP date (RFC 9110, 10.2.3); at most an hour.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, std::time_t now);

/// One receiver: reads the journal, sends, moves its position on.
class remote_receiver : public std::enable_shared_from_this<remote_receiver> {
public:
  remote_receiver(asio::io_context& io, remote_write_config config, caf::actor gateway,
                  journal_actor journal, target_pool_actor pool, stats_actor stats);

  const remote_write_config& config() const noexcept { return config_; }
  void start();
  void stop();

private:
  asio::awaitable<void> run();
  asio::awaitable<bool> begin();
  asio::awaitable<void> learn_labels();
  asio::awaitable<void> deliver(const journal_record& record);
  asio::awaitable<void> send(reader_place place);
  asio::awaitable<bool> transmit(const std::string& body);
  asio::awaitable<void> move_on(reader_progress progress);
  asio::awaitable<void> wait(std::chrono::milliseconds time);
  void taken(std::size_t bytes);
  void failing(const std::string& why);
  void report();

  asio::io_context& io_;
  remote_write_config config_;
  std::string name_;
  caf::actor gateway_;
  journal_actor journal_;
  target_pool_actor pool_;
  stats_actor stats_;
  remote_connection connection_;
  remote_write_encoder encoder_;
  backoff pause_;
  asio::steady_timer timer_;
  receiver_stats counts_;
  reader_place place_;
  std::string request_;       ///< being sent
  std::string compressed_;    ///< likewise
  std::uint64_t refused_ = 0; ///< requests, for the log
  std::uint64_t progress_number_ = 0;
  bool labels_known_ = false;
  bool failing_ = false;
  bool stopping_ = false;
};

} // namespace xprober::remote_write
