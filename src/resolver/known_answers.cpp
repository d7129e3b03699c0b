#include "xprober/resolver/known_answers.hpp"

#include <algorithm>
#include <utility>

namespace asio = boost::asio;

namespace xprober::dns {

namespace {

/// RFC 1035, section 2.3.4: the longest name, with a final dot.
constexpr std::size_t max_name_length = 254;

std::optional<asio::ip::address> parse_numeric(const std::string& host) {
  boost::system::error_code error;
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  auto address = asio::ip::make_address(bracketed ? host.substr(1, host.size() - 2) : host, error);
  if (error || (bracketed && !address.is_v6())) {
    return std::nullopt;
  }
  return address;
}

} // namespace

bool is_negative(probe_error error) noexcept {
  return error == probe_error::resolve_not_found || error == probe_error::resolve_no_address;
}

known_answers::known_answers(const resolver_options& options)
    : max_ttl_(options.cache_max_ttl), max_negative_ttl_(options.cache_max_negative_ttl),
      cache_(options.max_cached_names) {}

std::optional<resolve_answer> known_answers::of_text(const std::string& host) {
  if (auto address = parse_numeric(host)) {
    return resolve_answer{probe_error::none, {}, {*address}};
  }
  if (host.empty() || host.size() > max_name_length || host.find('\0') != std::string::npos) {
    return resolve_answer{probe_error::resolve_failed,
                          "host name of " + std::to_string(host.size()) + " bytes: not a host name",
                          {}};
  }
  return std::nullopt;
}

answer_ptr known_answers::kept(const name_key& key, dns_counters& counters) {
  auto found = cache_.find(key, monotonic_clock::now());
  if (found) {
    ++(is_negative(found->error) ? counters.negative_hits : counters.cache_hits);
  }
  return found;
}

bool known_answers::in_files(const name_key& key, family_answer& ip4, family_answer& ip6) {
  const auto found = hosts_.find(key.host);
  for (const auto& address : found) {
    (address.is_v4() ? ip4 : ip6).addresses.push_back(address);
  }
  return !found.empty();
}

void known_answers::keep(const name_key& key, const resolve_answer& answer,
                         const family_answer& ip4, const family_answer& ip6) {
  const bool negative = is_negative(answer.error);
  const auto ttl = lifetime(key.preferred, ip4, ip6);
  if (!ttl || (answer.error != probe_error::none && !negative)) {
    return;
  }
  const auto now = monotonic_clock::now();
  auto kept = std::make_shared<resolve_answer>(answer);
  kept->cached = true;
  cache_.put(key, std::move(kept),
             now + std::min<milliseconds>(*ttl, negative ? max_negative_ttl_ : max_ttl_), now);
}

void known_answers::reconfigure(const resolver_options& options) {
  max_ttl_ = options.cache_max_ttl;
  max_negative_ttl_ = options.cache_max_negative_ttl;
  cache_.reset(options.max_cached_names);
}

} // namespace xprober::dns
