#define CAF_SUITE packet

#include "xprober/probes/icmp/packet.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace packet_suite {

using namespace xprober;
using namespace xprober::icmp;

namespace {

const tag_signer signer{tag_signer::secret{1, 2, 3}};

std::vector<std::uint8_t> make_echo(ip_family family, std::size_t payload, std::uint16_t id,
                                    std::uint16_t sequence, const echo_tag& tag) {
  const echo_filler filler = make_filler(payload);
  std::array<std::uint8_t, echo_head_size> head{};
  write_echo_head(family, id, sequence, signer, tag, filler.sum, head);
  std::vector<std::uint8_t> packet(head.begin(), head.end());
  packet.insert(packet.end(), filler.bytes.begin(), filler.bytes.end());
  return packet;
}

/// RFC 1071 as it is written down: 16 bits at a time, in network order.
std::uint16_t reference_sum(const std::vector<std::uint8_t>& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i] << 8 | (i + 1 < bytes.size() ? bytes[i + 1] : 0));
    sum = (sum & 0xFFFF) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(sum);
}

} // namespace

CAF_TEST(the_checksum_is_that_of_rfc_1071) {
  // The example of RFC 1071, section 3: the sum of these is ddf2.
  const std::vector<std::uint8_t> example{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  const std::uint16_t stored = checksum_finish(checksum_add(example));
  std::array<std::uint8_t, 2> bytes{};
  std::copy_n(reinterpret_cast<const std::uint8_t*>(&stored), 2, bytes.begin());
  CAF_CHECK_EQUAL(bytes[0], 0x22);
  CAF_CHECK_EQUAL(bytes[1], 0x0d);
}

CAF_TEST(an_ip4_echo_of_any_size_sums_to_all_ones) {
  for (std::size_t payload = echo_tag_size; payload < 300; ++payload) {
    const auto packet = make_echo(ip_family::ip4, payload, 0xBEEF, 0x1234,
                                  {77, 0xFFFFFFFF, static_cast<std::uint32_t>(payload)});
    CAF_REQUIRE_EQUAL(packet.size(), echo_header_size + payload);
    CAF_REQUIRE_EQUAL(reference_sum(packet), 0xFFFF);
  }
}

CAF_TEST(the_kernel_computes_the_ip6_checksum) {
  const auto packet = make_echo(ip_family::ip6, 24, 0xBEEF, 0x1234, {1, 2, 3});
  CAF_CHECK_EQUAL(packet[0], 128);
  CAF_CHECK_EQUAL(packet[2], 0);
  CAF_CHECK_EQUAL(packet[3], 0);
}

CAF_TEST(a_reply_is_read_back) {
  for (const ip_family family : {ip_family::ip4, ip_family::ip6}) {
    auto packet = make_echo(family, 56, 0xBEEF, 0x1234, {7, 8, 9});
    CAF_CHECK(!parse_reply(family, packet));
    const auto request = parse_quoted_request(family, packet);
    CAF_REQUIRE(request.has_value());
    CAF_CHECK_EQUAL(request->id, 0xBEEF);
    packet[0] = family == ip_family::ip4 ? 0 : 129;
    const auto reply = parse_reply(family, packet);
    CAF_REQUIRE(reply.has_value());
    CAF_CHECK_EQUAL(reply->id, 0xBEEF);
    CAF_CHECK_EQUAL(reply->sequence, 0x1234);
    CAF_CHECK_EQUAL(reply->payload.size(), 56u);
    CAF_CHECK((signer.read(reply->payload) == echo_tag{7, 8, 9}));
  }
}

CAF_TEST(a_quotation_of_eight_bytes_still_names_the_echo) {
  const auto packet = make_echo(ip_family::ip4, 56, 0xBEEF, 0x1234, {7, 8, 9});
  const auto quoted = parse_quoted_request(ip_family::ip4, std::span(packet).first(8));
  CAF_REQUIRE(quoted.has_value());
  CAF_CHECK_EQUAL(quoted->sequence, 0x1234);
  CAF_CHECK(quoted->payload.empty());
  CAF_CHECK(!parse_quoted_request(ip_family::ip4, std::span(packet).first(7)));
}

CAF_TEST(an_ip_header_is_stripped_with_its_options) {
  std::vector<std::uint8_t> packet(20 + 4 + 8);
  packet[0] = 0x46; // version 4, six words
  packet[12] = 192;
  packet[14] = 2;
  packet[15] = 1;
  const auto ip = parse_ip4(packet);
  CAF_REQUIRE(ip.has_value());
  CAF_CHECK_EQUAL(to_string(ip->source), "192.0.2.1");
  CAF_CHECK_EQUAL(ip->body.size(), 8u);
}

CAF_TEST(broken_ip_headers_are_refused) {
  std::vector<std::uint8_t> packet(40);
  for (const int first : {0x44, 0x60, 0x00, 0x4F}) {
    packet[0] = static_cast<std::uint8_t>(first);
    CAF_CHECK(!parse_ip4(packet));
  }
  packet[0] = 0x45;
  CAF_CHECK(parse_ip4(packet).has_value());
  CAF_CHECK(!parse_ip4(std::span(packet).first(19)));
  CAF_CHECK(!parse_ip4({}));
}

CAF_TEST(a_filler_is_checked_as_far_as_it_came_back) {
  const auto filler = make_filler(100);
  std::vector<std::uint8_t> payload(echo_tag_size, 1);
  CAF_CHECK(has_filler(payload, filler));
  payload.insert(payload.end(), filler.bytes.begin(), filler.bytes.end());
  CAF_CHECK(has_filler(payload, filler));
  payload.back() ^= 1;
  CAF_CHECK(!has_filler(payload, filler));
  payload.pop_back();
  CAF_CHECK(has_filler(payload, filler));
  payload.resize(101);
  CAF_CHECK(!has_filler(payload, filler));
  payload.resize(echo_tag_size - 1);
  CAF_CHECK(!has_filler(payload, filler));
  CAF_CHECK(has_filler(std::vector<std::uint8_t>(echo_tag_size), make_filler(echo_tag_size)));
}

CAF_TEST(a_checksum_holds_or_does_not) {
  // RFC 1071 sums: of an odd number of bytes too.
  std::vector<std::uint8_t> message{0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78, 0x9A};
  const auto sum = checksum_finish(checksum_add(message));
  std::memcpy(message.data() + 2, &sum, 2);
  CAF_CHECK(checksum_holds(message));
  message[8] ^= 4;
  CAF_CHECK(!checksum_holds(message));
}

CAF_TEST(a request is found behind whatever header a device has) {
  for (const auto family : {ip_family::ip4, ip_family::ip6}) {
    const bool ip4 = family == ip_family::ip4;
    const echo_tag tag{7, 8, 9};
    const auto echo = make_echo(family, 40, 1, 2, tag);
    for (const std::size_t device : {0U, 14U, 18U, 26U}) {
      // An address of the device may look like the beginning of an IP header.
      std::vector<std::uint8_t> packet(device, ip4 ? 0x45 : 0x60);
      packet.push_back(ip4 ? 0x45 : 0x60);
      packet.resize(device + (ip4 ? 20 : 40));
      packet.insert(packet.end(), echo.begin(), echo.end());
      const auto found = find_request_tag(family, signer, packet);
      CAF_REQUIRE(found.has_value());
      CAF_CHECK(*found == tag);
      packet[device + (ip4 ? 20 : 40) + echo_header_size] ^= 1;
      CAF_CHECK(!find_request_tag(family, signer, packet));
    }
    CAF_CHECK(!find_request_tag(family, signer, echo));
    CAF_CHECK(!find_request_tag(family, signer, {}));
  }
}

} // namespace packet_suite
