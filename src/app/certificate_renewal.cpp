#include "xprober/app/certificate_renewal.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
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
#include "xprober/net/endpoint.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/rpc/credentials.hpp"
#include "xprober/rpc/join_client.hpp"
#include "xprober/rpc/join_desk.hpp"
#include "xprober/storage/join_file.hpp"

namespace xprober::app {

namespace {

using std::chrono::milliseconds;

/// The wall clock may be set, and the machine may sleep: nothing is waited for longer.
constexpr milliseconds longest_look{60'000};
constexpr milliseconds longest_unused{5'000};
constexpr milliseconds first_renewal_wait{2'000};
constexpr milliseconds longest_renewal_wait{600'000};
constexpr milliseconds longest_renewal{30'000};
constexpr std::uint64_t longest_certificate = std::uint64_t{64} << 10U;
/// A tenth of what is left of the life.
constexpr std::uint64_t most_early = 100;

std::uint64_t random_number() { return std::random_device{}(); }

/// What a renewal begins with: read and made on the thread for files.
struct renewal_parts {
  std::shared_ptr<boost::asio::ssl::context> tls;
  made_certificate request;
  std::string problem;
};

renewal_parts parts_of(const rpc_config& rpc) {
  renewal_parts parts;
  try {
    parts.tls = net::client_tls(net::files_of(rpc));
    parts.request = make_certificate_request();
  } catch (const std::exception& problem) {
    parts.problem = problem.what();
  }
  return parts;
}

/// Only what belongs to the key, and can be read again, is written: the old pair is in force until
/// then.
std::string write_renewed(const std::string& file, const std::string& key,
                          const std::string& certificate) {
  try {
    const auto own = certificate_for_key(certificate, key);
    if (own && own->size() + key.size() <= longest_certificate && certificate_span_of(*own)) {
      return storage::replace_private_file(file, key + *own);
    }
  } catch (const std::exception& problem) { // as of a time that is none
    return std::string{"the server's certificate cannot be read: "} + problem.what();
  }
  return "the server has answered with something else than a certificate for the key of the "
         "request";
}

} // namespace

certificate_renewal::certificate_renewal(boost::asio::io_context& context, reading_thread& files,
                                         hooks about)
    : context_(context), files_(files), about_(std::move(about)), timer_(context),
      waits_(first_renewal_wait, longest_renewal_wait, 2, random_number()),
      early_(random_number() % most_early) {}

void certificate_renewal::watch() {
  boost::asio::co_spawn(context_, keep_renewing(), boost::asio::detached);
}

certificate_renewal::look certificate_renewal::look_into(const std::string& file) {
  look found;
  const auto read = read_file(file, longest_certificate);
  if (!read.ok()) {
    found.problem = read.error;
    return found;
  }
  try {
    found.span = certificate_span_of(read.text);
  } catch (const std::exception& problem) {
    found.problem = problem.what();
  }
  if (!found.span && found.problem.empty()) {
    found.problem = file + ": holds no certificate in PEM form";
  }
  return found;
}

boost::asio::awaitable<void> certificate_renewal::keep_renewing() {
  while (true) {
    auto wait = longest_look;
    try {
      wait = co_await renew_if_due();
    } catch (const std::exception& problem) {
      log::error("rpc", "looking after the certificate of this agent has failed; it goes on",
                 {{"error", problem.what()}});
    }
    timer_.expires_after(wait);
    boost::system::error_code cancelled;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    if (cancelled) {
      co_return;
    }
  }
}

/// How long it is until the next look.
boost::asio::awaitable<milliseconds> certificate_renewal::renew_if_due() {
  auto config = about_.config();
  if (!config.rpc.renew) {
    problem_.clear();
    co_return note({}, {});
  }
  if (!is_used_) {
    auto unused = co_await about_.use();
    is_used_ = unused.empty();
    if (!is_used_) {
      if (unused != problem_) {
        log::warn("rpc", "the renewed certificate is not in use yet", {{"error", unused}});
      }
      problem_ = std::move(unused);
      co_return longest_unused;
    }
  }
  const auto file = config.rpc.cert_file;
  const auto read = [file] { return look_into(file); };
  auto found = co_await files_.run(read);
  const auto now = to_unix_seconds(wall_clock::now());
  if (!found.span) {
    problem_ = found.problem;
    co_return note(found, problem_);
  }
  const auto left = found.span->until_unix - renewal_of(*found.span);
  const auto due = renewal_of(*found.span) - left * static_cast<std::int64_t>(early_) / 1000;
  if (now < due) {
    problem_.clear();
    waits_.reset();
    pause_until_ = {};
    const auto until = std::chrono::seconds{due - now};
    note(found, {});
    co_return std::clamp<milliseconds>(until, milliseconds{500}, longest_look);
  }
  if (const auto pause = pause_until_ - monotonic_clock::now(); pause.count() > 0) {
    co_return std::min(std::chrono::ceil<milliseconds>(pause), longest_look);
  }
  auto problem = co_await renew(std::move(config));
  if (!problem.empty() && problem != problem_) {
    log::warn("rpc", "the certificate of this agent could not be renewed; it is tried again",
              {{"ends", rfc3339(found.span->until_unix)}, {"error", problem}});
  }
  problem_ = std::move(problem);
  if (problem_.empty()) {
    // Where the clocks differ by days the new one is due at once, too.
    pause_until_ = monotonic_clock::now() + waits_.next();
  }
  co_return note(found, problem_);
}

/// Says what has changed; how long to wait for the next attempt.
milliseconds certificate_renewal::note(const look& found, const std::string& problem) {
  auto fault = std::string{};
  if (found.span) {
    fault = certificate_fault(*found.span, to_unix_seconds(wall_clock::now()), problem);
  } else if (!problem.empty()) {
    fault = "the certificate that this agent shows to its server cannot be read: " + problem;
  }
  if (fault != told_) {
    told_ = fault;
    about_.tell(std::move(fault));
  }
  if (problem.empty()) {
    return found.span ? milliseconds{500} : longest_look;
  }
  // A short life leaves no time for long waits.
  const auto third = found.span ? (found.span->until_unix - found.span->from_unix) / 3 : 60;
  const auto most = std::chrono::seconds{std::max<std::int64_t>(third / 8, 1)};
  return std::min<milliseconds>(waits_.next(), most);
}

boost::asio::awaitable<std::string> certificate_renewal::renew(agent_config config) {
  const auto section = config.rpc;
  const auto prepare = [section] { return parts_of(section); };
  auto parts = co_await files_.run(prepare);
  if (!parts.problem.empty()) {
    co_return parts.problem;
  }
  std::string problems;
  const auto servers = rpc::parse_servers(config.rpc_server_addr);
  for (const auto& server : servers) {
    if (!server.tls) {
      continue;
    }
    rpc::join_request wish;
    wish.request = parts.request.certificate;
    auto text = rpc::join_request_text(wish);
    const auto reply = co_await rpc::ask_about_joining(context_, server, rpc::join_paths::renew,
                                                       std::move(text), parts.tls, longest_renewal);
    rpc::join_answer answer;
    auto problem = reply.problem;
    if (problem.empty()) {
      problem = rpc::read_join_answer(reply.body, answer);
    }
    if (problem.empty()) {
      const auto write = [file = section.cert_file, key = parts.request.key,
                          certificate = answer.certificate] {
        return write_renewed(file, key, certificate);
      };
      problem = co_await files_.run(write);
    }
    if (problem.empty()) {
      log::info("rpc", "the certificate of this agent was renewed",
                {{"agent", answer.name}, {"server", server.text}});
      is_used_ = false;
      co_return std::string{};
    }
    problems += (problems.empty() ? "" : "; ") + problem;
  }
  co_return problems.empty() ? "none of the servers is asked over TLS" : problems;
}

} // namespace xprober::app
