#define CAF_SUITE faults

#include "xprober/probes/stream/faults.hpp"

#include <cerrno>

#include <boost/asio/error.hpp>

#include "caf/test/unit_test.hpp"

namespace faults_suite {

using namespace xprober;
using namespace xprober::stream;

namespace {

boost::system::error_code of(int number) { return {number, boost::system::system_category()}; }

} // namespace

CAF_TEST(faults of this machine are never those of the target) {
  for (int number : {EMFILE, ENFILE, EADDRNOTAVAIL, ENOBUFS, ENOMEM, ENOSPC}) {
    CAF_CHECK_EQUAL(connect_fault(of(number)), probe_error::local_no_socket);
    CAF_CHECK_EQUAL(stream_fault(of(number)), probe_error::local_no_socket);
  }
  CAF_CHECK_EQUAL(connect_fault(of(EPERM)), probe_error::local_send);
}

CAF_TEST(faults of a connection being made) {
  CAF_CHECK_EQUAL(connect_fault(of(ECONNREFUSED)), probe_error::refused);
  CAF_CHECK_EQUAL(connect_fault(of(ETIMEDOUT)), probe_error::connect_timeout);
  CAF_CHECK_EQUAL(connect_fault(of(EHOSTUNREACH)), probe_error::unreachable);
  CAF_CHECK_EQUAL(connect_fault(of(ENETUNREACH)), probe_error::unreachable);
  CAF_CHECK_EQUAL(connect_fault(of(ECONNRESET)), probe_error::reset);
}

CAF_TEST(an address that this machine has no way to is told from ports that are used up) {
  using boost::asio::ip::make_address;
  CAF_CHECK(has_way_to(make_address("127.0.0.1")));
  // Of the kernel itself: no address of this machine reaches nothing.
  CAF_CHECK_EQUAL(connect_fault(of(EAFNOSUPPORT)), probe_error::unreachable);
}

CAF_TEST(a connection that stood was closed early) {
  CAF_CHECK_EQUAL(stream_fault(of(ECONNRESET)), probe_error::reset);
  CAF_CHECK_EQUAL(stream_fault(boost::asio::error::eof), probe_error::early_close);
}

CAF_TEST(what this machine ran out of is counted apart) {
  stream_counters counters;
  for (int number : {EMFILE, ENFILE, EADDRNOTAVAIL, ENOBUFS, ENOMEM, ENOSPC, EPERM, ECONNREFUSED}) {
    count_shortage(of(number), counters);
  }
  CAF_CHECK_EQUAL(counters.no_descriptor, 2u);
  CAF_CHECK_EQUAL(counters.no_port, 1u);
  CAF_CHECK_EQUAL(counters.no_memory, 3u);
}

} // namespace faults_suite
