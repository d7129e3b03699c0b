#define CAF_SUITE packet

#include "packets.hpp"

#include "caf/test/unit_test.hpp"

namespace packet_suite {

using namespace simnet;
using namespace simnet::test;

namespace {

constexpr const char* us4 = "10.255.255.1";
constexpr const char* them4 = "10.1.2.3";
constexpr const char* us6 = "fd77::1";
constexpr const char* them6 = "fd77::2:3";

bytes request4(std::size_t payload = 56) { return make_request(us4, them4, payload); }
bytes request6(std::size_t payload = 56) { return make_request(us6, them6, payload); }

bytes reply_to(const bytes& request, std::uint8_t ttl = 64) {
  bytes out;
  build_reply(*parse_request(request), ttl, out);
  return out;
}

void check_right(const bytes& packet) {
  if (!is_ip6(packet)) {
    CAF_CHECK_EQUAL(plain_sum(packet, 0, 20), 0xFFFF);
    CAF_CHECK_EQUAL(static_cast<std::size_t>(packet[2] << 8 | packet[3]), packet.size());
  } else {
    CAF_CHECK_EQUAL(static_cast<std::size_t>(packet[4] << 8 | packet[5]), packet.size() - 40);
  }
  CAF_CHECK_EQUAL(icmp_sum(packet), 0xFFFF);
}

} // namespace

CAF_TEST(the_checksum_is_that_of_rfc_1071) {
  // The example of RFC 1071, section 3: the sum of these is ddf2.
  const bytes example{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  CAF_CHECK_EQUAL(checksum(example), static_cast<std::uint16_t>(~0xddf2));
}

CAF_TEST(a_request_is_read) {
  for (const bytes& packet : {request4(), request6()}) {
    const auto r = parse_request(packet);
    CAF_REQUIRE(r.has_value());
    CAF_CHECK_EQUAL(to_string(r->from), is_ip6(packet) ? us6 : us4);
    CAF_CHECK_EQUAL(to_string(r->to), is_ip6(packet) ? them6 : them4);
    CAF_CHECK_EQUAL(r->payload().size(), 56u);
    CAF_CHECK_EQUAL(r->payload()[5], 5);
  }
}

CAF_TEST(bytes_after_the_packet_do_not_belong_to_it) {
  for (bytes packet : {request4(), request6()}) {
    packet.resize(packet.size() + 10, 0xAA);
    const auto r = parse_request(packet);
    CAF_REQUIRE(r.has_value());
    CAF_CHECK_EQUAL(r->payload().size(), 56u);
  }
}

CAF_TEST(what_is_no_echo_request_is_left_alone) {
  CAF_CHECK(!parse_request({}));
  for (const bytes& good : {request4(), request6()}) {
    for (std::size_t size = 1; size < good.size(); ++size) {
      CAF_REQUIRE(!parse_request(byte_view(good).first(size)));
    }
    const std::size_t header = header_of(good);
    // The protocol, the type, the code: another packet, but a sound one.
    for (const std::size_t at :
         {is_ip6(good) ? std::size_t{6} : std::size_t{9}, header, header + 1}) {
      bytes other = good;
      other[at] ^= 0x03;
      fix_checksums(other);
      CAF_CHECK(!parse_request(other));
    }
    bytes other_version = good;
    other_version[0] = 0x55;
    CAF_CHECK(!parse_request(other_version));
    for (std::size_t at = header; at < good.size(); ++at) {
      bytes damaged = good;
      damaged[at] ^= 0x10;
      CAF_REQUIRE(!parse_request(damaged));
    }
  }
}

CAF_TEST(fragments_are_left_alone) {
  for (const int flags : {0x2000, 0x0001}) {
    bytes p = request4();
    store16(p, 6, static_cast<std::uint32_t>(flags));
    fix_checksums(p);
    CAF_CHECK(!parse_request(p));
  }
  bytes whole = request4();
  store16(whole, 6, 0x4000);
  fix_checksums(whole);
  CAF_CHECK(parse_request(whole).has_value());
}

CAF_TEST(a_reply_is_the_request_turned_round) {
  for (std::size_t payload = 0; payload < 100; ++payload) {
    for (const bytes& request : {request4(payload), request6(payload)}) {
      const bytes reply = reply_to(request, 57);
      const std::size_t header = header_of(reply);
      check_right(reply);
      CAF_REQUIRE(source_of(reply) == destination_of(request));
      CAF_REQUIRE(destination_of(reply) == source_of(request));
      CAF_REQUIRE_EQUAL(reply[header], is_ip6(reply) ? 129 : 0);
      CAF_REQUIRE_EQUAL(reply[is_ip6(reply) ? 7 : 8], 57);
      CAF_REQUIRE(std::equal(reply.begin() + static_cast<std::ptrdiff_t>(header) + 4, reply.end(),
                             request.begin() + static_cast<std::ptrdiff_t>(header) + 4,
                             request.end()));
    }
  }
}

CAF_TEST(an_ip4_header_with_options_is_read) {
  bytes p = request4();
  p.insert(p.begin() + 20, {1, 1, 1, 0});
  p[0] = 0x46;
  store16(p, 2, static_cast<std::uint32_t>(p.size()));
  store16(p, 10, 0);
  store16(p, 10, static_cast<std::uint16_t>(~plain_sum(p, 0, 24)));
  const auto r = parse_request(p);
  CAF_REQUIRE(r.has_value());
  CAF_CHECK_EQUAL(r->payload().size(), 56u);
  bytes out;
  build_reply(*r, 64, out);
  check_right(out);
  CAF_CHECK_EQUAL(out.size(), p.size() - 4);
}

CAF_TEST(a_reply_can_come_from_somebody_else) {
  for (const auto& [request, other] :
       {std::pair{request4(), "10.9.9.9"}, {request6(), "fd77::9"}}) {
    bytes reply = reply_to(request);
    change_source(reply, *parse_address(other));
    CAF_CHECK_EQUAL(to_string(source_of(reply)), other);
    check_right(reply);
  }
}

CAF_TEST(a_reply_can_have_another_identifier) {
  for (const bytes& request : {request4(), request6()}) {
    bytes reply = reply_to(request);
    const std::size_t header = header_of(reply);
    change_id(reply);
    CAF_CHECK((reply[header + 4] << 8 | reply[header + 5]) != 0xBEEF);
    check_right(reply);
  }
}

CAF_TEST(one_byte_of_the_payload_is_corrupted) {
  for (const bytes& request : {request4(), request6()}) {
    const bytes good = reply_to(request);
    for (const std::size_t offset : {0u, 55u, 56u}) {
      for (const bool right : {true, false}) {
        bytes bad = good;
        corrupt_payload(bad, offset, right);
        const std::size_t at = header_of(bad) + 8 + offset % 56;
        CAF_CHECK(bad[at] != good[at]);
        CAF_CHECK_EQUAL(icmp_sum(bad) == 0xFFFF, right);
        bad[at] = good[at];
        std::copy_n(good.begin() + static_cast<std::ptrdiff_t>(header_of(bad)) + 2, 2,
                    bad.begin() + static_cast<std::ptrdiff_t>(header_of(bad)) + 2);
        CAF_CHECK(bad == good);
      }
    }
  }
  bytes empty = reply_to(request4(0));
  const bytes before = empty;
  corrupt_payload(empty, 3, true);
  CAF_CHECK(empty == before);
}

CAF_TEST(an_error_quotes_the_request) {
  for (const bool quote_all : {true, false}) {
    for (const bytes& request : {request4(), request6()}) {
      const bool ip6 = is_ip6(request);
      error_rule how;
      how.type = 3;
      how.code = 13;
      how.from = *parse_address(ip6 ? "fd77::fe" : "10.255.0.1");
      how.quote_all = quote_all;
      how.mtu = 1400;
      bytes error;
      build_error(*parse_request(request), how, 64, error);
      const std::size_t header = header_of(error);
      check_right(error);
      CAF_CHECK(source_of(error) == how.from);
      CAF_CHECK(destination_of(error) == source_of(request));
      CAF_CHECK_EQUAL(error[header], 3);
      CAF_CHECK_EQUAL(error[header + 1], 13);
      CAF_CHECK_EQUAL(error[header + 6] << 8 | error[header + 7], 1400);
      const std::size_t quoted = quote_all ? request.size() : header + 8;
      CAF_CHECK_EQUAL(error.size(), header + 8 + quoted);
      CAF_CHECK(std::equal(error.begin() + static_cast<std::ptrdiff_t>(header) + 8, error.end(),
                           request.begin()));
    }
  }
}

CAF_TEST(an_error_is_no_longer_than_the_rfcs_allow) {
  for (const auto& [request, most] : {std::pair{request4(1400), 576u}, {request6(1400), 1280u}}) {
    error_rule how;
    how.from = destination_of(request);
    bytes error;
    build_error(*parse_request(request), how, 64, error);
    CAF_CHECK_EQUAL(error.size(), most);
    check_right(error);
  }
}

} // namespace packet_suite
