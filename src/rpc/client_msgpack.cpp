#include "client_core.hpp"

#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/net/tls_alert.hpp"
#include "xprober/rpc/envelope.hpp"

namespace xprober::rpc {

namespace {

/// Calls have their deadlines: a connection without any may be silent for as long as it likes.
constexpr std::chrono::hours no_read_timeout{24 * 365};
constexpr std::chrono::seconds write_timeout{30};

/// One connection. Its reader is a coroutine of its own, so answers are taken in any order.
class msgpack_link : public std::enable_shared_from_this<msgpack_link> {
public:
  msgpack_link(std::shared_ptr<client_core> core, endpoint server,
               std::shared_ptr<net::stream> connection)
      : core_(std::move(core)), server_(std::move(server)), connection_(std::move(connection)),
        scanner_(core_->options.frame) {}

  asio::awaitable<std::string> run() {
    const auto executor = co_await asio::this_coro::executor;
    asio::co_spawn(executor, read(shared_from_this()),
                   [self = shared_from_this()](const std::exception_ptr& thrown) {
                     self->reader_done(thrown);
                   });
    while (!ended_ && !core_->stopping) {
      if (core_->calls.waiting()) {
        co_await send_next();
      } else {
        co_await core_->wait_change();
      }
    }
    connection_->close();
    while (reading_) {
      co_await core_->wait_change();
    }
    co_return reason_;
  }

private:
  void end(std::string reason) {
    if (!ended_) {
      reason_ = std::move(reason);
    }
    ended_ = true;
  }

  asio::awaitable<void> send_next() {
    const auto next = core_->calls.take();
    std::string bytes;
    begin_request(bytes, next->seq, method_of(*next->request));
    const auto problem = encode_request(*core_, *next->request, bytes);
    if (!problem.empty()) {
      core_->calls.finish(next->seq, make_error(ec::too_large, problem));
      co_return;
    }
    std::vector<asio::const_buffer> parts{asio::buffer(bytes)};
    const auto written = co_await connection_->write(std::move(parts), write_timeout);
    if (written.error) {
      end(written.error.message());
    }
  }

  static asio::awaitable<void> read(std::shared_ptr<msgpack_link> self) {
    while (!self->ended_) {
      const auto most = self->input_.empty() ? idle_read_size : read_size;
      const auto before = self->input_.size();
      self->input_.resize(before + most);
      const auto got = co_await self->connection_->read_some(
          asio::buffer(&self->input_[before], most), no_read_timeout);
      self->input_.resize(before + got.bytes);
      co_await self->take_messages();
      if (got.error) {
        self->end(self->end_text(got.error));
      }
    }
  }

  std::string end_text(const boost::system::error_code& error) const {
    const bool quiet = input_.empty() && !core_->calls.sent();
    if (quiet && net::is_disconnect(error)) {
      return {};
    }
    return error == asio::error::eof ? "the server closed the connection" : error.message();
  }

  void reader_done(const std::exception_ptr& thrown) {
    if (thrown) {
      end("an answer could not be handled");
    }
    reading_ = false;
    end({});
    core_->changed.cancel();
  }

  /// Other protocols whose first bytes would be read as numbers.
  void recognise_others() {
    if (input_.starts_with("HTTP/")) {
      protocol_error("the server speaks HTTP on this port, where its pages may be: rpc_server_addr "
                     "is to name its rpc_listen_addr, or has http:// in front");
    } else if (net::is_tls_alert(input_)) {
      protocol_error("the server speaks TLS on this port: rpc_server_addr needs msgpacks:// or "
                     "https:// in front");
    }
  }

  /// While one of them is read on another thread nothing else comes in.
  asio::awaitable<void> take_messages() {
    std::size_t begin = 0;
    if (!std::exchange(begun_, begun_ || !input_.empty())) {
      recognise_others();
    }
    auto status = frame_status::complete;
    while (!ended_ && begin < input_.size()) {
      const auto rest = std::string_view{input_}.substr(begin);
      status = scanner_.scan(rest);
      if (status != frame_status::complete) {
        break;
      }
      co_await take_message(rest.substr(0, scanner_.size()));
      begin += scanner_.size();
      scanner_.reset();
    }
    if (status != frame_status::complete && status != frame_status::need_more) {
      protocol_error("an answer is " + std::string{to_string(status)});
    }
    input_.erase(0, begin);
    if (input_.size() > read_size && !core_->calls.sent()) {
      protocol_error("the server sends what it was not asked for");
    }
    if (input_.empty() && input_.capacity() > read_size) {
      std::string{}.swap(input_);
    }
  }

  asio::awaitable<void> take_message(std::string_view bytes) {
    rpc_message message;
    const auto problem = read_envelope(bytes, message);
    if (!problem.empty()) {
      protocol_error(problem);
      co_return;
    }
    if (message.is_request) {
      protocol_error("the server sent a request");
      co_return;
    }
    const auto* request = core_->calls.find(message.seq);
    if (!request) {
      protocol_error("an answer to call " + std::to_string(message.seq) + ", which was not made");
      co_return;
    }
    core_->note_answer();
    if (message.error) {
      core_->calls.finish(message.seq,
                          make_error(ec::remote, server_.text + ": " + *message.error));
      co_return;
    }
    const raw_answer raw{request->index(), message.body, wire_format::msgpack, bytes.size()};
    auto result = co_await decode_answer(core_, raw, server_);
    core_->calls.finish(message.seq, std::move(result));
  }

  void protocol_error(const std::string& problem) {
    core_->give_up = "protocol error: " + problem;
    end(core_->give_up);
  }

  std::shared_ptr<client_core> core_;
  endpoint server_;
  std::shared_ptr<net::stream> connection_;
  frame_scanner scanner_;
  std::string input_;
  std::string reason_;
  bool begun_ = false; ///< something has come
  bool ended_ = false;
  bool reading_ = true;
};

} // namespace

asio::awaitable<std::string> converse_msgpack(std::shared_ptr<client_core> core, endpoint server,
                                              std::shared_ptr<net::stream> connection) {
  const auto talking =
      std::make_shared<msgpack_link>(std::move(core), std::move(server), std::move(connection));
  co_return co_await talking->run();
}

} // namespace xprober::rpc
