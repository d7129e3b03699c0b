#include "xprober/web/shared_answers.hpp"

#include <array>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/net/header_list.hpp"

namespace xprober::web {

namespace asio = boost::asio;

class shared_answers::leader {
public:
  leader(std::shared_ptr<shared_answers> all, std::string key, std::shared_ptr<flight> own)
      : all_(std::move(all)), key_(std::move(key)), own_(std::move(own)) {}
  leader(const leader&) = delete;
  leader& operator=(const leader&) = delete;
  ~leader() {
    own_->ended = true;
    all_->flights_.erase(key_);
    if (own_->followers > 0) {
      own_->over.cancel();
    }
  }

private:
  std::shared_ptr<shared_answers> all_;
  std::string key_;
  std::shared_ptr<flight> own_;
};

asio::awaitable<void> shared_answers::follow(std::shared_ptr<flight> ahead) {
  ++ahead->followers;
  while (!ahead->ended) {
    boost::system::error_code ignored;
    co_await ahead->over.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

asio::awaitable<net::http_response> shared_answers::lead(std::string key, maker make) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto own = std::make_shared<flight>(executor);
  own->over.expires_at(asio::steady_timer::time_point::max());
  flights_[key] = own;
  const leader ends{shared_from_this(), std::move(key), own};
  auto answer = co_await make();
  // A body that comes in pieces is its reader's alone.
  if (own->followers > 0 && !answer.next_chunk) {
    own->answer = answer;
  }
  co_return answer;
}

asio::awaitable<net::http_response> shared_answers::get(std::string key, maker make) {
  const auto self = shared_from_this();
  const auto found = self->flights_.find(key);
  if (found == self->flights_.end()) {
    co_return co_await self->lead(std::move(key), std::move(make));
  }
  const auto ahead = found->second;
  co_await follow(ahead);
  if (ahead->answer) {
    co_return *ahead->answer;
  }
  co_return co_await make();
}

std::string answer_key(const net::http_request& request, const net::request_context& context) {
  static constexpr std::array fields{net::http::field::accept, net::http::field::accept_encoding,
                                     net::http::field::if_none_match,
                                     net::http::field::authorization, net::http::field::cookie};
  const auto method = request.method_string();
  const auto target = request.target();
  std::string key{method.data(), method.size()};
  key += ' ';
  key.append(target.data(), target.size());
  for (const auto field : fields) {
    key += '\n'; // in no value of a field
    key += net::all_lines(request, field);
  }
  // A client certificate is one connection's own.
  if (context.client_verified) {
    key += '\n' + context.peer;
  }
  return key;
}

} // namespace xprober::web
