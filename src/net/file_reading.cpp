#include "xprober/net/file_reading.hpp"

#include <exception>
#include <memory>
#include <utility>
#include <vector>

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

  /// Whether too many that nobody waits for any more are still there.
  bool is_stuck() {
    std::erase_if(given_up_, [](const auto& one) { return one.expired(); });
    return given_up_.size() >= most_given_up;
  }
  void give_up(std::weak_ptr<void> one) { given_up_.push_back(std::move(one)); }

private:
  void shutdown() override { thread_.stop(); }

  std::vector<std::weak_ptr<void>> given_up_; ///< each lives as long as its reading
  work_thread thread_{"files"};
};

constexpr const char* no_answer = "the file was not read in time: its file system does not answer";

} // namespace

asio::awaitable<read_text> read_apart(std::function<read_text()> read, monotonic_time until) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto& files = asio::use_service<file_thread>(asio::query(executor, asio::execution::context));
  read_text text;
  if (files.is_stuck()) {
    text.error = no_answer;
    co_return text;
  }
  auto reading = std::make_shared<std::function<read_text()>>(std::move(read));
  const std::weak_ptr<void> under_way = reading;
  auto work = [reading = std::move(reading)] { return (*reading)(); };
  try {
    auto came = co_await files.thread().run_until(std::move(work), until);
    if (came) {
      text = std::move(*came);
    } else {
      text.error = no_answer;
      files.give_up(under_way);
    }
  } catch (const std::exception& why) {
    text.error = why.what();
  }
  co_return text;
}

} // namespace xprober::net
