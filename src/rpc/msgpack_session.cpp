#include "server_core.hpp"

#include <algorithm>
#include <deque>
#include <exception>
#include <functional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>

#include "xprober/net/byte_budget.hpp"
#include "xprober/net/peer_key.hpp"
#include "xprober/net/progress.hpp"
#include "xprober/rpc/envelope.hpp"

namespace xprober::rpc {

namespace {

using clock = std::chrono::steady_clock;
using boost::system::error_code;

/// Of a message that will be refused whatever it says, so much is read: all of a request for
/// targets.
constexpr std::size_t longest_stranger = 64 * 1024;

constexpr std::string_view no_token_place =
    "this server wants a token, which MessagePack-RPC cannot carry: use http:// or https:// with "
    "rpc.token_file, or a client certificate";

/// Reads requests and hands each to a coroutine of its own, which queues its answer; one more
/// coroutine sends what is queued. All run on one thread and keep the session alive.
class session : public std::enable_shared_from_this<session> {
public:
  session(std::shared_ptr<server_core> core, std::unique_ptr<net::stream> connection,
          const asio::any_io_executor& executor)
      : core_(std::move(core)), connection_(std::move(connection)), scanner_(core_->options.frame),
        charge_(core_->options.account, net::peer_of(std::string_view{connection_->peer()})),
        changed_(executor) {}
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  asio::awaitable<void> run(std::shared_ptr<net::session_control> control) {
    control_ = control;
    const auto attached = net::session_control::attach(
        std::move(control), {[this] { finish(); }, [this] { connection_->close(); }});
    // No co_await in a condition: g++ 12 destroys the wrong temporaries there.
    while (!finishing_) {
      tell_stage();
      const bool complete = co_await read_message();
      if (!complete) {
        break;
      }
      take_message();
      co_await wait_until([this] {
        return in_flight_ < core_->options.max_in_flight &&
               in_flight_bytes_ <= core_->options.max_in_flight_bytes &&
               unsent_bytes_ <= core_->options.max_unsent;
      });
    }
    finishing_ = true;
    co_await wait_until([this] { return quiet(); });
    connection_->close();
  }

private:
  struct outgoing {
    std::string head;
    shared_bytes body; ///< may be null
    std::size_t size() const { return head.size() + (body ? body->size() : 0); }
    /// Bytes that it holds itself: bodies are shared by those who get the same.
    std::size_t own_size() const { return sizeof(outgoing) + head.size(); }
  };

  bool quiet() const { return broken_ || (in_flight_ == 0 && unsent_.empty() && !sending_); }

  /// Reads no more; the rest of `run` follows when nothing is under way.
  void finish() {
    finishing_ = true;
    if (quiet()) {
      connection_->close();
    }
    changed_.cancel();
  }

