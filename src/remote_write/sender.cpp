#include "xprober/remote_write/sender.hpp"

#include <algorithm>
#include <exception>
#include <random>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <snappy.h>

#include "receiver.hpp"
#include "xprober/base/log.hpp"
#include "xprober/bridge/ask.hpp"
#include "xprober/bridge/restart.hpp"
#include "xprober/net/sender_set.hpp"

namespace xprober::remote_write {

namespace {

using namespace std::chrono_literals;

/// A page is asked for anew after this time: a queue can be empty for long.
constexpr std::chrono::seconds page_timeout{30};
constexpr std::chrono::seconds journal_timeout{30};
constexpr std::chrono::seconds labels_timeout{30};
constexpr std::chrono::seconds journal_pause{1};
constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds longest_pause{5000};

remote_write_options encoding(const remote_write_config& config) {
  return {config.labels, config.conventional_names, config.max_samples_per_send};
}

} // namespace

std::string queue_name(const remote_write_config& receiver) {
  return receiver.name.empty() ? public_url(receiver.url) : receiver.name;
}

remote_receiver::remote_receiver(asio::io_context& io, remote_write_config config,
                                 caf::actor gateway, journal_actor journal, target_pool_actor pool,
                                 stats_actor stats, history_actor history)
    : io_(io), config_(std::move(config)), name_(queue_name(config_)), gateway_(std::move(gateway)),
      journal_(std::move(journal)), pool_(std::move(pool)), stats_(std::move(stats)),
      history_(std::move(history)), connection_(io, config_), encoder_(encoding(config_)),
      pause_(first_pause, longest_pause, 2.0, std::random_device{}()), timer_(io) {
  counts_.url = public_url(config_.url);
}

void remote_receiver::start() {
  start_histograms();
  report();
  asio::co_spawn(io_, live(), [self = shared_from_this()](const std::exception_ptr& thrown) {
    if (thrown) { // not even the pause could be waited for
      log::error("remote_write", "the sender has ended", {{"receiver", self->name_}});
    }
  });
}

void remote_receiver::start_histograms() {
  if (!config_.native_histograms || !history_) {
    return;
  }
  const auto tell = [weak = weak_from_this()](const histogram_sender::counts& counts) {
    if (const auto self = weak.lock()) {
      self->note_histograms(counts);
    }
  };
  histograms_ = std::make_shared<histogram_sender>(io_, config_, name_, gateway_, history_, tell);
  histograms_->start();
}

void remote_receiver::note_histograms(const histogram_sender::counts& counts) {
  if (!stopping_) {
    counts_.histograms = counts.sent;
    counts_.histograms_failed = counts.failed;
    counts_.histograms_error = counts.error;
    report();
  }
}

void remote_receiver::stop() {
  stopping_ = true;
  if (histograms_) {
    histograms_->stop();
  }
  timer_.cancel();
  connection_.close();
}

asio::awaitable<void> remote_receiver::wait(std::chrono::milliseconds time) {
  if (!stopping_) {
    timer_.expires_after(time);
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

asio::awaitable<bool> remote_receiver::begin() {
  while (!stopping_) {
    const reader_begin question{name_};
    const auto start =
        co_await bridge::ask<reader_start>(gateway_, journal_, journal_timeout, question);
    if (start) {
      place_ = start->place;
      co_return true;
    }
    co_await wait(journal_pause);
  }
  co_return false;
}

/// Waits for the first answer; later the labels stay as they were without one.
asio::awaitable<void> remote_receiver::learn_labels() {
  while (!stopping_) {
    const auto labels =
        co_await bridge::ask<target_labels_ptr>(gateway_, pool_, labels_timeout, get_labels_atom_v);
    if (labels) {
      encoder_.set_labels(*labels);
      labels_known_ = true;
    }
    if (labels_known_) {
      co_return;
    }
    co_await wait(journal_pause);
  }
}

asio::awaitable<void> remote_receiver::live() {
  const auto self = shared_from_this();
  const auto work = [this] { return run(); };
  const auto failed = [this](const std::string& what) { return recover(what); };
  co_await bridge::run_again(work, failed);
}

/// Waits before the next attempt, which begins as after a start of the program: what the encoder
/// had taken in and not sent would count as sent otherwise.
asio::awaitable<bool> remote_receiver::recover(std::string what) {
  if (!stopping_) {
    const auto time = pause_.next();
    log::error("remote_write", "the sender failed; it begins again after a pause",
               {{"receiver", name_}, {"error", what}, {"pause_ms", time.count()}});
    counts_.last_error = what;
    report();
    co_await wait(time);
    encoder_ = remote_write_encoder{encoding(config_)};
    labels_known_ = false;
  }
  co_return !stopping_;
}

asio::awaitable<void> remote_receiver::run() {
  const bool begun = co_await begin();
  while (begun && !stopping_) {
    const read_request next{name_, place_.done};
    const auto page = co_await bridge::ask<journal_page>(gateway_, journal_, page_timeout, next);
    if (!page) {
      if (page.error() == caf::sec::invalid_argument) { // there is another journal
        const bool again = co_await begin();
        if (!again) {
          co_return;
        }
      } else if (!bridge::is(page.error(), bridge::ec::timeout)) {
        co_await wait(journal_pause);
      }
      continue;
    }
    co_await learn_labels();
    for (const auto& record : page->records) {
      if (!stopping_) {
        co_await deliver(record);
      }
    }
    if (!stopping_) {
      co_await send(place_);
    }
  }
}

asio::awaitable<void> remote_receiver::deliver(const journal_record& record) {
  const auto problem =
      encoder_.load(record.kind, *record.bytes, record.received_unix_ms, place_.rows);
  if (!problem.empty()) {
    log::error("remote_write", "a record cannot be read and is left out",
               {{"receiver", name_}, {"error", problem}});
  }
  auto before = encoder_.values() + encoder_.late();
  bool whole = !problem.empty() || encoder_.fill();
  while (!whole && !stopping_) {
    place_.rows = encoder_.rows_done();
    place_.values += encoder_.values() + encoder_.late() - before;
    before = 0;
    co_await send(place_);
    whole = encoder_.fill();
  }
  if (whole) {
    place_ = {record.id, 0, 0};
  }
}

/// Sends what the encoder has, and moves the position to `place`.
asio::awaitable<void> remote_receiver::send(reader_place place) {
  reader_progress progress{name_, place, 0, 0, encoder_.late(), ++progress_number_};
  const auto values = encoder_.values();
  const bool any = encoder_.samples() > 0;
  encoder_.take(request_);
  bool sent = true;
  if (any) {
    snappy::Compress(request_.data(), request_.size(), &compressed_);
    sent = co_await transmit(compressed_);
  }
  if (stopping_) {
    co_return;
  }
  (sent ? progress.sent : progress.failed) = values;
  co_await move_on(std::move(progress));
}

/// True when the request was taken, false when it was refused for good, or at the end.
asio::awaitable<bool> remote_receiver::transmit(const std::string& body) {
  while (!stopping_) {
    const auto answer = co_await connection_.post(body);
    switch (fate_of(answer, stopping_)) {
    case request_fate::taken: taken(body.size()); co_return true;
    case request_fate::refused: refused(answer.text); co_return false;
    case request_fate::given_up: co_return false;
    case request_fate::repeated: break;
    }
    failing(answer.text);
    auto time = pause_.next();
    if (answer.retry_after) {
      time = std::max<std::chrono::milliseconds>(time, *answer.retry_after);
    }
    co_await wait(time);
  }
  co_return false;
}

void remote_receiver::taken(std::size_t bytes) {
  pause_.reset();
  ++counts_.requests;
  counts_.bytes += bytes;
  counts_.last_ok_unix = to_unix_seconds(wall_clock::now());
  counts_.last_error.clear();
  if (std::exchange(failing_, false)) {
    log::info("remote_write", "the receiver takes requests again", {{"receiver", name_}});
  }
  report();
}

void remote_receiver::refused(const std::string& why) {
  counts_.last_error = why;
  log::error("remote_write", "a request was refused for good",
             {{"receiver", name_}, {"answer", why}, {"so_far", ++refusals_}});
  report();
}

void remote_receiver::failing(const std::string& why) {
  ++counts_.retries;
  counts_.last_error = why;
  if (!std::exchange(failing_, true)) {
    log::warn("remote_write", "a request was not taken; it is repeated until it is",
              {{"receiver", name_}, {"error", why}});
  }
  report();
}

/// The position is on disk before the next request goes out: after a kill at most one is repeated.
/// Where there is another journal by now, it means nothing any more.
asio::awaitable<void> remote_receiver::move_on(reader_progress progress) {
  while (!stopping_) {
    const auto done =
        co_await bridge::ask<done_atom>(gateway_, journal_, journal_timeout, progress);
    if (done || done.error() == caf::sec::invalid_argument) {
      co_return;
    }
    co_await wait(journal_pause);
  }
}

void remote_receiver::report() { caf::anon_send(stats_, receiver_report{name_, false, counts_}); }

// -- all receivers --------------------------------------------------------------------------------

struct engine::impl {
  impl(caf::actor g, journal_actor j, target_pool_actor p, stats_actor s, history_actor h)
      : gateway(std::move(g)), journal(std::move(j)), pool(std::move(p)), stats(std::move(s)),
        history(std::move(h)) {}

  std::shared_ptr<remote_receiver> make(asio::io_context& io,
                                        const remote_write_config& config) const {
    return std::make_shared<remote_receiver>(io, config, gateway, journal, pool, stats, history);
  }

  caf::actor gateway;
  journal_actor journal;
  target_pool_actor pool;
  stats_actor stats;
  history_actor history;
  net::sender_set<remote_receiver, remote_write_config> receivers{
      "remote_write",
      [this](asio::io_context& io, const remote_write_config& c) { return make(io, c); },
      [this](const remote_write_config& c) {
        caf::anon_send(stats, receiver_report{queue_name(c), true, {}});
      }};
};

engine::engine(caf::actor gateway, journal_actor journal, target_pool_actor pool, stats_actor stats,
               history_actor history)
    : impl_(std::make_unique<impl>(std::move(gateway), std::move(journal), std::move(pool),
                                   std::move(stats), std::move(history))) {}

engine::~engine() { stop(); }

std::string engine::check(const std::vector<remote_write_config>& receivers) {
  return net::check_receivers<remote_connection>(receivers);
}

void engine::set(std::vector<remote_write_config> receivers) {
  impl_->receivers.set(std::move(receivers));
}

void engine::stop() {
  impl_->receivers.stop();
  impl_->gateway = nullptr;
  impl_->journal = nullptr;
  impl_->pool = nullptr;
  impl_->history = nullptr;
}

} // namespace xprober::remote_write
