#include "xprober/probes/dns/ares_channel.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <ares.h>
#include <boost/asio/post.hpp>
#include <netinet/in.h>

namespace asio = boost::asio;

namespace xprober::dns {

namespace {

constexpr int tries_per_server = 3;

asio::ip::address to_address(const sockaddr* raw) {
  if (raw->sa_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(raw);
    return asio::ip::address_v4{ntohl(in->sin_addr.s_addr)};
  }
  const auto* in6 = reinterpret_cast<const sockaddr_in6*>(raw);
  asio::ip::address_v6::bytes_type bytes;
  std::copy(std::begin(in6->sin6_addr.s6_addr), std::end(in6->sin6_addr.s6_addr), bytes.begin());
  return asio::ip::address_v6{bytes, in6->sin6_scope_id};
}

ares_channel::found read_nodes(const ares_addrinfo* info) {
  ares_channel::found result;
  int ttl = std::numeric_limits<int>::max();
  for (const auto* node = info ? info->nodes : nullptr; node; node = node->ai_next) {
    if (node->ai_family != AF_INET && node->ai_family != AF_INET6) {
      continue;
    }
    result.addresses.push_back(to_address(node->ai_addr));
    ttl = std::min(ttl, node->ai_ttl);
  }
  result.ttl = std::chrono::seconds{result.addresses.empty() ? 0 : std::max(ttl, 0)};
  return result;
}

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) {
    if (!text.empty()) {
      text += ',';
    }
    text += part;
  }
  return text;
}

} // namespace

struct ares_channel::watch {
  explicit watch(const asio::any_io_executor& executor, int fd) : descriptor(executor, fd) {}

  asio::posix::stream_descriptor descriptor;
  bool wants_read = false;
  bool wants_write = false;
  bool reading = false; ///< a wait is under way
  bool writing = false;
};

struct ares_channel::pending {
  std::shared_ptr<ares_channel> channel;
  handler done;
};

ares_channel::ares_channel(asio::any_io_executor executor, const channel_settings& settings)
    : executor_(std::move(executor)), timer_(executor_) {
  static const int library_status = ares_library_init(ARES_LIB_INIT_ALL);
  if (library_status != ARES_SUCCESS) {
    init_status_ = library_status;
    return;
  }
  ares_options options{};
  std::string lookups = settings.lookups;
  options.lookups = lookups.data();
  options.timeout = static_cast<int>(settings.try_timeout.count());
  options.tries = tries_per_server;
  options.flags = settings.believe_failures ? ARES_FLAG_NOCHECKRESP : 0;
  options.sock_state_cb = &ares_channel::on_socket_state;
  options.sock_state_cb_data = this;
  init_status_ = ares_init_options(&channel_, &options,
                                   ARES_OPT_FLAGS | ARES_OPT_LOOKUPS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                                       ARES_OPT_SOCK_STATE_CB);
  if (init_status_ == ARES_SUCCESS && !settings.servers.empty()) {
    init_status_ = ares_set_servers_ports_csv(channel_, join(settings.servers).c_str());
  }
}

ares_channel::~ares_channel() { close(); }

void ares_channel::close() {
  if (auto* channel = std::exchange(channel_, nullptr)) {
    ares_destroy(channel);
  }
  init_status_ = ARES_EDESTRUCTION;
  timer_.cancel();
}

void ares_channel::query(const std::string& host, int family, handler done) {
  if (init_status_ != ARES_SUCCESS) {
    done(init_status_, {});
    return;
  }
  ares_addrinfo_hints hints{};
  hints.ai_family = family;
  // Unsorted: sorting would connect a socket to each address. ENVHOSTS: $CARES_HOSTS may name
  // another hosts file, as for every program that uses c-ares.
  hints.ai_flags = ARES_AI_NOSORT | ARES_AI_ENVHOSTS;
  auto* arg = new pending{shared_from_this(), std::move(done)};
  ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, &ares_channel::on_answer, arg);
  set_timer();
}

void ares_channel::on_answer(void* arg, int status, int, ares_addrinfo* result) {
  const std::unique_ptr<pending> query{static_cast<pending*>(arg)};
  const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned{result,
                                                                           &ares_freeaddrinfo};
  query->done(status, read_nodes(result));
  // c-ares goes on with the channel after this call: the last reference must not go here.
  const auto executor = query->channel->executor_;
  asio::post(executor, [keep = std::move(query->channel)] {});
}

void ares_channel::on_socket_state(void* arg, int fd, int readable, int writable) {
  auto& self = *static_cast<ares_channel*>(arg);
  auto found = self.watches_.find(fd);
  if (readable == 0 && writable == 0) {
    if (found != self.watches_.end()) {
      found->second->descriptor.release(); // c-ares closes it
      self.watches_.erase(found);
    }
    return;
  }
  if (found == self.watches_.end()) {
    found = self.watches_.emplace(fd, std::make_shared<watch>(self.executor_, fd)).first;
  }
  const auto w = found->second;
  w->wants_read = readable != 0;
  w->wants_write = writable != 0;
  self.arm(w, true);
  self.arm(w, false);
}

void ares_channel::arm(const std::shared_ptr<watch>& w, bool reading) {
  bool& armed = reading ? w->reading : w->writing;
  if (armed || !w->descriptor.is_open() || !(reading ? w->wants_read : w->wants_write)) {
    return;
  }
  armed = true;
  const auto kind =
      reading ? asio::posix::descriptor_base::wait_read : asio::posix::descriptor_base::wait_write;
  w->descriptor.async_wait(
      kind, [weak = weak_from_this(), w, reading](boost::system::error_code error) {
        (reading ? w->reading : w->writing) = false;
        const auto self = weak.lock();
        if (error || !self || !w->descriptor.is_open()) {
          return;
        }
        const int fd = w->descriptor.native_handle();
        self->process(reading ? fd : ARES_SOCKET_BAD, reading ? ARES_SOCKET_BAD : fd);
        self->arm(w, reading);
      });
}

void ares_channel::process(int read_fd, int write_fd) {
  if (channel_) {
    ares_process_fd(channel_, read_fd, write_fd);
    set_timer();
  }
}

void ares_channel::set_timer() {
  timeval left{};
  if (!channel_ || !ares_timeout(channel_, nullptr, &left)) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(std::chrono::seconds{left.tv_sec} + std::chrono::microseconds{left.tv_usec});
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    if (const auto self = weak.lock(); self && !error) {
      self->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }
  });
}

} // namespace xprober::dns
