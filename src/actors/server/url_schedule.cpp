#include "xprober/actors/server/url_schedule.hpp"

#include <algorithm>

#include "xprober/domain/string_hash.hpp"

namespace xprober {

void url_schedule::add(std::uint64_t id, std::string_view url, milliseconds interval) {
  urls_.insert_or_assign(
      id, entry{interval, backoff{std::chrono::seconds{1}, interval, 2.0, hash_bytes(url)}});
}

void url_schedule::keep_only(const std::vector<std::uint64_t>& ids) {
  std::erase_if(urls_, [&](const auto& item) {
    return std::find(ids.begin(), ids.end(), item.first) == ids.end();
  });
}

bool url_schedule::begin(std::uint64_t id) {
  const auto at = urls_.find(id);
  if (at == urls_.end() || at->second.in_flight) {
    return false;
  }
  at->second.in_flight = true;
  return true;
}

milliseconds url_schedule::answered(std::uint64_t id, bool ok) {
  auto& url = urls_.at(id);
  url.in_flight = false;
  if (!ok) {
    return url.retry.next();
  }
  url.retry.reset();
  return url.interval;
}

} // namespace xprober
