#include "xprober/app/standard_output.hpp"

#include <cerrno>
#include <iostream>
#include <system_error>

#include <poll.h>
#include <unistd.h>

namespace xprober::app {

descriptor_buffer::descriptor_buffer(int descriptor) : descriptor_(descriptor) {
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
  while (error_ == 0 && next < pptr()) {
    const auto written = ::write(descriptor_, next, static_cast<std::size_t>(pptr() - next));
    if (written >= 0) {
      next += written;
    } else if (errno == EAGAIN) {
      // A terminal that another program has made non-blocking.
      pollfd room{descriptor_, POLLOUT, 0};
      ::poll(&room, 1, -1);
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  setp(buffer_.data(), buffer_.data() + buffer_.size());
  return error_ == 0;
}

standard_output::standard_output() : buffer_(STDOUT_FILENO), before_(std::cout.rdbuf(&buffer_)) {}

standard_output::~standard_output() { std::cout.rdbuf(before_); }

int standard_output::finish(int status) {
  std::cout.flush();
  if (buffer_.error() == 0) {
    return status;
  }
  std::cerr << "xprober: standard output cannot be written: "
            << std::generic_category().message(buffer_.error()) << '\n';
  return status == 0 ? 1 : status;
}

} // namespace xprober::app
