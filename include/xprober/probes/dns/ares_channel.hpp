#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

struct ares_channeldata;
struct ares_addrinfo;

namespace xprober::dns {

struct channel_settings {
  /// c-ares's order of sources: "f" the hosts file, "b" DNS.
  std::string lookups = "b";
  std::vector<std::string> servers; ///< empty: those of resolv.conf
  /// Of the first try at one server; it doubles with each round over all servers.
  std::chrono::milliseconds try_timeout{1250};
  /// A server that answers SERVFAIL or REFUSED has answered; else the next one is asked, and of what
  /// they said nothing is left but that no server could be reached.
  bool believe_failures = false;
};

/// A c-ares channel whose sockets and timer are driven by an Asio executor. c-ares opens and
/// closes the sockets; the descriptors here only wait on them. Lives until its queries have ended.
class ares_channel : public std::enable_shared_from_this<ares_channel> {
public:
  struct found {
    std::vector<boost::asio::ip::address> addresses;
    std::chrono::seconds ttl{0}; ///< the smallest of the addresses
  };
  /// Status is an `ARES_*` code.
  using handler = std::function<void(int status, found result)>;

  ares_channel(boost::asio::any_io_executor executor, const channel_settings& settings);
  ~ares_channel();
  ares_channel(const ares_channel&) = delete;
  ares_channel& operator=(const ares_channel&) = delete;

  /// `family`: AF_INET, AF_INET6 or AF_UNSPEC. `done` is called once: from inside this call where
  /// no packet is needed, else later. It must not call the channel.
  void query(const std::string& host, int family, handler done);

  /// Ends all queries with ARES_EDESTRUCTION. Not from inside a query's handler.
  void close();

private:
  struct watch;
  struct pending;

  static void on_answer(void* arg, int status, int timeouts, ares_addrinfo* result);
  static void on_socket_state(void* self, int fd, int readable, int writable);
  void arm(const std::shared_ptr<watch>& w, bool reading);
  void process(int read_fd, int write_fd);
  void set_timer();

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  ares_channeldata* channel_ = nullptr;
  int init_status_ = 0;
  std::unordered_map<int, std::shared_ptr<watch>> watches_;
};

} // namespace xprober::dns
