#define CAF_SUITE echo_tag

#include "xprober/probes/icmp/echo_tag.hpp"

#include "caf/test/unit_test.hpp"

namespace echo_tag_suite {

using namespace xprober::icmp;

namespace {

std::array<std::uint8_t, echo_tag_size> signed_bytes(const tag_signer& signer,
                                                     const echo_tag& tag) {
  std::array<std::uint8_t, echo_tag_size> bytes{};
  signer.write(tag, bytes);
  return bytes;
}

} // namespace

CAF_TEST(a_tag_comes_back_as_it_was_written) {
  const tag_signer signer;
  for (const echo_tag tag :
       {echo_tag{0, 0, 0}, echo_tag{1, 2, 3}, echo_tag{0xFFFFFFFF, 0xFFFFFFFE, 65534}}) {
    CAF_CHECK(signer.read(signed_bytes(signer, tag)) == tag);
  }
}

CAF_TEST(every_changed_bit_is_noticed) {
  const tag_signer signer;
  const auto bytes = signed_bytes(signer, {5, 6, 7});
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto changed = bytes;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CAF_CHECK(!signer.read(changed));
  }
}

CAF_TEST(tags_of_another_process_are_strangers) {
  const tag_signer one;
  const tag_signer other;
  CAF_CHECK(!other.read(signed_bytes(one, {5, 6, 7})));
}

CAF_TEST(a_payload_that_is_too_short_has_no_tag) {
  const tag_signer signer;
  const auto bytes = signed_bytes(signer, {5, 6, 7});
  CAF_CHECK(!signer.read(std::span(bytes).first(echo_tag_size - 1)));
  CAF_CHECK(!signer.read({}));
}

} // namespace echo_tag_suite
