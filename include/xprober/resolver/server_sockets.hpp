#pragma once

#include <functional>
#include <unordered_map>

#include <sys/socket.h>
#include <sys/uio.h>

struct ares_channeldata;

namespace xprober::dns {

/// The sockets of a c-ares channel, as this program wants them: they raise no SIGPIPE, and the
/// error of one query is told for it, not for the next.
///
/// All queries to a server share one connected UDP socket. That nobody listens there comes back as
/// an error of whatever is done with the socket next (udp(7)), which is the sending of the next
/// query: c-ares would take it for that query's own and let the first one wait for its timeout.
/// Here it is kept for the next reading, by which c-ares gives all queries of the server to the
/// next one.
///
/// A datagram that is no answer is passed over: c-ares takes a query that came back for an answer,
/// and an empty one for the end of the server, by which all its queries lose a try.
class server_sockets {
public:
  /// `wake(fd)`: there is something to read, of which the system says nothing. It must not call
  /// c-ares at once.
  explicit server_sockets(std::function<void(int fd)> wake) : wake_(std::move(wake)) {}
  server_sockets(const server_sockets&) = delete;
  server_sockets& operator=(const server_sockets&) = delete;

  /// Lets the channel use them; they must outlive it.
  void attach(ares_channeldata* channel);

private:
  static int open(int domain, int type, int protocol, void* self);
  static int close(int fd, void* self);
  static int connect(int fd, const sockaddr* address, socklen_t length, void* self);
  static ssize_t receive(int fd, void* data, std::size_t size, int flags, sockaddr* from,
                         socklen_t* length, void* self);
  static ssize_t send(int fd, const iovec* parts, int count, void* self);

  std::function<void(int)> wake_;
  std::unordered_map<int, int> untold_; ///< errors of earlier queries, by socket
};

} // namespace xprober::dns
