// Messages of the DNS as probes and the resolver read them, names as targets have them, hosts
// files.

#include <sstream>

#include "fuzz/support/fuzz.hpp"
#include "xprober/domain/target_text.hpp"
#include "xprober/probes/dns/message.hpp"
#include "xprober/resolver/hosts_file.hpp"
#include "xprober/resolver/message.hpp"

namespace xprober::fuzz_dns {

namespace {

using namespace fuzz;

std::span<const std::uint8_t> octets(std::string_view bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

std::size_t text_size(const std::vector<dns_query::record>& records) {
  std::size_t size = 0;
  for (const auto& one : records) {
    require(one.name.ends_with('.'), "a name has its final dot");
    require(
        std::ranges::all_of(one.text(), [](char c) { return c == '\t' || (c >= ' ' && c < 0x7F); }),
        "a record is shown in plain characters");
    size += one.name.size() + one.data.size();
  }
  return size;
}

/// A name can be asked for again. A name of 255 bytes is the longest.
void check_question(const dns_query::question& asked) {
  const auto query = dns_query::make_query(7, asked, true);
  require(query.has_value(), "a name that was read can be asked for");
  require(query->size() <= dns_query::header_size + dns_query::max_name + 4,
          "a query has one name");
  const auto again = dns_query::read_message(*query);
  require(again && again->asked && dns_query::same_name(again->asked->name, asked.name) &&
              again->asked->type == asked.type && again->asked->klass == asked.klass,
          "a question is the same after it was written and read");
  require(!again->response && !dns_query::answers_query(*query, 7), "a query is no answer");
}

void check_message(std::string_view bytes) {
  const auto id =
      static_cast<std::uint16_t>(bytes.size() < 2 ? 0 : (octets(bytes)[0] << 8) | octets(bytes)[1]);
  dns_query::answers_query(octets(bytes), id);
  if (const auto message = dns_query::read_message(octets(bytes))) {
    const auto size = text_size(message->answers) + text_size(message->authorities) +
                      text_size(message->additionals);
    require(size <= dns_query::max_text + 65'536 * 4, "no more text than the limit");
    if (message->asked) {
      check_question(*message->asked);
    }
  }
  if (const auto ttl = dns::negative_ttl(octets(bytes))) {
    require(ttl->count() >= 0, "a time to live is none below 0");
  }
}

void check_names(std::string_view text) {
  std::string error;
  if (const auto target = parse_name_target(text, error)) {
    const auto query = dns_query::make_query(1, {target->name, 1, 1}, true);
    require(query.has_value(), "the name of a target can be asked for");
  }
  const dns_query::question asked{std::string{text}, 15, 1};
  if (const auto query = dns_query::make_query(1, asked, false)) {
    const auto read = dns_query::read_message(*query);
    require(read && read->asked, "a query can be read");
    check_question(*read->asked); // in the form that messages have, with its final dot
  }
  const auto names = dns::search_names(text, {"a.example", "b.example"}, 1);
  require(!names.empty() && names.size() <= 3, "a name is asked for, and with each domain at most");
  std::istringstream lines{std::string{text}};
  for (const auto& [name, addresses] : dns::read_hosts(lines)) {
    require(!name.empty() && !addresses.empty(), "a host has a name and addresses");
  }
}

} // namespace

XPROBER_FUZZ(dns) {
  check_message(bytes);
  check_names(bytes);
}

} // namespace xprober::fuzz_dns
