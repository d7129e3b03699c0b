#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/resolver/server_sockets.hpp"

struct ares_channeldata;

namespace xprober::dns {

struct channel_settings {
  /// Addresses, each maybe with a port. Empty: those of resolv.conf, and what it says of searching;
  /// else names are asked for as they are.
  std::vector<std::string> servers;
  std::chrono::milliseconds timeout{5000}; ///< in which every server is asked `attempts` times
  std::uint32_t attempts = 2;
  /// A server that answers SERVFAIL or REFUSED has answered; else the next one is asked, and of
  /// what they said nothing is left but that no server could be reached.
  bool believe_failures = false;
  /// Over UDP an answer that does not fit is `found::truncated`, over TCP there is none. Where TCP
  /// fails c-ares takes a try from every query to that server, so the two are apart.
  bool over_tcp = false;
};

/// How long the first try at one server may take, when the time doubles with each of `attempts`
/// rounds over all servers and all of them are to end within `timeout`; 50 ms at least.
std::chrono::milliseconds first_try_timeout(std::chrono::milliseconds timeout,
                                            std::uint32_t attempts, std::size_t servers) noexcept;

/// A c-ares channel whose sockets and timer are driven by an Asio executor. c-ares opens and
/// closes the sockets; the descriptors here only wait on them. Lives until its queries have ended.
class ares_channel : public std::enable_shared_from_this<ares_channel> {
public:
  struct found {
    std::vector<boost::asio::ip::address> addresses;
    /// How long the answer may be kept: the smallest TTL of the addresses; without addresses see
    /// `negative_ttl`. Nothing: not at all.
    std::optional<std::chrono::seconds> ttl;
    /// There is more than came: to be asked for over TCP. Nothing else is told then.
    bool truncated = false;
  };
  /// Status is an `ARES_*` code.
  using handler = std::function<void(int status, found result)>;

  ares_channel(boost::asio::any_io_executor executor, const channel_settings& settings);
  ~ares_channel();
  ares_channel(const ares_channel&) = delete;
  ares_channel& operator=(const ares_channel&) = delete;

  /// Asks the servers for the addresses of `family`, AF_INET or AF_INET6, of the host, or of what
  /// resolv.conf's `search` makes of it. `done` is called once: from inside this call where no
  /// packet is needed, else later. It must not call the channel.
  void ask(const std::string& host, int family, handler done);

  /// Ends all queries with ARES_EDESTRUCTION. Not from inside a query's handler.
  void close();

private:
  struct watch;
  struct question;

  void ask_next(std::unique_ptr<question> q);
  static void on_answer(void* arg, int status, int timeouts, unsigned char* message, int length);
  void read_system_settings();
  static void on_socket_state(void* self, int fd, int readable, int writable);
  void arm(const std::shared_ptr<watch>& w, bool reading);
  void process(int read_fd, int write_fd);
  void process_later(int read_fd);
  void set_timer();

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  server_sockets sockets_; ///< of the channel
  ares_channeldata* channel_ = nullptr;
  int init_status_ = 0;
  bool over_tcp_ = false;
  std::vector<std::string> domains_; ///< resolv.conf's `search`
  int ndots_ = 1;
  std::size_t server_count_ = 1;
  std::unordered_map<int, std::shared_ptr<watch>> watches_;
};

} // namespace xprober::dns
