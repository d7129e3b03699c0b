#include "xprober/resolver/answer.hpp"

#include <algorithm>

#include <ares.h>

#include "xprober/domain/dns_names.hpp"

namespace xprober::dns {

namespace {

constexpr int first_rcode_status = 1000; ///< far above those of c-ares

} // namespace

int status_of_rcode(int rcode) noexcept { return first_rcode_status + rcode; }

probe_error error_of_status(int status) noexcept {
  switch (status) {
  case ARES_SUCCESS: return probe_error::none;
  case ARES_ENOTFOUND: return probe_error::resolve_not_found;
  case ARES_ESERVFAIL: return probe_error::resolve_servfail;
  case ARES_ENODATA: return probe_error::resolve_no_address;
  case ARES_ETIMEOUT: return probe_error::resolve_timeout;
  case ARES_EDESTRUCTION:
  case ARES_ECANCELLED: return probe_error::shutdown;
  default: return probe_error::resolve_failed;
  }
}

std::string describe(std::string_view host, int status) {
  std::string text{host};
  if (status >= first_rcode_status) {
    const int rcode = status - first_rcode_status;
    return text.append(": the DNS server answered ")
        .append(dns_rcode_text(static_cast<std::uint8_t>(rcode)))
        .append(" (RCODE " + std::to_string(rcode) + ")");
  }
  switch (status) {
  case ARES_SUCCESS: return {};
  case ARES_ENOTFOUND: return text += ": no such name";
  case ARES_ENODATA: return text += ": the name has no address";
  case ARES_ETIMEOUT: return text += ": no DNS server answered in time";
  case ARES_ECONNREFUSED: return text += ": no DNS server can be reached";
  case ARES_ESERVFAIL: return text += ": the DNS server failed (SERVFAIL)";
  case ARES_EREFUSED: return text += ": the DNS server refused the query (REFUSED)";
  case ARES_EFORMERR: return text += ": the DNS server could not read the query (FORMERR)";
  case ARES_ENOTIMP: return text += ": the DNS server does not answer such queries (NOTIMP)";
  case ARES_EBADRESP: return text += ": the DNS server's answer is malformed";
  case ARES_EBADNAME: return text += ": not a host name";
  case ARES_EDESTRUCTION:
  case ARES_ECANCELLED: return text += ": not resolved, the prober ends";
  default: return text.append(": not resolved, ").append(ares_strerror(status));
  }
}

namespace {

// Higher says more of what is wrong.
int severity(probe_error error) noexcept {
  switch (error) {
  case probe_error::none: return 0;
  case probe_error::resolve_not_found: return 1;
  case probe_error::resolve_no_address: return 2;
  case probe_error::resolve_timeout: return 3;
  default: return 4;
  }
}

} // namespace

std::optional<std::chrono::seconds> lifetime(ip_family preferred, const family_answer& ip4,
                                             const family_answer& ip6) {
  const auto is_known = [](const family_answer& f) {
    return f.done &&
           (!f.addresses.empty() || f.status == ARES_ENODATA || f.status == ARES_ENOTFOUND);
  };
  std::optional<std::chrono::seconds> time;
  if (ip4.addresses.empty() && ip6.addresses.empty()) {
    if (is_known(ip4) && is_known(ip6) && ip4.ttl && ip6.ttl) {
      time = std::min(*ip4.ttl, *ip6.ttl);
    }
    return time;
  }
  if (!is_known(preferred == ip_family::ip4 ? ip4 : ip6)) {
    return std::nullopt;
  }
  for (const auto* family : {&ip4, &ip6}) {
    if (!family->addresses.empty()) {
      const auto ttl = family->ttl.value_or(std::chrono::seconds{0});
      time = time ? std::min(*time, ttl) : ttl;
    }
  }
  return time;
}

resolve_answer merge(std::string_view host, ip_family preferred, const family_answer& ip4,
                     const family_answer& ip6) {
  const auto& first = preferred == ip_family::ip4 ? ip4 : ip6;
  const auto& second = preferred == ip_family::ip4 ? ip6 : ip4;
  resolve_answer answer;
  answer.addresses = first.addresses;
  answer.addresses.insert(answer.addresses.end(), second.addresses.begin(), second.addresses.end());
  if (!answer.addresses.empty()) {
    return answer;
  }
  const auto status_of = [](const family_answer& f) {
    if (!f.done) {
      return ARES_ETIMEOUT;
    }
    return f.status == ARES_SUCCESS ? ARES_ENODATA : f.status;
  };
  int status = status_of(first);
  if (severity(error_of_status(status_of(second))) > severity(error_of_status(status))) {
    status = status_of(second);
  }
  answer.error = error_of_status(status);
  answer.detail = describe(host, status);
  return answer;
}

} // namespace xprober::dns
