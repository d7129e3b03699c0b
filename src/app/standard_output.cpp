#include "xprober/app/standard_output.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <iostream>
#include <string>
#include <system_error>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "xprober/base/signals.hpp"

namespace xprober::app {

namespace {

/// Where there is room at all, a pipe takes so much without waiting (pipe(7)).
constexpr std::size_t most_in_a_write = PIPE_BUF;

/// How often a writer that waits for its reader looks whether it should give up.
constexpr int poll_ms = 100;

std::string reason(int error) {
  return error == EINTR ? "nobody was reading it when the signal came"
                        : std::generic_category().message(error);
}

} // namespace

descriptor_buffer::descriptor_buffer(int descriptor, std::function<bool()> gives_up)
    : descriptor_(descriptor), gives_up_(std::move(gives_up)) {
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

descriptor_buffer::int_type descriptor_buffer::overflow(int_type c) {
  if (!write_out()) {
    return traits_type::eof();
  }
  if (!traits_type::eq_int_type(c, traits_type::eof())) {
    sputc(traits_type::to_char_type(c));
  }
  return traits_type::not_eof(c);
}

int descriptor_buffer::sync() { return write_out() ? 0 : -1; }

bool descriptor_buffer::write_out() {
  const char* next = pbase();
  while (error_ == 0 && next < pptr() && wait_for_room()) {
    const auto left = static_cast<std::size_t>(pptr() - next);
    const auto written = ::write(descriptor_, next, std::min(left, most_in_a_write));
    if (written >= 0) {
      next += written;
    } else if (errno != EINTR && errno != EAGAIN) {
      error_ = errno;
    }
  }
  setp(buffer_.data(), buffer_.data() + buffer_.size());
  return error_ == 0;
}

bool descriptor_buffer::wait_for_room() {
  pollfd room{descriptor_, POLLOUT, 0};
  while (::poll(&room, 1, poll_ms) <= 0) {
    if (gives_up_ && gives_up_()) {
      error_ = EINTR;
      return false;
    }
  }
  return true;
}

standard_output::standard_output()
    : buffer_(STDOUT_FILENO, [] { return noted_signal() != 0; }),
      before_(std::cout.rdbuf(&buffer_)) {}

standard_output::~standard_output() { std::cout.rdbuf(before_); }

int standard_output::finish(int status) {
  std::cout.flush();
  if (buffer_.error() == 0) {
    return status;
  }
  std::cerr << "xprober: standard output cannot be written: " << reason(buffer_.error()) << '\n';
  return status == 0 ? 1 : status;
}

} // namespace xprober::app
