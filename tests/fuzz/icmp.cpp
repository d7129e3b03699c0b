// Packets as raw sockets deliver them. The first byte is the family.

#include <array>

#include "fuzz/support/fuzz.hpp"
#include "xprober/probes/icmp/icmp_error.hpp"
#include "xprober/probes/icmp/packet.hpp"

namespace xprober::fuzz_icmp {

namespace {

using namespace fuzz;
using octets = std::span<const std::uint8_t>;

bool is_inside(octets part, octets whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_packet(ip_family family, octets packet, const icmp::tag_signer& signer) {
  for (const auto& view :
       {icmp::parse_reply(family, packet), icmp::parse_quoted_request(family, packet)}) {
    if (view) {
      require(is_inside(view->payload, packet), "a payload lies in its packet");
      require(!signer.read(view->payload), "what is not signed has no tag");
    }
  }
  icmp::checksum_holds(packet);
  require(!icmp::find_request_tag(family, signer, packet), "what is not signed has no tag");
  if (packet.size() >= 2) {
    const auto meaning = icmp::explain_icmp_error(family, packet[0], packet[1]);
    require(meaning.error == probe_error::none || !meaning.text.empty(), "an error has words");
  }
  if (const auto ip = icmp::parse_ip4(packet)) {
    require(is_inside(ip->body, packet), "a body lies in its packet");
    if (family == ip_family::ip4 && ip->body.size() < packet.size()) {
      check_packet(family, ip->body, signer);
    }
  }
}

/// An echo of our own comes back.
void check_echo(ip_family family, input in, const icmp::tag_signer& signer) {
  const icmp::echo_tag tag{in.word(), in.word(), in.byte()};
  const auto filler = icmp::make_filler(icmp::echo_tag_size + in.byte());
  std::array<std::uint8_t, icmp::echo_head_size> head{};
  const auto id = in.word();
  const auto sequence = in.word();
  icmp::write_echo_head(family, id, sequence, signer, tag, filler.sum, head);
  std::vector<std::uint8_t> packet{head.begin(), head.end()};
  packet.insert(packet.end(), filler.bytes.begin(), filler.bytes.end());
  const auto quoted = icmp::parse_quoted_request(family, packet);
  require(quoted && quoted->id == id && quoted->sequence == sequence, "a request can be read");
  require(family != ip_family::ip4 || icmp::checksum_holds(packet), "a checksum is right");
  packet[0] = family == ip_family::ip4 ? icmp::echo_reply4 : icmp::echo_reply6;
  const auto reply = icmp::parse_reply(family, packet);
  require(reply && signer.read(reply->payload) == tag, "a reply brings its tag back");
  require(icmp::has_filler(reply->payload, filler), "a reply brings its filler back");
}

} // namespace

XPROBER_FUZZ(icmp) {
  static const icmp::tag_signer signer{icmp::tag_signer::secret{1, 2, 3}};
  input in{bytes};
  const auto family = (in.byte() & 1U) != 0 ? ip_family::ip6 : ip_family::ip4;
  check_packet(family, {reinterpret_cast<const std::uint8_t*>(in.rest().data()), in.rest().size()},
               signer);
  check_echo(family, in, signer);
}

} // namespace xprober::fuzz_icmp
