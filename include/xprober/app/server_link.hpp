#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "xprober/domain/config.hpp"
#include "xprober/domain/wire/wire.hpp"
#include "xprober/rpc/client_engine.hpp"

namespace xprober::app {

/// The way of an agent to its servers, and how a reload leads it to others, or has it show them
/// other credentials: `prepare`, which may refuse, then `switch_over`.
class server_link {
public:
  /// What a switch leaves to be done.
  struct handover {
    bool moves = false;                         ///< the server that was in use is left
    std::vector<net::endpoint> left;            ///< servers that are to hear a goodbye
    std::shared_ptr<rpc::client_engine> engine; ///< the one before, whose calls are to end
    rpc::client_options options;                ///< of it
    rpc::client_credentials credentials;        ///< of it
  };

  /// Throws net::setup_error for a server that is no address, and for files that cannot be used.
  /// `work` is where large answers are read; may be null.
  server_link(boost::asio::io_context& context, const agent_config& config,
              std::shared_ptr<net::work_thread> work = {});

  /// The engine in use.
  const std::shared_ptr<rpc::client_engine>& engine() const noexcept { return engine_; }

  /// Reads the files that a new configuration names; what is wrong with them, empty where nothing
  /// is. Nothing else happens before `switch_over`. Blocks on the disk; for any thread, while
  /// nobody else uses this.
  std::string prepare(const agent_config& next);

  /// Makes the engine that was prepared the one in use. Nothing where neither the servers nor
  /// what is in the files has changed. On the context's thread.
  std::optional<handover> switch_over();

  /// Has what was under way come to its end at the server before, two seconds at most; says goodbye
  /// to those that are left, another second at most. On the context's thread.
  boost::asio::awaitable<void> leave(handover before, leave_request goodbye);

  /// Ends the connection. Callable from any thread; this must outlive the context's thread.
  void stop();

private:
  struct setup {
    rpc::client_options options;
    rpc::client_credentials credentials;
  };

  setup read(const agent_config& config) const;
  bool is_as_before(const setup& next) const;

  boost::asio::io_context& context_;
  std::shared_ptr<net::work_thread> work_;
  setup now_;
  std::optional<setup> next_; ///< prepared
  std::shared_ptr<rpc::client_engine> engine_;
  std::vector<net::endpoint> answered_; ///< to engines before, and still in the list
};

} // namespace xprober::app
