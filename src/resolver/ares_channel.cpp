#include "xprober/resolver/ares_channel.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <ares.h>
#include <boost/asio/post.hpp>
#include <netinet/in.h>
// After what it needs:
#include <arpa/nameser.h>

#include "xprober/domain/address.hpp"
#include "xprober/resolver/answer.hpp"
#include "xprober/resolver/message.hpp"

namespace asio = boost::asio;

namespace xprober::dns {

namespace {

constexpr int max_addresses = 64; ///< of one name and family
constexpr std::uint16_t dns_port = 53;
constexpr int last_known_rcode = 5; ///< REFUSED: up to it c-ares has a status for each
constexpr std::chrono::milliseconds least_try{50};
constexpr unsigned char truncated_bit = 0x02; ///< TC, of the third byte (RFC 1035, section 4.1.1)

void take_address(ares_channel::found& out, const asio::ip::address& address, int ttl) {
  const std::chrono::seconds time{std::max(ttl, 0)};
  out.addresses.push_back(address);
  out.ttl = out.ttl ? std::min(*out.ttl, time) : time;
}

int read_ip4(std::span<const unsigned char> message, ares_channel::found& out) {
  std::array<ares_addrttl, max_addresses> records{};
  int count = max_addresses;
  const int status = ares_parse_a_reply(message.data(), static_cast<int>(message.size()), nullptr,
                                        records.data(), &count);
  for (int i = 0; status == ARES_SUCCESS && i < count; ++i) {
    const auto& record = records[static_cast<std::size_t>(i)];
    take_address(out, asio::ip::address_v4{ntohl(record.ipaddr.s_addr)}, record.ttl);
  }
  return status;
}

int read_ip6(std::span<const unsigned char> message, ares_channel::found& out) {
  std::array<ares_addr6ttl, max_addresses> records{};
  int count = max_addresses;
  const int status = ares_parse_aaaa_reply(message.data(), static_cast<int>(message.size()),
                                           nullptr, records.data(), &count);
  for (int i = 0; status == ARES_SUCCESS && i < count; ++i) {
    const auto& record = records[static_cast<std::size_t>(i)];
    asio::ip::address_v6::bytes_type bytes;
    std::copy(std::begin(record.ip6addr._S6_un._S6_u8), std::end(record.ip6addr._S6_un._S6_u8),
              bytes.begin());
    take_address(out, asio::ip::address_v6{bytes}, record.ttl);
  }
  return status;
}

// c-ares's form: "192.0.2.1:53,[2001:db8::1]:53".
std::string server_list(const std::vector<std::string>& servers) {
  std::string text;
  std::string ignored;
  for (const auto& server : servers) {
    const auto parsed = parse_address_port(server, dns_port, ignored);
    text += (text.empty() ? "" : ",") + (parsed ? to_string(*parsed) : server);
  }
  return text;
}

} // namespace

std::chrono::milliseconds first_try_timeout(std::chrono::milliseconds timeout,
                                            std::uint32_t attempts, std::size_t servers) noexcept {
  // One server takes t + 2t + 4t + ... of its rounds.
  const auto shares = ((std::uint64_t{1} << std::clamp(attempts, 1U, 30U)) - 1) *
                      std::max<std::uint64_t>(servers, 1);
  return std::max(least_try, timeout / static_cast<std::int64_t>(shares));
}

struct ares_channel::watch {
  explicit watch(const asio::any_io_executor& executor, int fd) : descriptor(executor, fd) {}

  asio::posix::stream_descriptor descriptor;
  bool wants_read = false;
  bool wants_write = false;
  bool reading = false; ///< a wait is under way
  bool writing = false;
};

/// One family of a host, asked for under one name after the other.
struct ares_channel::question {
  std::shared_ptr<ares_channel> channel;
  std::vector<std::string> names;
  std::size_t next = 0;
  std::string host;
  int family = AF_INET;
  handler done;
  int own_status = ARES_ENOTFOUND; ///< of the host as it was written
  bool got_nodata = false;
  /// Of all negative answers so far; nothing: one of them may not be kept.
  std::optional<std::chrono::seconds> negative = std::chrono::hours{24 * 365};

