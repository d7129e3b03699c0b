#include "xprober/app/certificate_watch.hpp"

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/base/certificate_maker.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/read_file.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/domain/time_text.hpp"

namespace xprober::app {

namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t warned_before_s = 30 * day_s;
/// As much as OpenSSL is given of a file in PEM form.
constexpr std::uint64_t longest_pem = std::uint64_t{16} << 20U;

/// The warnings of all files; one that cannot be read is told by who uses it.
std::vector<std::string> look_into(const std::vector<own_certificate>& files,
                                   std::int64_t now_unix) {
  std::vector<std::string> found;
  for (const auto& named : files) {
    const auto read = read_file(named.file, longest_pem);
    const auto span = read.ok() ? certificate_span_of(read.text) : std::nullopt;
    auto warning = span ? end_warning(named, *span, now_unix) : std::string{};
    if (!warning.empty()) {
      found.push_back(std::move(warning));
    }
  }
  return found;
}

} // namespace

std::vector<own_certificate> own_certificates(const server_config& config) {
  std::vector<own_certificate> all;
  const auto add = [&all](std::string_view key, const std::string& file) {
    const auto known = std::ranges::find(all, file, &own_certificate::file);
    if (known != all.end()) {
      known->keys.append(" and ").append(key);
    } else if (!file.empty()) {
      all.push_back({std::string{key}, file});
    }
  };
  add("rpc.cert_file", config.rpc.cert_file);
  add("web.cert_file", config.web.cert_file);
  add("rpc.join_ca_file", config.rpc.join_ca_file);
  return all;
}

std::string end_warning(const own_certificate& named, const certificate_span& span,
                        std::int64_t now_unix) {
  const auto left = span.until_unix - now_unix;
  if (left > 0 && left >= std::min(warned_before_s, (span.until_unix - span.from_unix) / 4)) {
    return {};
  }
  const auto days = left / day_s;
  const auto when = left <= 0 ? " has ended at " + rfc3339(span.until_unix) + ": nobody trusts it"
                    : days == 0
                        ? " ends today, at " + rfc3339(span.until_unix)
                        : " ends in " + std::to_string(days) +
                              (days == 1 ? " day, at " : " days, at ") + rfc3339(span.until_unix);
  return named.keys + ": the certificate of " + named.file + when +
         "; put another one there, and reload (SIGHUP)";
}

certificate_watch::certificate_watch(boost::asio::io_context& context, reading_thread& files,
                                     hooks about)
    : files_(files), about_(std::move(about)), context_(context), timer_(context) {}

void certificate_watch::watch(std::chrono::milliseconds interval) {
  boost::asio::co_spawn(context_, keep_looking(interval), boost::asio::detached);
}

boost::asio::awaitable<void> certificate_watch::keep_looking(std::chrono::milliseconds interval) {
  while (true) {
    try {
      const auto now = to_unix_seconds(wall_clock::now());
      const auto look = [files = about_.files(), now] { return look_into(files, now); };
      auto found = co_await files_.run(look);
      take(std::move(found));
    } catch (const std::exception& problem) {
      log::error("main", "looking after this server's certificates has failed; it goes on",
                 {{"error", problem.what()}});
    }
    timer_.expires_after(interval);
    boost::system::error_code cancelled;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    if (cancelled) {
      co_return;
    }
  }
}

void certificate_watch::take(std::vector<std::string> found) {
  const auto now = std::chrono::steady_clock::now();
  if (found.empty()) {
    logged_.reset();
  } else if (!logged_ || now - *logged_ >= std::chrono::hours{24}) {
    logged_ = now;
    for (const auto& warning : found) {
      log::warn("main", "a certificate of this server ends", {{"what", warning}});
    }
  }
  about_.tell(std::move(found));
}

} // namespace xprober::app
