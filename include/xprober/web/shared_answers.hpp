#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/net/http_types.hpp"

namespace xprober::web {

/// Answers on their way: who asks what is just being answered gets the same answer, so that a
/// hundred readers of one page cost what one costs. Nothing is kept beyond that. For the thread of
/// the sessions only.
class shared_answers : public std::enable_shared_from_this<shared_answers> {
public:
  using maker = std::function<boost::asio::awaitable<net::http_response>()>;

  /// What `make()` gives, or gives somebody who has asked with the same `key`. Who has waited for
  /// one that failed makes it anew.
  boost::asio::awaitable<net::http_response> get(std::string key, maker make);

  /// How many are on their way.
  std::size_t size() const noexcept { return flights_.size(); }

private:
  struct flight {
    explicit flight(const boost::asio::any_io_executor& executor) : over(executor) {}
    boost::asio::steady_timer over; ///< cancelled when it is
    std::optional<net::http_response> answer;
    bool ended = false;
    std::size_t followers = 0; ///< who wait for it
  };
  /// Whose answer it is: ends the flight, also where it is given up.
  class leader;

  boost::asio::awaitable<net::http_response> lead(std::string key, maker make);
  static boost::asio::awaitable<void> follow(std::shared_ptr<flight> ahead);

  std::map<std::string, std::shared_ptr<flight>> flights_;
};

/// What an answer depends on: target, method, and what the head says of form and of who asks.
std::string answer_key(const net::http_request& request, const net::request_context& context);

} // namespace xprober::web
