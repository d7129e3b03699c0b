#define CAF_SUITE msgpack_frame

#include "xprober/rpc/msgpack_frame.hpp"

#include <random>

#include "rpc/go_messages.hpp"

#include "caf/test/unit_test.hpp"

namespace msgpack_frame_suite {

using namespace xprober::rpc;
using xprober::test::go::from_hex;
namespace go = xprober::test::go;

namespace {

frame_status scan_all(const std::string& bytes, frame_limits limits = {}) {
  frame_scanner scanner{limits};
  return scanner.scan(bytes);
}

/// Feeds one byte more each time; the number of bytes after which the value was complete, or 0.
std::size_t complete_after(const std::string& bytes) {
  frame_scanner scanner;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const auto status = scanner.scan(std::string_view{bytes}.substr(0, size));
    if (status == frame_status::complete) {
      return size;
    }
    if (status != frame_status::need_more) {
      return 0;
    }
  }
  return 0;
}

} // namespace

CAF_TEST(every_message_of_go_is_found_at_every_split) {
  for (const auto* message : {&go::request_targets, &go::request_push, &go::request_push_str8,
                              &go::request_push_empty, &go::response_targets,
                              &go::response_targets_nil, &go::response_push, &go::response_error}) {
    CAF_CHECK_EQUAL(complete_after(*message), message->size());
    for (std::size_t split = 0; split < message->size(); ++split) {
      frame_scanner scanner;
      CAF_REQUIRE(scanner.scan(std::string_view{*message}.substr(0, split)) ==
                  frame_status::need_more);
      CAF_REQUIRE(scanner.scan(*message + "\x94\x00") == frame_status::complete);
      CAF_REQUIRE_EQUAL(scanner.size(), message->size());
    }
  }
}

CAF_TEST(every_kind_of_head_has_its_length) {
  for (const auto* hex : {"00",
                          "7f",
                          "e0",
                          "ff",
                          "c0",
                          "c2",
                          "c3",
                          "cc80",
                          "cd8000",
                          "ce80000000",
                          "cf8000000000000000",
                          "d080",
                          "d18000",
                          "d280000000",
                          "d38000000000000000",
                          "ca00000000",
                          "cb0000000000000000",
                          "a0",
                          "a161",
                          "d90161",
                          "da000161",
                          "db0000000161",
                          "c40161",
                          "c5000161",
                          "c60000000161",
                          "d40000",
                          "d5000000",
                          "d60000000000",
                          "d7000000000000000000",
                          "d80000000000000000000000000000000000",
                          "c7010000",
                          "c800010000",
                          "c90000000100000000",
                          "90",
                          "9100",
                          "dc000100",
                          "dd0000000100",
                          "80",
                          "81a16100",
                          "de0001a16100",
                          "df00000001a16100",
                          "9390809180"}) {
    auto bytes = from_hex(hex);
    if (std::string_view{hex} == "c90000000100000000") {
      bytes.resize(7); // ext 32: five bytes of length, one of type, one of payload
    }
    CAF_MESSAGE(hex);
    CAF_CHECK_EQUAL(complete_after(bytes), bytes.size());
  }
}

CAF_TEST(what_cannot_become_a_message_is_refused_early) {
  CAF_CHECK(scan_all("\xc1") == frame_status::malformed);
  CAF_CHECK(scan_all("\x91\xc1") == frame_status::malformed);
  const frame_limits small{100, 4};
  // A text of 101 bytes, of which none has come; an array that needs at least 101 bytes.
  CAF_CHECK(scan_all(from_hex("da0065"), small) == frame_status::too_large);
  CAF_CHECK(scan_all(from_hex("dc0064"), small) == frame_status::too_large);
  CAF_CHECK(scan_all(from_hex("dc0061"), small) == frame_status::need_more);
  CAF_CHECK(scan_all(from_hex("ddffffffff"), small) == frame_status::too_large);
  CAF_CHECK(scan_all(from_hex("dfffffffff")) == frame_status::too_large);
  CAF_CHECK(scan_all(from_hex("dbffffffff")) == frame_status::too_large);
  CAF_CHECK(scan_all(std::string(4, '\x91') + "\xc0", small) == frame_status::complete);
  CAF_CHECK(scan_all(std::string(5, '\x91') + "\xc0", small) == frame_status::too_deep);
  CAF_CHECK(scan_all(std::string(1'000'000, '\x91')) == frame_status::too_deep);
}

CAF_TEST(random_bytes_never_hang_and_never_read_past_their_end) {
  std::mt19937 random{42};
  std::size_t complete = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 64, '\0');
    for (auto& c : bytes) {
      c = static_cast<char>(random());
    }
    frame_scanner whole;
    const auto status = whole.scan(bytes);
    if (status == frame_status::complete) {
      ++complete;
      CAF_REQUIRE(whole.size() <= bytes.size());
    }
    frame_scanner piecewise;
    auto last = frame_status::need_more;
    for (std::size_t size = 0; size <= bytes.size() && last == frame_status::need_more; ++size) {
      last = piecewise.scan(std::string_view{bytes}.substr(0, size));
    }
    CAF_REQUIRE(last == status);
    CAF_REQUIRE(status != frame_status::complete || piecewise.size() == whole.size());
  }
  CAF_CHECK(complete > 1000);
}

CAF_TEST(many_small_pieces_cost_no_more_than_one) {
  // 2 MB in pieces of a byte: a scanner that begins anew each time would look at 10^12 heads.
  std::string bytes = from_hex("dd001e8480") + std::string(2'000'000, '\x01');
  CAF_CHECK_EQUAL(complete_after(bytes), bytes.size());
}

} // namespace msgpack_frame_suite
