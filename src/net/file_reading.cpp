#include "xprober/net/file_reading.hpp"

#include <exception>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/net/work_thread.hpp"

namespace xprober::net {

namespace {

namespace asio = boost::asio;

/// Ends with its context, before the coroutines that wait for it.
class file_thread final : public asio::execution_context::service {
public:
  using key_type = file_thread;
  inline static asio::execution_context::id id;

  explicit file_thread(asio::execution_context& owner) : service(owner) {}
  work_thread& thread() { return thread_; }

private:
  void shutdown() override { thread_.stop(); }

  work_thread thread_{"files"};
};

} // namespace

asio::awaitable<read_text> read_apart(std::function<read_text()> read) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto& files = asio::use_service<file_thread>(asio::query(executor, asio::execution::context));
  read_text text;
  try {
    text = co_await files.thread().run(std::move(read));
  } catch (const std::exception& why) {
    text.error = why.what();
  }
  co_return text;
}

} // namespace xprober::net
