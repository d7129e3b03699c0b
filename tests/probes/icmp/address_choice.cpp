#define CAF_SUITE address_choice

#include "xprober/probes/icmp/address_choice.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "caf/test/unit_test.hpp"

namespace address_choice_suite {

using namespace xprober;
using namespace xprober::icmp;

namespace {

constexpr auto ip4 = ip_family::ip4;
constexpr auto ip6 = ip_family::ip6;

struct example {
  std::string what;
  std::vector<std::string> addresses;
  std::string chosen;                       ///< "": none
  std::vector<ip_family> sockets{ip4, ip6}; ///< families that there is one for
  std::vector<std::string> ways = {};       ///< addresses that there is a way to
  bool fallback = true;                     ///< to another family than IPv4
  std::string problem = "";                 ///< begins so
  int asked = 0;                            ///< how often for a way
};

const std::string four = "192.0.2.1";
const std::string four_too = "192.0.2.2";
const std::string six = "2001:db8::1";
const std::string six_too = "2001:db8::2";

const std::vector<example> examples{
    {.what = "one family: nobody is asked for a way",
     .addresses = {four, four_too},
     .chosen = four},
    {.what = "the first of both that there is a way to",
     .addresses = {four, six},
     .chosen = four,
     .ways = {four, six},
     .asked = 1},
    {.what = "a family without a way is asked for once",
     .addresses = {six, six_too, four},
     .chosen = four,
     .ways = {four},
     .asked = 2},
    {.what = "without any way the first tells what is missing",
     .addresses = {six, four},
     .chosen = six,
     .asked = 2},
    {.what = "a family without a socket is passed over",
     .addresses = {six, four},
     .chosen = four,
     .sockets = {ip4},
     .ways = {four, six},
     .asked = 1},
    {.what = "a way that is missing is told rather than a socket",
     .addresses = {six, four},
     .chosen = four,
     .sockets = {ip4},
     .asked = 1},
    {.what = "without any socket the first tells what is missing",
     .addresses = {six, four},
     .chosen = six,
     .sockets = {},
     .ways = {four, six}},
    {.what = "another family may not be taken",
     .addresses = {six, four},
     .chosen = four,
     .fallback = false},
    {.what = "no address of the family that may be taken",
     .addresses = {six},
     .chosen = "",
     .fallback = false},
    {.what = "bad addresses are passed over",
     .addresses = {"0.0.0.0", four},
     .chosen = four,
     .problem = ": "},
    {.what = "only bad addresses: the last one's fault is told",
     .addresses = {"0.0.0.0", "fe80::1%nosuchif"},
     .chosen = "",
     .problem = ": this machine has no interface 'nosuchif'"},
    {.what = "no address", .addresses = {}, .chosen = ""},
};

} // namespace

CAF_TEST(the best address that can be probed is chosen) {
  boost::asio::io_context io;
  for (const auto& e : examples) {
    CAF_MESSAGE(e.what);
    icmp_config config;
    config.ip_protocol_fallback = e.fallback;
    lane via{config, nanoseconds{0}};
    for (const auto family : e.sockets) {
      via.endpoints[static_cast<std::size_t>(family)] =
          std::make_shared<endpoint>(io, echo_socket{});
    }
    int asked = 0;
    const auto leads_to = [&](const host_address& to) {
      ++asked;
      return std::find(e.ways.begin(), e.ways.end(), to_string(to)) != e.ways.end();
    };
    std::string problem;
    const auto chosen = choose_address(e.addresses, via, leads_to, problem);
    const auto text = chosen ? to_string(*chosen) : std::string{};
    CAF_CHECK_EQUAL(text, e.chosen);
    CAF_CHECK(problem.starts_with(e.problem) && problem.empty() == e.problem.empty());
    CAF_CHECK_EQUAL(asked, e.asked);
  }
}

} // namespace address_choice_suite
