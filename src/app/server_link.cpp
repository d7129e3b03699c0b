#include "xprober/app/server_link.hpp"

#include <chrono>
#include <utility>

#include <boost/asio/post.hpp>

#include "xprober/net/tls.hpp"
#include "xprober/rpc/goodbye.hpp"
#include "xprober/rpc/server_change.hpp"

namespace xprober::app {

namespace {

/// A server that does not answer holds up a reload for no longer.
constexpr std::chrono::seconds longest_end_of_calls{2};
constexpr std::chrono::seconds longest_goodbye{1};

} // namespace

server_link::server_link(boost::asio::io_context& context, const agent_config& config,
                         std::shared_ptr<net::work_thread> work)
    : context_(context), work_(std::move(work)), now_(read(config)),
      engine_(std::make_shared<rpc::client_engine>(context, now_.options, now_.credentials)) {}

server_link::setup server_link::read(const agent_config& config) const {
  setup result;
  result.options.work = work_;
  result.options.servers = config.rpc_server_addr;
  result.options.rpc = config.rpc;
  result.credentials =
      rpc::read_credentials(rpc::parse_servers(config.rpc_server_addr), config.rpc);
  return result;
}

/// The paths of files count, too: who changes them wants to see them used.
bool server_link::is_as_before(const setup& next) const {
  return next.options.servers == now_.options.servers && next.options.rpc == now_.options.rpc &&
         next.credentials.same_files(now_.credentials);
}

std::string server_link::prepare(const agent_config& next) {
  next_.reset();
  try {
    next_ = read(next);
  } catch (const net::setup_error& problem) {
    return problem.what();
  }
  return {};
}

std::optional<server_link::handover> server_link::switch_over() {
  auto next = std::exchange(next_, std::nullopt);
  if (!next || is_as_before(*next)) {
    return std::nullopt;
  }
  auto answered = answered_;
  for (auto& server : engine_->answered()) {
    answered.push_back(std::move(server));
  }
  auto change = rpc::compare_servers(engine_->server_in_use(), answered,
                                     rpc::parse_servers(next->options.servers));
  next->options.first_server = change.first;
  auto before = std::exchange(now_, std::move(*next));
  handover result{change.moves, std::move(change.left), engine_, std::move(before.options),
                  std::move(before.credentials)};
  engine_ = std::make_shared<rpc::client_engine>(context_, now_.options, now_.credentials);
  answered_ = std::move(change.kept);
  return result;
}

boost::asio::awaitable<void> server_link::leave(handover before, leave_request goodbye) {
  co_await before.engine->finish_calls(longest_end_of_calls);
  before.engine->stop();
  if (!before.left.empty()) {
    co_await rpc::say_goodbye(context_, std::move(before.options), std::move(before.credentials),
                              std::move(before.left), std::move(goodbye), longest_goodbye);
  }
}

void server_link::stop() {
  boost::asio::post(context_, [this] { engine_->stop(); });
}

} // namespace xprober::app
