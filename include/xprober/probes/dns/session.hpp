#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xprober/probes/dns/checks.hpp"
#include "xprober/probes/dns/message.hpp"
#include "xprober/probes/dns/target.hpp"
#include "xprober/probes/dns/udp_socket.hpp"
#include "xprober/probes/stream/session.hpp"
#include "xprober/probes/stream/tls_details.hpp"

namespace xprober::dns_query {

/// What all probes of one configuration share. Never changes, but for what `server` has read.
struct probe_settings {
  dns_probe_config config;
  question what; ///< its name is the target's
  answer_checks checks;
  std::optional<stream::tls_context> tls; ///< with `dns_over_tls`
  /// That of `resolver:` or the system's, for targets that name none; of the engine's thread.
  std::shared_ptr<system_server> server;

  /// Throws std::runtime_error that names the key of what cannot be used.
  probe_settings(const dns_probe_config& from, const resolver_config& resolver);
};

/// What the columns of a DNS probe do not say.
struct dns_details : stream::tls_details {
  std::string server;    ///< "192.0.2.1:53"
  bool over_tcp = false; ///< the answer came over TCP
  bool authoritative = false;
  std::vector<std::string> records; ///< the first of the answers, as text
};

/// One DNS probe: the server's name, a connection or a socket, one question and its answer.
class session final : public stream::session {
public:
  session(const stream::services& use, std::shared_ptr<const probe_settings> settings,
          stream::job&& work);

protected:
  stream::task<void> probe() override;
  void measured(bool ok) override;
  void cut() override;

private:
  bool prepare();
  stream::task<bool> connect_stream();
  bool connect_datagram();
  stream::task<bool> ask();
  stream::task<bool> ask_datagram();
  bool has_left(monotonic_time since);
  stream::task<bool> ask_stream();
  stream::task<bool> read_exactly(std::span<std::uint8_t> into);
  bool take(std::span<const std::uint8_t> bytes);
  bool fail_stream(const stream::error_code& error, const std::string& what);
  std::string server_text() const;

  std::shared_ptr<const probe_settings> settings_;
  std::string whom_; ///< the target, for messages
  host_port server_; ///< the host as it is dialled
  stream::named_by server_named_by_ = stream::named_by::target;
  question what_;
  std::uint16_t id_ = 0;
  std::vector<std::uint8_t> query_;
  udp_socket socket_;
  std::size_t next_address_ = 0;    ///< of the server's, to be asked over UDP
  stream::failed_addresses failed_; ///< those that were asked over UDP and refused
  bool over_tcp_ = false;
  std::optional<message> answer_;
  std::size_t answer_bytes_ = 0;
};

} // namespace xprober::dns_query