  template <class Condition>
  asio::awaitable<void> wait_until(Condition holds) {
    while (!holds() && !broken_) {
      error_code ignored;
      changed_.expires_at(clock::time_point::max());
      co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  /// Reads until a whole message is there. False at the end of the connection, on an error, and
  /// where there is no room for it.
  asio::awaitable<bool> read_message() {
    net::progress_deadline deadline{core_->options.message_window};
    deadline.begin(clock::now());
    while (true) {
      const auto status = scanner_.scan(std::string_view{input_}.substr(begin_));
      if (status == frame_status::complete) {
        co_return charge();
      }
      if (status != frame_status::need_more) {
        malformed(to_string(status));
        co_return false;
      }
      input_.erase(0, begin_);
      begin_ = 0;
      if (!charge()) {
        co_return false;
      }
      const bool idle = input_.empty();
      const auto now = clock::now();
      if (idle) {
        deadline.begin(now);
      }
      const auto patience = idle ? core_->options.idle_timeout : deadline.left(now);
      const bool more = co_await read_more(idle ? idle_read_size : read_size, patience, deadline);
      if (!more) {
        co_return false;
      }
      if (idle) {
        deadline.begin(clock::now());
      }
    }
  }

  asio::awaitable<bool> read_more(std::size_t most, std::chrono::milliseconds patience,
                                  net::progress_deadline& deadline) {
    if (patience.count() <= 0) {
      malformed("a message did not arrive in time");
      co_return false;
    }
    const auto before = input_.size();
    input_.resize(before + most);
    const auto got = co_await connection_->read_some(asio::buffer(&input_[before], most), patience);
    input_.resize(before + got.bytes);
    deadline.received(got.bytes, clock::now());
    if (got.error && before > 0) {
      malformed(got.error == boost::beast::error::timeout ? "a message did not arrive in time"
                                                          : "the connection ended in a message");
    }
    // What came with the error still counts: the next scan decides.
    broken_ = broken_ || (got.error && got.error != asio::error::eof);
    co_return !got.error;
  }

  /// For whom the client may call; null: it may not.
  grant_ptr grant() const {
    return grant_for(*core_, connection_->peer_verified(), connection_->peer_name(), {});
  }

  /// Counts what this session holds. False when that is too much.
  bool charge() {
    if (input_.size() > longest_stranger && !grant()) {
      ++core_->counters.unauthorized;
      core_->log.warn(connection_->peer(), "closed", no_token_place);
      return false;
    }
    if (charge_.hold(input_.size() + in_flight_bytes_ + unsent_own_bytes_)) {
      return true;
    }
    core_->log.warn(connection_->peer(), "closed: " + std::string{charge_.reason()},
                    std::to_string(input_.size()) + " bytes of a message have come");
    return false;
  }

  /// A message was worked on. What is being read is counted anew when more of it has come.
  void release(std::size_t size) {
    charge_.hold(charge_.held() - std::min<std::uint64_t>(charge_.held(), size));
  }

  void tell_stage() const {
    const bool sends = !unsent_.empty() || sending_;
    control_->enter(in_flight_ > 0 ? net::session_stage::answering
                    : sends        ? net::session_stage::sending
                    : served_      ? net::session_stage::idle
                                   : net::session_stage::fresh);
  }

  void malformed(std::string_view reason) {
    ++core_->counters.malformed;
    core_->log.warn(connection_->peer(), "closed: no MessagePack-RPC", reason);
  }

  void take_message() {
    const auto bytes = std::string_view{input_}.substr(begin_, scanner_.size());
    begin_ += scanner_.size();
    scanner_.reset();
    rpc_message message;
    auto problem = read_envelope(bytes, message);
    if (problem.empty() && !message.is_request) {
      problem = "a response to a server";
    }
    if (problem.empty()) {
      ++core_->counters.requests;
      take_request(message, bytes);
    } else {
      malformed(problem);
      finishing_ = true;
    }
    if (begin_ == input_.size()) {
      release_input();
    }
  }

  void release_input() {
    begin_ = 0;
    if (input_.capacity() > read_size) {
      std::string{}.swap(input_);
    } else {
      input_.clear();
    }
    charge();
  }

  /// A request whose argument is large: it is decoded on the thread for that.
  struct large_request {
    std::uint64_t seq = 0;
    std::string method;
    std::shared_ptr<const std::string> bytes; ///< the whole message
    std::size_t argument = 0;                 ///< where it begins
    std::size_t length = 0;                   ///< of it
    grant_ptr grant;                          ///< for whom the client may call

    std::string_view text() const { return std::string_view{*bytes}.substr(argument, length); }
  };

  /// The whole message as bytes of its own, without a copy where nothing else was read with it.
  std::shared_ptr<const std::string> own_bytes(std::string_view whole) {
    if (whole.size() != input_.size()) {
      return std::make_shared<const std::string>(whole);
    }
    auto own = std::make_shared<const std::string>(std::move(input_));
    input_.clear();
    begin_ = 0;
    return own;
  }

  void take_large_request(const rpc_message& message, std::string_view whole, grant_ptr granted) {
    large_request request;
    request.grant = std::move(granted);
    request.seq = message.seq;
    request.method = std::string{message.method};
    request.argument = static_cast<std::size_t>(message.body.data() - whole.data());
    request.length = message.body.size();
    const auto size = whole.size();
    request.bytes = own_bytes(whole);
    enter_request(size);
    asio::co_spawn(changed_.get_executor(),
                   read_request(shared_from_this(), size, std::move(request)), unless_failed());
  }

  static asio::awaitable<void> read_request(std::shared_ptr<session> self, std::size_t size,
                                            large_request request) {
    const auto core = self->core_;
    const auto seq = request.seq;
    const auto granted = request.grant;
    auto read = [core, request = std::move(request)] {
      return decode_call(*core, request.method, request.text(), wire_format::msgpack);
    };
    const auto work = core->options.work;
    auto decoded = co_await work->run(std::move(read));
    if (decoded.status != call_status::ok) {
      ++core->counters.refused;
      self->end_request(size);
      self->refuse(seq, decoded.error);
      co_return;
    }
    if (self->is_forbidden(seq, granted, decoded.call)) {
      self->end_request(size);
      co_return;
    }
    co_await answer_request(self, seq, size, std::move(decoded.call));
  }

  void enter_request(std::size_t size) {
    served_ = true;
    ++in_flight_;
    in_flight_bytes_ += size;
    tell_stage();
  }

  void end_request(std::size_t size) {
    --in_flight_;
    in_flight_bytes_ -= size;
    release(size);
    tell_stage();
  }

  /// Whether the call is not for the holder of the grant, who is told so.
  bool is_forbidden(std::uint64_t seq, const grant_ptr& granted, service_call& call) {
    const auto why = why_forbidden(*core_, granted, call);
    if (why.empty()) {
      return false;
    }
    ++core_->counters.refused;
    core_->log.warn(connection_->peer(), "refused", why);
    refuse(seq, why);
    return true;
  }

  /// `whole` is the whole message.
  void take_request(const rpc_message& message, std::string_view whole) {
    const auto granted = grant();
    if (!granted) {
      ++core_->counters.unauthorized;
      core_->log.warn(connection_->peer(), "refused", no_token_place);
      return refuse(message.seq, std::string{no_token_place});
    }
    if (core_->options.work && whole.size() > net::quick_bytes) {
      return take_large_request(message, whole, granted);
    }
    auto decoded = decode_call(*core_, message.method, message.body, wire_format::msgpack);
    if (decoded.status != call_status::ok) {
      ++core_->counters.refused;
      return refuse(message.seq, decoded.error);
    }
    if (is_forbidden(message.seq, granted, decoded.call)) {
      return;
    }
    const auto size = whole.size();
    enter_request(size);
    asio::co_spawn(changed_.get_executor(),
                   answer_request(shared_from_this(), message.seq, size, std::move(decoded.call)),
                   unless_failed());
  }

  void refuse(std::uint64_t seq, const std::string& error) {
    outgoing answer;
    write_error_response(answer.head, seq, error);
    enqueue(std::move(answer));
  }

  static asio::awaitable<void> answer_request(std::shared_ptr<session> self, std::uint64_t seq,
                                              std::size_t size, service_call call) {
    auto answer = co_await perform(self->core_, std::move(call), wire_format::msgpack,
                                   self->connection_->peer(), true);
    self->end_request(size);
    if (answer.status == call_status::ok) {
      outgoing reply;
      begin_response(reply.head, seq);
      reply.body = std::move(answer.body);
      self->enqueue(std::move(reply));
    } else {
      ++self->core_->counters.refused;
      self->refuse(seq, answer.error);
    }
  }

  void enqueue(outgoing answer) {
    unsent_bytes_ += answer.size();
    unsent_own_bytes_ += answer.own_size();
    unsent_.push_back(std::move(answer));
    tell_stage();
    if (!sending_) {
      sending_ = true;
      asio::co_spawn(changed_.get_executor(), send_queued(shared_from_this()), unless_failed());
    }
  }

  static asio::awaitable<void> send_queued(std::shared_ptr<session> self) {
    while (!self->unsent_.empty() && !self->broken_) {
      const auto next = std::move(self->unsent_.front());
      self->unsent_.pop_front();
      std::vector<asio::const_buffer> parts{asio::buffer(next.head)};
      if (next.body) {
        parts.push_back(asio::buffer(*next.body));
      }
      const auto result =
          co_await self->connection_->write(std::move(parts), self->core_->options.write_timeout);
      self->unsent_bytes_ -= next.size();
      self->unsent_own_bytes_ -= next.own_size();
      self->release(next.own_size());
      if (result.error) {
        self->fail();
      }
      self->changed_.cancel();
    }
    self->sending_ = false;
    self->tell_stage();
    if (self->finishing_ && self->quiet()) {
      self->connection_->close();
    }
    self->changed_.cancel();
  }

  void fail() {
    broken_ = true;
    connection_->close();
    changed_.cancel();
  }

  /// An exception (no memory) in one of the session's coroutines ends the session.
  std::function<void(std::exception_ptr)> unless_failed() {
    return [self = shared_from_this()](const std::exception_ptr& thrown) {
      if (thrown) {
        self->fail();
      }
    };
  }

  std::shared_ptr<server_core> core_;
  std::unique_ptr<net::stream> connection_;
  frame_scanner scanner_;
  net::byte_charge charge_;
  asio::steady_timer changed_; ///< cancelled whenever a condition may have become true
  std::string input_;
  std::size_t begin_ = 0; ///< of the next message in `input_`
  std::deque<outgoing> unsent_;
  std::size_t unsent_bytes_ = 0;
  std::size_t unsent_own_bytes_ = 0; ///< without what they share with others
  std::size_t in_flight_ = 0;
  std::size_t in_flight_bytes_ = 0; ///< of the messages of them
  std::shared_ptr<net::session_control> control_;
  bool sending_ = false;
  bool served_ = false;    ///< a request was taken
  bool finishing_ = false; ///< reads no more
  bool broken_ = false;    ///< nothing can be sent any more
};

} // namespace

asio::awaitable<void> serve_msgpack(std::shared_ptr<server_core> core,
                                    std::unique_ptr<net::stream> connection,
                                    std::shared_ptr<net::session_control> control) {
  const auto executor = co_await asio::this_coro::executor;
  const auto serving = std::make_shared<session>(std::move(core), std::move(connection), executor);
  co_await serving->run(std::move(control));
}

} // namespace xprober::rpc
