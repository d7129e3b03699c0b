#define CAF_SUITE udp_socket

#include "xprober/probes/dns/udp_socket.hpp"

#include <array>
#include <string>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include "caf/test/unit_test.hpp"

namespace udp_socket_suite {

using namespace xprober::dns_query;
using boost::asio::ip::udp;

CAF_TEST(datagrams come one by one and a wait ends with its socket) {
  boost::asio::io_context io;
  const auto here = boost::asio::ip::address_v4::loopback();
  udp::socket server{io, {here, 0}};
  udp_socket client{io.get_executor()};
  CAF_REQUIRE(!client.connect(here, server.local_endpoint().port()));
  CAF_REQUIRE(!client.send(std::vector<std::uint8_t>{1}));
  std::array<char, 16> buffer{};
  udp::endpoint from;
  server.receive_from(boost::asio::buffer(buffer), from);
  for (const std::string text : {"first", "second"}) {
    server.send_to(boost::asio::buffer(text), from);
  }
  std::vector<std::string> got;
  xprober::stream::error_code end;
  xprober::stream::spawn(
      io.get_executor(),
      [&]() -> xprober::stream::task<void> {
        for (int i = 0; i < 2; ++i) {
          const auto next = co_await client.receive();
          got.emplace_back(next.bytes.begin(), next.bytes.end());
        }
        boost::asio::post(io, [&] { client.close(); });
        const auto last = co_await client.receive();
        end = last.error;
      },
      [](const std::exception_ptr&) {});
  io.run();
  CAF_CHECK((got == std::vector<std::string>{"first", "second"}));
  CAF_CHECK(end == boost::asio::error::operation_aborted);
}

} // namespace udp_socket_suite
