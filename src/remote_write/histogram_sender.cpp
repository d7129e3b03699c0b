#include "histogram_sender.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <snappy.h>

#include "xprober/base/log.hpp"
#include "xprober/bridge/ask.hpp"
#include "xprober/bridge/restart.hpp"

namespace xprober::remote_write {

namespace {

constexpr std::chrono::seconds histograms_timeout{30};
constexpr std::chrono::seconds pause_without_any{1};
/// A receiver that takes none, as one of an older version may, is asked so seldom in the end.
constexpr std::chrono::minutes longest_histogram_pause{5};

} // namespace

histogram_sender::histogram_sender(asio::io_context& io, const remote_write_config& config,
                                   std::string name, caf::actor gateway, history_actor history,
                                   listener tell)
    : io_(io), name_(std::move(name)), gateway_(std::move(gateway)), history_(std::move(history)),
      tell_(std::move(tell)), connection_(io, config),
      encoder_(config.labels, config.max_samples_per_send, to_unix_ms(wall_clock::now())),
      timer_(io), pause_(histogram_interval) {}

void histogram_sender::start() {
  asio::co_spawn(io_, live(), [self = shared_from_this()](const std::exception_ptr& thrown) {
    if (thrown) { // not even the pause could be waited for
      log::error("remote_write", "the sender of histograms has ended", {{"receiver", self->name_}});
    }
  });
}

void histogram_sender::stop() {
  stopping_ = true;
  timer_.cancel();
  connection_.close();
}

asio::awaitable<void> histogram_sender::wait(std::chrono::milliseconds time) {
  if (!stopping_) {
    timer_.expires_after(time);
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

asio::awaitable<void> histogram_sender::live() {
  const auto self = shared_from_this();
  const auto work = [this] { return run(); };
  const auto failed = [this](const std::string& what) { return recover(what); };
  co_await bridge::run_again(work, failed);
}

asio::awaitable<bool> histogram_sender::recover(std::string what) {
  if (!stopping_) {
    log::error("remote_write", "sending histograms failed; it goes on after a pause",
               {{"receiver", name_}, {"error", what}});
    encoder_.end_round(false);
    co_await wait(pause_);
  }
  co_return !stopping_;
}

asio::awaitable<void> histogram_sender::run() {
  while (!stopping_) {
    co_await send_round();
    co_await wait(any_ ? pause_ : pause_without_any);
  }
}

/// Where the history does not answer in time the next round has what this one would have had.
asio::awaitable<void> histogram_sender::send_round() {
  const auto all = co_await bridge::query<histogram_list>(gateway_, history_, histograms_timeout,
                                                          histograms_atom_v);
  if (stopping_ || !all) {
    co_return;
  }
  any_ = any_ || !(*all)->empty();
  const auto requests = encoder_.begin_round(**all, to_unix_ms(wall_clock::now()));
  for (const auto& request : requests) {
    const bool taken = co_await transmit(request);
    if (stopping_) {
      co_return;
    }
    if (!taken) { // the others would mostly fare alike
      encoder_.end_round(false);
      co_return;
    }
  }
  encoder_.end_round(true);
  if (!requests.empty()) {
    all_taken();
  }
}

asio::awaitable<bool> histogram_sender::transmit(const histogram_encoder::request& request) {
  snappy::Compress(request.bytes.data(), request.bytes.size(), &compressed_);
  const auto answer = co_await connection_.post(compressed_);
  const auto fate = fate_of(answer, stopping_);
  if (fate == request_fate::taken) {
    counts_.sent += request.series;
    tell_(counts_);
  } else if (fate != request_fate::given_up) {
    refused(answer, request.series);
  }
  co_return fate == request_fate::taken;
}

void histogram_sender::refused(const write_answer& answer, std::uint64_t series) {
  counts_.failed += series;
  counts_.error = answer.text;
  pause_ = std::min<std::chrono::milliseconds>(pause_ * 2, longest_histogram_pause);
  if (answer.retry_after) {
    pause_ = std::max<std::chrono::milliseconds>(pause_, *answer.retry_after);
  }
  if (!std::exchange(failing_, true)) {
    log::warn("remote_write", "native histograms were not taken; samples are not concerned",
              {{"receiver", name_}, {"error", answer.text}});
  }
  tell_(counts_);
}

void histogram_sender::all_taken() {
  pause_ = histogram_interval;
  counts_.error.clear();
  if (std::exchange(failing_, false)) {
    log::info("remote_write", "the receiver takes native histograms again", {{"receiver", name_}});
  }
  tell_(counts_);
}

} // namespace xprober::remote_write
