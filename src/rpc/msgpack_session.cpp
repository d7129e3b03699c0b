#include "server_core.hpp"

#include <deque>
#include <exception>
#include <functional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>

#include "xprober/net/progress.hpp"
#include "xprober/rpc/envelope.hpp"

namespace xprober::rpc {

namespace {

using clock = std::chrono::steady_clock;
using boost::system::error_code;

/// An idle session holds no more than this.
/// A message may grow to this size without a look at what all sessions hold.
constexpr std::size_t small_message = 64 * 1024;

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
        changed_(executor) {}
  ~session() { core_->buffered -= charged_; }
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  asio::awaitable<void> run(std::shared_ptr<net::session_control> control) {
    const auto attached = net::session_control::attach(
        std::move(control), {[this] { finish(); }, [this] { connection_->close(); }});
    // No co_await in a condition: g++ 12 destroys the wrong temporaries there.
    while (!finishing_) {
      const bool complete = co_await read_message();
      if (!complete) {
        break;
      }
      take_message();
      co_await wait_until([this] {
        return in_flight_ < core_->options.max_in_flight &&
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

  /// Reads until a whole message is there. False at the end of the connection and on an error.
  asio::awaitable<bool> read_message() {
    net::progress_deadline deadline{core_->options.message_window};
    deadline.begin(clock::now());
    while (true) {
      const auto status = scanner_.scan(std::string_view{input_}.substr(begin_));
      if (status == frame_status::complete) {
        co_return true;
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

  /// Counts this session's part of what all hold. False when that is too much.
  bool charge() {
    const auto size = input_.size() > small_message ? input_.size() : 0;
    core_->buffered = core_->buffered - charged_ + size;
    charged_ = size;
    if (size == 0 || core_->buffered <= core_->options.max_buffered) {
      return true;
    }
    core_->log.warn(connection_->peer(), "closed: too much is being received at once",
                    std::to_string(core_->buffered) + " bytes in all sessions");
    return false;
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
      take_request(message);
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

  void take_request(const rpc_message& message) {
    if (!may_call(*core_, connection_->peer_verified(), {})) {
      ++core_->counters.unauthorized;
      core_->log.warn(connection_->peer(), "refused", no_token_place);
      return refuse(message.seq, std::string{no_token_place});
    }
    auto decoded = decode_call(*core_, message.method, message.body, wire_format::msgpack);
    if (decoded.status != call_status::ok) {
      ++core_->counters.refused;
      return refuse(message.seq, decoded.error);
    }
    ++in_flight_;
    asio::co_spawn(changed_.get_executor(),
                   answer_request(shared_from_this(), message.seq, std::move(decoded.call)),
                   unless_failed());
  }

  void refuse(std::uint64_t seq, const std::string& error) {
    outgoing answer;
    write_error_response(answer.head, seq, error);
    enqueue(std::move(answer));
  }

  static asio::awaitable<void> answer_request(std::shared_ptr<session> self, std::uint64_t seq,
                                              service_call call) {
    auto answer = co_await perform(self->core_, std::move(call), wire_format::msgpack,
                                   self->connection_->peer(), true);
    --self->in_flight_;
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
    unsent_.push_back(std::move(answer));
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
      if (result.error) {
        self->fail();
      }
      self->changed_.cancel();
    }
    self->sending_ = false;
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
  asio::steady_timer changed_; ///< cancelled whenever a condition may have become true
  std::string input_;
  std::size_t begin_ = 0;   ///< of the next message in `input_`
  std::size_t charged_ = 0; ///< of `server_core::buffered`
  std::deque<outgoing> unsent_;
  std::size_t unsent_bytes_ = 0;
  std::size_t in_flight_ = 0;
  bool sending_ = false;
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
