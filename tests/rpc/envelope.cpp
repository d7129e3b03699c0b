#define CAF_SUITE envelope

#include "xprober/rpc/envelope.hpp"

#include "rpc/go_messages.hpp"

#include "caf/test/unit_test.hpp"

namespace envelope_suite {

using namespace xprober::rpc;
using xprober::test::go::from_hex;
namespace go = xprober::test::go;

namespace {

std::string problem_of(const std::string& hex) {
  rpc_message message;
  return read_envelope(from_hex(hex), message);
}

} // namespace

CAF_TEST(requests_of_go_are_taken_apart) {
  rpc_message message;
  CAF_CHECK_EQUAL(read_envelope(go::request_push, message), "");
  CAF_CHECK(message.is_request);
  CAF_CHECK_EQUAL(message.seq, 300u);
  CAF_CHECK_EQUAL(std::string{message.method}, "Server.PushProberResults");
  CAF_CHECK_EQUAL(message.body.front(), '\x81');
  CAF_CHECK_EQUAL(message.body.data() + message.body.size(),
                  go::request_push.data() + go::request_push.size());
}

CAF_TEST(responses_of_go_are_taken_apart) {
  rpc_message message;
  CAF_CHECK_EQUAL(read_envelope(go::response_targets, message), "");
  CAF_CHECK(!message.is_request);
  CAF_CHECK_EQUAL(message.seq, 70000u);
  CAF_CHECK(!message.error);
  CAF_CHECK_EQUAL(message.body.front(), '\x81');
  CAF_CHECK_EQUAL(read_envelope(go::response_error, message), "");
  CAF_CHECK_EQUAL(message.seq, 4u);
  CAF_REQUIRE(message.error.has_value());
  CAF_CHECK_EQUAL(*message.error, "localRegion is empty");
}

CAF_TEST(an_error_of_another_kind_is_an_error) {
  rpc_message message;
  const auto bytes = from_hex("94010381a16101c0"); // `message.body` points into it
  CAF_CHECK_EQUAL(read_envelope(bytes, message), "");
  CAF_REQUIRE(message.error.has_value());
  CAF_CHECK_EQUAL(*message.error, "an error without a text");
  CAF_CHECK_EQUAL(message.body, "\xc0");
}

CAF_TEST(sequence_numbers_come_in_any_width) {
  for (const auto* hex :
       {"9401d107d0c0c0", "9401cd07d0c0c0", "9401d2000007d0c0c0", "9401cf00000000000007d0c0c0"}) {
    rpc_message message;
    CAF_CHECK_EQUAL(read_envelope(from_hex(hex), message), "");
    CAF_CHECK_EQUAL(message.seq, 2000u);
  }
  CAF_CHECK(!problem_of("9401ffc0c0").empty());                 // negative
  CAF_CHECK(!problem_of("9401cf0000000100000000c0c0").empty()); // 33 bits
}

CAF_TEST(what_is_no_call_is_refused) {
  CAF_CHECK_EQUAL(problem_of("9302a16190"), "notifications are not part of the protocol");
  CAF_CHECK_EQUAL(problem_of("940200a16190"), "notifications are not part of the protocol");
  CAF_CHECK_EQUAL(problem_of("940300a16190"), "the message's type is 3, not 0 or 1");
  CAF_CHECK_EQUAL(problem_of("93000090"), "the message is not an array of four");
  CAF_CHECK_EQUAL(problem_of("80"), "the message is not an array of four");
  CAF_CHECK_EQUAL(problem_of("9500000000c0"), "the message is not an array of four");
  CAF_CHECK_EQUAL(problem_of("94000007"
                             "9180"),
                  "the method of the request is not a text");
  CAF_CHECK_EQUAL(problem_of("940000a161c0"), "the parameters of the request are not an array");
  CAF_CHECK_EQUAL(problem_of("940000a16190"), "the request has 0 parameters, not one");
  CAF_CHECK_EQUAL(problem_of("940000a1619280"
                             "80"),
                  "the request has 2 parameters, not one");
  CAF_CHECK(!problem_of("").empty());
  CAF_CHECK(!problem_of("9400").empty());
}

CAF_TEST(unknown_methods_are_named_as_go_does) {
  CAF_CHECK_EQUAL(unknown_method_text("Server.Nope"), "rpc: can't find method Server.Nope");
  CAF_CHECK_EQUAL(unknown_method_text("Other.Nope"), "rpc: can't find service Other.Nope");
  CAF_CHECK_EQUAL(unknown_method_text("Nope"), "rpc: service/method request ill-formed: Nope");
}

} // namespace envelope_suite
