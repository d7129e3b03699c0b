#include "xprober/notify/connection.hpp"

#include <functional>
#include <utility>

#include <boost/asio/use_awaitable.hpp>

#include "xprober/base/read_file.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/net/file_reading.hpp"
#include "xprober/notify/signature.hpp"

namespace xprober::notify {

namespace {

net::delivery_target receiver_of(const receiver_setup& setup) {
  net::delivery_target to;
  to.url = setup.to.url;
  to.shown = "that of " + setup.name; // the URL may be a secret
  to.tls.ca_file = setup.to.ca_file;
  to.tls.cert_file = setup.to.cert_file;
  to.tls.key_file = setup.to.key_file;
  to.tls.insecure_skip_verify = setup.to.insecure_skip_verify;
  to.tls.section = setup.section();
  to.bearer_token_file = setup.to.bearer_token_file;
  to.headers = setup.to.headers;
  to.timeout = receiver_connection::delivery_timeout;
  return to;
}

} // namespace

receiver_connection::receiver_connection(asio::io_context& io, const receiver_setup& setup)
    : setup_(setup), connection_(io, receiver_of(setup)) {}

read_text receiver_connection::secret() const {
  return setup_.secret_file.empty()
             ? read_text{}
             : read_secret_file(setup_.section() + "secret_file", setup_.secret_file);
}

std::string receiver_connection::check() const {
  const auto problem = connection_.check();
  return problem.empty() ? secret().error : problem;
}

asio::awaitable<delivery_answer> receiver_connection::post(const delivery_request& request) {
  const auto until = monotonic_clock::now() + delivery_timeout;
  read_text key;
  if (!setup_.secret_file.empty()) {
    std::function<read_text()> read = [name = setup_.section() + "secret_file",
                                       file = setup_.secret_file] {
      return read_secret_file(name, file);
    };
    key = co_await net::read_apart(std::move(read), until);
  }
  if (!key.ok()) {
    delivery_answer answer;
    answer.text = key.error;
    co_return answer;
  }
  net::delivery_connection::header_list headers{{"Content-Type", setup_.content_type}};
  if (!request.idempotency_key.empty()) {
    headers.emplace_back("Idempotency-Key", request.idempotency_key);
  }
  if (!key.text.empty()) {
    headers.emplace_back("X-Xprober-Signature",
                         signature(key.text, to_unix_seconds(wall_clock::now()), request.body));
  }
  auto answer = co_await connection_.post(request.body, std::move(headers), until);
  co_return answer;
}

} // namespace xprober::notify
