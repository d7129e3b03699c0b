#include "xprober/net/body_pump.hpp"

#include <array>
#include <charconv>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/base/log.hpp"

namespace xprober::net {

namespace {

/// How often a peer is looked at to which nothing is written.
constexpr milliseconds look_interval{1000};

std::string chunk_head(std::size_t size) {
  std::array<char, 16> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16);
  return std::string{digits.data(), written.ptr} + "\r\n";
}

std::string what_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "not a standard exception";
  }
}

} // namespace

/// What the pump and a question to the source know of each other: the question may go on for a
/// moment when the pump has ended.
struct body_pump::waiting {
  waiting(const asio::any_io_executor& executor, chunk_source asked)
      : timer(executor), source(std::move(asked)) {}

  asio::steady_timer timer;
  chunk_source source;
  asio::cancellation_signal cancel;
  std::optional<std::string> piece;
  std::exception_ptr thrown;
  bool answered = false;
};

body_pump::body_pump(stream& connection, chunk_source source, bool chunked,
                     milliseconds write_timeout)
    : connection_(connection), source_(std::move(source)), write_timeout_(write_timeout),
      chunked_(chunked) {}

body_pump::~body_pump() = default;

asio::awaitable<bool> body_pump::run() {
  const auto executor = co_await asio::this_coro::executor;
  waiting_ = std::make_shared<waiting>(executor, std::move(source_));
  bool going_on = true;
  while (going_on) {
    ask();
    going_on = co_await answered();
    if (!going_on) {
      co_return false;
    }
    if (waiting_->thrown) {
      log::error("http", "a body ended by an error", {{"error", what_of(waiting_->thrown)}});
      co_return false;
    }
    if (!waiting_->piece) {
      break;
    }
    going_on = co_await write(std::move(*waiting_->piece));
  }
  if (!going_on) {
    co_return false;
  }
  static constexpr std::string_view end = "0\r\n\r\n";
  if (chunked_) {
    std::vector<asio::const_buffer> parts{asio::buffer(end)};
    const auto result = co_await connection_.write(std::move(parts), write_timeout_);
    going_on = !result.error;
  }
  co_return going_on;
}

void body_pump::stop() {
  stopped_ = true;
  if (waiting_) {
    waiting_->timer.cancel();
  }
}

/// The question runs beside this coroutine, which looks at the peer meanwhile.
void body_pump::ask() {
  waiting_->answered = false;
  auto done = [w = waiting_](const std::exception_ptr& thrown, std::optional<std::string> piece) {
    w->answered = true;
    w->thrown = thrown;
    w->piece = std::move(piece);
    w->timer.cancel();
  };
  asio::co_spawn(waiting_->timer.get_executor(), waiting_->source(),
                 asio::bind_cancellation_slot(waiting_->cancel.slot(), std::move(done)));
}

/// Waits for the source. False: nobody is there any more for whom it would be.
asio::awaitable<bool> body_pump::answered() {
  const auto w = waiting_;
  while (!w->answered && !stopped_ && !connection_.peer_gone()) {
    w->timer.expires_after(look_interval);
    boost::system::error_code ignored;
    co_await w->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (!w->answered) {
    w->cancel.emit(asio::cancellation_type::terminal);
    co_return false;
  }
  co_return !stopped_;
}

asio::awaitable<bool> body_pump::write(std::string piece) {
  if (piece.empty()) {
    co_return true;
  }
  std::vector<asio::const_buffer> parts{asio::buffer(piece)};
  std::string head;
  if (chunked_) {
    head = chunk_head(piece.size());
    piece += "\r\n";
    parts = {asio::buffer(head), asio::buffer(piece)};
  }
  const auto result = co_await connection_.write(std::move(parts), write_timeout_);
  co_return !result.error;
}

} // namespace xprober::net
