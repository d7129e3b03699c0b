#include "xprober/remote_write/connection.hpp"

#include <utility>

#include "xprober/domain/url_secrets.hpp"

namespace xprober::remote_write {

namespace {

net::delivery_target receiver_of(const remote_write_config& config) {
  net::delivery_target to;
  to.url = config.url;
  to.shown = public_url(config.url) + ":";
  to.tls.ca_file = config.ca_file;
  to.tls.insecure_skip_verify = config.insecure_skip_verify;
  to.tls.section = "remote_write.";
  to.bearer_token_file = config.bearer_token_file;
  to.basic_auth = config.basic_auth;
  to.headers = config.headers;
  to.timeout = config.timeout;
  to.longest_answer = 256 * 1024;
  return to;
}

} // namespace

std::string public_url(const std::string& url) { return shown_url(url); }

request_fate fate_of(const write_answer& answer, bool stopping) noexcept {
  if (stopping) {
    return request_fate::given_up;
  }
  switch (net::outcome_of(answer.status)) {
  case net::delivery_outcome::taken: return request_fate::taken;
  case net::delivery_outcome::refused: return request_fate::refused;
  case net::delivery_outcome::again: break;
  }
  return request_fate::repeated;
}

remote_connection::remote_connection(asio::io_context& io, const remote_write_config& config)
    : connection_(io, receiver_of(config)) {}

asio::awaitable<write_answer> remote_connection::post(const std::string& body) {
  return connection_.post(body, {{"Content-Type", "application/x-protobuf"},
                                 {"Content-Encoding", "snappy"},
                                 {"X-Prometheus-Remote-Write-Version", "0.1.0"}});
}

} // namespace xprober::remote_write
