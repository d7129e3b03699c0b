#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <sys/epoll.h>

#include "xprober/probes/stream/task.hpp"

namespace xprober::stream {

/// Tells the sockets of one thread what happened to them. It has an epoll of its own, which the
/// thread's io_context watches beside its timers and all else.
///
/// A socket is told of everything at edges, and costs one epoll_ctl in its life. What came is kept,
/// so that nobody has to ask the kernel whether there is something to read, whether the other side
/// has closed, or how a connect ended. Asio's sockets ask: they are registered before they connect
/// and again for each direction that is waited for, and try to read before anything can have come.
class reactor {
public:
  /// One socket that is told. Stays where it is while it is added.
  class watched {
  public:
    /// Something can be read, or the end has come.
    bool readable() const noexcept { return has(EPOLLIN | EPOLLRDHUP) || failed(); }
    bool writable() const noexcept { return has(EPOLLOUT) || failed(); }
    /// The other side sends no more. Whatever it sent before could be read from then on.
    bool ended() const noexcept { return has(EPOLLRDHUP); }
    /// An error, or both directions are closed.
    bool failed() const noexcept { return has(EPOLLERR | EPOLLHUP); }

    /// Less was read than there was room for: what comes from now on is told anew. A read ends at
    /// urgent data, too, and more stands behind that.
    void was_read() noexcept { forget(has(EPOLLPRI) ? 0U : std::uint32_t{EPOLLIN}); }
    /// The kernel says that there is nothing to read, or no room for what is to be written.
    void has_nothing() noexcept { forget(EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLERR | EPOLLHUP); }
    void is_full() noexcept { forget(EPOLLOUT); }

    /// Who waits to be told; stays where it is until then.
    class waiter {
    public:
      waiter(const waiter&) = delete;
      waiter& operator=(const waiter&) = delete;
      /// Called once for each time that it was put in.
      virtual void told() = 0;
      waiter* next = nullptr; ///< the reactor's

    protected:
      waiter() = default;
      ~waiter() = default;
    };
    /// Has one told when it can be read or written, or was removed.
    void when_readable(waiter& one) noexcept { one.next = std::exchange(readers_, &one); }
    void when_writable(waiter& one) noexcept { one.next = std::exchange(writers_, &one); }

    class until_told final : waiter {
    public:
      explicit until_told(waiter*& first) noexcept : first_(first) {}
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> waits) noexcept {
        waits_ = waits;
        waiter* const one = this;
        next = std::exchange(first_, one);
      }
      void await_resume() const noexcept {}

    private:
      void told() override { waits_.resume(); }

      waiter*& first_;
      std::coroutine_handle<> waits_;
    };
    /// The same for coroutines.
    until_told until_readable() noexcept { return until_told{readers_}; }
    until_told until_writable() noexcept { return until_told{writers_}; }

  private:
    friend class reactor;
    bool has(std::uint32_t any) const noexcept { return (told_ & any) != 0; }
    void forget(std::uint32_t what) noexcept { told_ &= ~what; }

    std::uint32_t told_ = 0;
    int descriptor_ = -1;
    waiter* readers_ = nullptr; ///< who waits, one behind the other; each is in somebody's frame
    waiter* writers_ = nullptr;
  };

  /// Throws boost::system::system_error where there can be none.
  explicit reactor(boost::asio::io_context& context);
  reactor(const reactor&) = delete;
  reactor& operator=(const reactor&) = delete;

  io_executor executor() const noexcept { return executor_; }

  /// Memory that whoever is told looks at: it is asked for while others before it are told. With
  /// thousands of sockets it has left the processor's cache since they were told last.
  using memory = std::span<const std::byte>;

  /// Tells `who` of a socket from now on, also of what happened before.
  error_code add(int descriptor, watched& who, memory around = {});

  /// Tells it no more; to be called before the descriptor is closed. Who waits goes on soon, not
  /// from inside this call.
  void remove(watched& who);

  /// Keeps the io_context from its end only while there are sockets.
  void end();

  /// For so long sockets are told before the others of the thread, its timers above all, have their
  /// turn: a handshake takes milliseconds.
  static constexpr std::chrono::milliseconds longest_turn{5};

private:
  struct entry {
    watched* who = nullptr;
    memory around;
    std::uint32_t generation = 0; ///< of the descriptor: what is told of an earlier one is dropped
  };

  void wait();
  void take_events();
  void tell_all();
  void tell(const epoll_event& event);
  void fetch_next() const noexcept;
  static void tell_those(watched::waiter*& first);

  io_executor executor_;
  boost::asio::posix::basic_stream_descriptor<io_executor> epoll_;
  std::vector<entry> entries_; ///< by descriptor
  std::size_t count_ = 0;      ///< of sockets
  bool waiting_ = false;
  bool ends_ = false;
  std::array<epoll_event, 256> events_{};
  std::size_t next_ = 0; ///< of the events that are to be told, and how many there are
  std::size_t taken_ = 0;
};

} // namespace xprober::stream
