#include "xprober/probes/http/faults.hpp"

#include <cerrno>

namespace xprober::http {

namespace {

// Descriptors, ports, memory: used up here, whatever the target is.
bool used_up(int number) noexcept {
  return number == EMFILE || number == ENFILE || number == EADDRNOTAVAIL || number == ENOBUFS ||
         number == ENOMEM || number == EAGAIN;
}

} // namespace

probe_error connect_fault(const boost::system::error_code& error) noexcept {
  const int number = error.default_error_condition().value();
  if (used_up(number)) {
    return probe_error::local_no_socket;
  }
  switch (number) {
  case ECONNREFUSED: return probe_error::refused;
  case ETIMEDOUT: return probe_error::connect_timeout;
  case EHOSTUNREACH:
  case ENETUNREACH: return probe_error::unreachable;
  case EACCES:
  case EPERM:
  case EAFNOSUPPORT: return probe_error::local_send;
  default: return probe_error::connect_failed;
  }
}

probe_error stream_fault(const boost::system::error_code& error) noexcept {
  const int number = error.default_error_condition().value();
  if (used_up(number)) {
    return probe_error::local_no_socket;
  }
  return number == EACCES || number == EPERM ? probe_error::local_send
                                             : probe_error::http_early_close;
}

void count_shortage(const boost::system::error_code& error, http_counters& counters) noexcept {
  switch (error.default_error_condition().value()) {
  case EMFILE:
  case ENFILE: ++counters.no_descriptor; break;
  case EADDRNOTAVAIL:
  case EAGAIN: ++counters.no_port; break;
  case ENOBUFS:
  case ENOMEM: ++counters.no_memory; break;
  default: break;
  }
}

} // namespace xprober::http