  void finish(int status, found result) {
    done(status, std::move(result));
    // c-ares goes on with the channel after this call: the last reference must not go here.
    const auto executor = channel->executor_;
    asio::post(executor, [keep = std::move(channel)] {});
  }
};

ares_channel::ares_channel(asio::any_io_executor executor, const channel_settings& settings)
    : executor_(std::move(executor)), timer_(executor_),
      sockets_([this](int fd) { process_later(fd); }) {
  static const int library_status = ares_library_init(ARES_LIB_INIT_ALL);
  if (library_status != ARES_SUCCESS) {
    init_status_ = library_status;
    return;
  }
  if (settings.servers.empty()) {
    read_system_settings();
  } else {
    server_count_ = settings.servers.size();
  }
  ares_options options{};
  std::string lookups = "b"; // `ask` does not look at it; else c-ares reads it from files
  options.lookups = lookups.data();
  options.timeout = static_cast<int>(
      first_try_timeout(settings.timeout, settings.attempts, server_count_).count());
  options.tries = static_cast<int>(settings.attempts);
  options.flags = (settings.believe_failures ? ARES_FLAG_NOCHECKRESP : 0) |
                  (settings.over_tcp ? ARES_FLAG_USEVC : ARES_FLAG_IGNTC);
  over_tcp_ = settings.over_tcp;
  options.sock_state_cb = &ares_channel::on_socket_state;
  options.sock_state_cb_data = this;
  init_status_ = ares_init_options(&channel_, &options,
                                   ARES_OPT_FLAGS | ARES_OPT_LOOKUPS | ARES_OPT_TIMEOUTMS |
                                       ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
  if (init_status_ == ARES_SUCCESS) {
    sockets_.attach(channel_);
  }
  if (init_status_ == ARES_SUCCESS && !settings.servers.empty()) {
    init_status_ = ares_set_servers_ports_csv(channel_, server_list(settings.servers).c_str());
  }
}

// How many servers resolv.conf names decides how long one may take, which must be said before.
void ares_channel::read_system_settings() {
  ares_channeldata* system = nullptr;
  ares_options options{};
  int mask = 0;
  if (ares_init(&system) != ARES_SUCCESS) {
    return;
  }
  if (ares_save_options(system, &options, &mask) == ARES_SUCCESS) {
    ndots_ = options.ndots;
    for (int i = 0; i < options.ndomains; ++i) {
      domains_.emplace_back(options.domains[i]);
    }
  }
  ares_destroy_options(&options);
  ares_addr_port_node* servers = nullptr;
  if (ares_get_servers_ports(system, &servers) == ARES_SUCCESS) {
    server_count_ = 0;
    for (const auto* at = servers; at != nullptr; at = at->next) {
      ++server_count_;
    }
    ares_free_data(servers);
  }
  ares_destroy(system);
}

ares_channel::~ares_channel() { close(); }

void ares_channel::close() {
  if (auto* channel = std::exchange(channel_, nullptr)) {
    ares_destroy(channel);
  }
  init_status_ = ARES_EDESTRUCTION;
  timer_.cancel();
}

void ares_channel::ask(const std::string& host, int family, handler done) {
  if (init_status_ != ARES_SUCCESS) {
    done(init_status_, {});
    return;
  }
  auto q = std::make_unique<question>();
  q->channel = shared_from_this();
  q->names = search_names(host, domains_, ndots_);
  q->host = host;
  q->family = family;
  q->done = std::move(done);
  ask_next(std::move(q));
  set_timer();
}

void ares_channel::ask_next(std::unique_ptr<question> q) {
  const auto& name = q->names[q->next++];
  const int type = q->family == AF_INET ? ns_t_a : ns_t_aaaa;
  ares_query(channel_, name.c_str(), ns_c_in, type, &ares_channel::on_answer, q.release());
}

void ares_channel::on_answer(void* arg, int status, int, unsigned char* message, int length) {
  std::unique_ptr<question> q{static_cast<question*>(arg)};
  const std::span<const unsigned char> bytes{
      message, message != nullptr && length > 0 ? static_cast<std::size_t>(length) : 0};
  found result;
  if (bytes.size() > 2 && (bytes[2] & 0xF8U) != 0x80U) {
    // A query that came back over TCP, or another operation (RFC 1035, section 4.1.1: QR and
    // OPCODE); c-ares takes them.
    status = ARES_EBADRESP;
  }
  if (bytes.size() > 2 && (bytes[2] & truncated_bit) != 0 && !q->channel->over_tcp_ &&
      status != ARES_EBADRESP) {
    result.truncated = true;
    q->finish(ARES_SUCCESS, std::move(result));
    return;
  }
  if (status == ARES_SUCCESS) {
    status = q->family == AF_INET ? read_ip4(bytes, result) : read_ip6(bytes, result);
    // An alias without an address is a name without one.
    status = status == ARES_SUCCESS && result.addresses.empty() ? ARES_ENODATA : status;
  }
  if (const int rcode = bytes.size() > 3 ? bytes[3] & 0xF : 0; rcode > last_known_rcode) {
    status = status_of_rcode(rcode); // c-ares takes these for an answer without records
  }
  const bool own_name = q->names[q->next - 1] == q->host;
  // What resolv.conf's `search` makes of a name can be none; then nobody was asked.
  const bool no_name = status == ARES_EBADNAME && !own_name;
  const bool negative = status == ARES_ENOTFOUND || status == ARES_ENODATA;
  if (negative || no_name || status == ARES_ESERVFAIL) {
    const auto ttl = negative ? negative_ttl(bytes) : no_name ? q->negative : std::nullopt;
    q->negative = q->negative && ttl ? std::optional{std::min(*q->negative, *ttl)} : std::nullopt;
    q->got_nodata = q->got_nodata || status == ARES_ENODATA;
    if (own_name) {
      q->own_status = status;
    }
    auto& channel = *q->channel;
    if (q->next < q->names.size() && channel.channel_ != nullptr) {
      channel.ask_next(std::move(q));
      return;
    }
    // What was asked for under other names, too, is as good or bad as it is under its own.
    status = q->own_status == ARES_ENOTFOUND && q->got_nodata ? ARES_ENODATA : q->own_status;
    result.ttl = status == ARES_ESERVFAIL ? std::nullopt : q->negative;
  }
  q->finish(status, std::move(result));
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

void ares_channel::process_later(int read_fd) {
  asio::post(executor_, [weak = weak_from_this(), read_fd] {
    if (const auto self = weak.lock(); self && self->watches_.contains(read_fd)) {
      self->process(read_fd, ARES_SOCKET_BAD);
    }
  });
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
