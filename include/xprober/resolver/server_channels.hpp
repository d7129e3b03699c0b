#pragma once

#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "xprober/domain/clock.hpp"
#include "xprober/resolver/ares_channel.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::dns {

/// The channels that a resolver asks through, made when they are needed.
class server_channels {
public:
  explicit server_channels(boost::asio::any_io_executor executor)
      : executor_(std::move(executor)) {}

  /// Where the next server is asked if one fails. A new one where resolv.conf has changed, which
  /// is looked at once in a second.
  ares_channel& usual(const resolver_options& options);

  /// For the reason where no server was of use: here a server's failure is an answer.
  ares_channel& believing(const resolver_options& options);

  /// For answers that do not fit a datagram.
  ares_channel& over_tcp(const resolver_options& options);

  /// The next channels are new ones; the old ones live on until their queries have ended.
  void retire();

  /// Ends all queries of all channels.
  void close();

private:
  std::shared_ptr<ares_channel> make(const resolver_options& options, channel_settings how) const;

  boost::asio::any_io_executor executor_;
  std::shared_ptr<ares_channel> usual_;
  std::shared_ptr<ares_channel> believing_;
  std::shared_ptr<ares_channel> over_tcp_;
  std::vector<std::weak_ptr<ares_channel>> retired_; ///< with queries that have not ended
  std::filesystem::file_time_type config_time_{};
  monotonic_time config_checked_{};
};

} // namespace xprober::dns
