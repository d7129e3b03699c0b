#define CAF_SUITE record

#include "xprober/domain/wire/record.hpp"

#include "xprober/domain/kind_table.hpp"

#include "caf/test/dsl.hpp"

namespace record_suite {

using namespace xprober;

CAF_TEST(values and ended series come back as they were) {
  const std::vector<wire_value> values{
      {"10.1.1.1", "ping_target_success", "10.0.0.1", "a", "b", "icmp", 1'700'000'000, -1},
      {"", "x", "", "", "", "", -5, 0.25F}};
  std::vector<wire_value> read;
  CAF_CHECK_EQUAL(decode_values(encode_values(values), read), "");
  CAF_CHECK((read == values));
  auto toy = kinds::http();
  toy.name = "toy";
  const std::vector<ended_series> ended{
      {"a", "10.1.1.1", "b", "https://x/", "http", hold_kind(kinds::http()), 1'700'000'000'001},
      {"a", "10.1.1.1", "b", "x", "module", hold_kind(toy), 5},
      {"a", "10.1.1.1", "b", "https://y/", "http", hold_kind(kinds::http()), 6}};
  std::vector<ended_series> series;
  CAF_CHECK_EQUAL(decode_ended(encode_ended(ended), series), "");
  CAF_CHECK((series == ended));
  CAF_CHECK_EQUAL(series[1].kind->name, "toy");
  const auto whole = encode_ended(ended);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CAF_CHECK(!decode_ended(std::string_view{whole}.substr(0, i), series).empty());
  }
}

CAF_TEST(what is cut short or something else is named) {
  std::vector<wire_value> read;
  CAF_CHECK(!decode_values("", read).empty());
  CAF_CHECK(!decode_values("abc", read).empty());
  const auto whole = encode_values({{"a", "b", "c", "d", "e", "f", 1, 2}});
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CAF_CHECK(!decode_values(std::string_view{whole}.substr(0, i), read).empty());
  }
}

} // namespace record_suite
