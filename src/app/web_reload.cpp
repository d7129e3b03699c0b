#include "xprober/app/web_reload.hpp"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/base/log.hpp"
#include "xprober/domain/exposure.hpp"
#include "xprober/net/tls.hpp"

namespace xprober::app {

namespace {

bool has_files(const web_config& config) {
  return !config.cert_file.empty() || !config.token_file.empty() || !config.read_token_file.empty();
}

} // namespace

web_reload::web_reload(boost::asio::io_context& context, reading_thread& files, web_server& web,
                       std::string key, std::string address, sections now,
                       const net::secret_hash& hash)
    : context_(context), files_(files), web_(web), key_(std::move(key)),
      address_(std::move(address)), now_(std::move(now)), hash_(hash), timer_(context) {}

web_reload::found web_reload::look(const sections& files) {
  found result;
  try {
    result.credentials = read_web_credentials(files.web, files.rpc);
  } catch (const net::setup_error& problem) {
    result.problem = problem.what();
  }
  return result;
}

std::string web_reload::prepare(const sections& next, bool insecure) {
  next_.reset();
  // The file may name another address, which needs a restart.
  const auto exposed = exposure_problem(address_, "web", protection_of(next.web));
  if (!insecure && !exposed.empty()) {
    return key_ + ": " + address_ + ", where this process listens until it ends, " + exposed;
  }
  auto read = look(next);
  if (!read.problem.empty()) {
    return std::move(read.problem);
  }
  next_ = prepared{next, accepted_names(next.web), std::move(read.credentials)};
  return {};
}

void web_reload::commit() {
  auto next = std::exchange(next_, std::nullopt);
  if (!next) {
    return;
  }
  now_ = std::move(next->config);
  hash_ = next->credentials.hash;
  told_.clear();
  web_.accept(std::move(next->names));
  web_.use(std::move(next->credentials));
}

void web_reload::watch(std::chrono::milliseconds interval) {
  boost::asio::co_spawn(context_, keep_looking(interval), boost::asio::detached);
}

boost::asio::awaitable<void> web_reload::keep_looking(std::chrono::milliseconds interval) {
  while (true) {
    timer_.expires_after(interval);
    boost::system::error_code cancelled;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    if (cancelled) {
      co_return;
    }
    if (!has_files(now_.web)) {
      continue;
    }
    const auto config = now_;
    const auto read = [config] { return look(config); };
    auto what = co_await files_.run(read);
    if (config == now_) { // else a reload has read them meanwhile
      take(std::move(what));
    }
  }
}

void web_reload::take(found what) {
  if (!what.problem.empty()) {
    if (what.problem != told_) {
      log::error("web", "changed files cannot be used; what was read before stays in force",
                 {{"problem", what.problem}});
    }
    told_ = std::move(what.problem);
    return;
  }
  told_.clear();
  if (what.credentials.hash == hash_) {
    return;
  }
  hash_ = what.credentials.hash;
  web_.use(std::move(what.credentials));
  log::info("web", "certificates or tokens have changed and are in force");
}

} // namespace xprober::app
