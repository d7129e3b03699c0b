#include "xprober/probes/stream/reactor.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include "xprober/domain/clock.hpp"

namespace asio = boost::asio;

namespace xprober::stream {

namespace {

int new_epoll() {
  const int made = ::epoll_create1(EPOLL_CLOEXEC);
  if (made < 0) {
    throw boost::system::system_error{errno, boost::system::system_category(), "epoll_create1"};
  }
  return made;
}

std::uint64_t key_of(int descriptor, std::uint32_t generation) noexcept {
  return static_cast<std::uint64_t>(generation) << 32 | static_cast<std::uint32_t>(descriptor);
}

std::size_t descriptor_of(const epoll_event& event) noexcept {
  return static_cast<std::uint32_t>(event.data.u64);
}

} // namespace

reactor::reactor(asio::io_context& context)
    : executor_(context.get_executor()), epoll_(executor_, new_epoll()) {}

error_code reactor::add(int descriptor, watched& who, memory around) {
  const auto at = static_cast<std::size_t>(descriptor);
  if (at >= entries_.size()) {
    entries_.resize(at + 1 + at / 2);
  }
  auto& its = entries_[at];
  epoll_event wanted{};
  wanted.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET;
  wanted.data.u64 = key_of(descriptor, ++its.generation);
  if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, descriptor, &wanted) != 0) {
    return {errno, boost::system::system_category()};
  }
  its.who = &who;
  its.around = around;
  who.told_ = 0;
  who.descriptor_ = descriptor;
  ++count_;
  wait();
  return {};
}

void reactor::remove(watched& who) {
  if (who.descriptor_ < 0) {
    return;
  }
  auto& its = entries_[static_cast<std::size_t>(std::exchange(who.descriptor_, -1))];
  its.who = nullptr;
  its.around = {};
  who.told_ = 0;
  for (auto* first : {&who.readers_, &who.writers_}) {
    for (auto* one = std::exchange(*first, nullptr); one != nullptr; one = one->next) {
      asio::post(executor_, [one] { one->told(); });
    }
  }
  if (--count_ == 0 && ends_) {
    epoll_.cancel();
  }
}

void reactor::end() {
  ends_ = true;
  if (count_ == 0) {
    epoll_.cancel();
  }
}

void reactor::wait() {
  // What has been taken is told first: the next events go where it stands.
  if (next_ < taken_ || std::exchange(waiting_, true)) {
    return;
  }
  epoll_.async_wait(asio::posix::descriptor_base::wait_read, [this](const error_code& error) {
    waiting_ = false;
    if (!error) {
      take_events();
    } else if (count_ > 0) { // sockets came after the end
      wait();
    }
  });
}

void reactor::take_events() {
  const int taken =
      ::epoll_wait(epoll_.native_handle(), events_.data(), static_cast<int>(events_.size()), 0);
  next_ = 0;
  taken_ = static_cast<std::size_t>(std::max(taken, 0));
  tell_all();
}

void reactor::tell_all() {
  // What one of them throws is the engine's to see. The others are told all the same.
  struct rest {
    reactor& of;
    ~rest() {
      if (of.next_ < of.taken_) {
        asio::post(of.executor_, [r = &of] { r->tell_all(); });
      } else if (of.count_ > 0 || !of.ends_) {
        of.wait();
      }
    }
  } const behind{*this};
  const auto begun = monotonic_clock::now();
  for (auto now = begun; next_ < taken_ && now - begun < longest_turn;
       now = monotonic_clock::now()) {
    fetch_next();
    tell(events_[next_++]);
  }
}

/// Asks for what the next one will look at.
void reactor::fetch_next() const noexcept {
  constexpr std::size_t line = 64;
  if (next_ + 2 < taken_) {
    __builtin_prefetch(&entries_[descriptor_of(events_[next_ + 2])]);
  }
  if (next_ + 1 < taken_) {
    const auto around = entries_[descriptor_of(events_[next_ + 1])].around;
    for (std::size_t at = 0; at < around.size(); at += line) {
      __builtin_prefetch(&around[at]);
    }
  }
}

void reactor::tell(const epoll_event& event) {
  const auto descriptor = descriptor_of(event);
  const auto generation = static_cast<std::uint32_t>(event.data.u64 >> 32);
  const auto still = [&] {
    const auto& its = entries_[descriptor];
    return its.generation == generation ? its.who : nullptr;
  };
  if (auto* who = still()) {
    who->told_ |= event.events;
    if (who->readable()) {
      tell_those(who->readers_);
    }
  }
  if (auto* who = still(); who != nullptr && who->writable()) {
    tell_those(who->writers_);
  }
}

void reactor::tell_those(watched::waiter*& first) {
  for (auto* one = std::exchange(first, nullptr); one != nullptr;) {
    auto* const next = one->next; // its frame may end
    one->told();
    one = next;
  }
}

} // namespace xprober::stream
