#include "xprober/resolver/counters.hpp"

namespace xprober {

std::span<const counter<dns_counters>> dns_counters::described() noexcept {
  using s = dns_counters;
  constexpr auto now = counter_type::now;
  static constexpr counter<s> all[] = {
      {"queries", count_of<s, &s::queries>, "dns_queries_total",
       "Names that a DNS server was asked for."},
      {"joined", count_of<s, &s::joined>, "dns_joined_total",
       "Times a name was needed while another probe's query for it ran."},
      {"cache_hits", count_of<s, &s::cache_hits>, "dns_cache_hits_total",
       "Times addresses came from the cache."},
      {"negative_hits", count_of<s, &s::negative_hits>, "dns_negative_hits_total",
       "Times the cache knew that a name does not exist or has no address."},
      {"failures", count_of<s, &s::failures>, "dns_failures_total",
       "Queries that gave no address."},
      {"timeouts", count_of<s, &s::timeouts>, "dns_timeouts_total",
       "Queries that no server answered in time."},
      {"cached_names", count_of<s, &s::cached_names>, "dns_cached_names", "Names in the cache.",
       now},
      {"queued", count_of<s, &s::queued>, "dns_queued",
       "Names that wait for their turn to be asked for.", now},
      {"queued_slow", count_of<s, &s::queued_slow>, "dns_queued_slow",
       "Names that wait for their turn and lately were not answered in time.", now},
      {"yielded", count_of<s, &s::yielded>, "dns_yielded_total",
       "Queries that took long and made room for another name's."},
      {"cancelled", count_of<s, &s::cancelled>, "dns_cancelled_total",
       "Names that nobody needed any more before their turn came."},
      {"silent_names", count_of<s, &s::silent_names>, "dns_silent_names",
       "Names, at most 16, that no server has answered since one last answered.", now},
  };
  return all;
}

} // namespace xprober
