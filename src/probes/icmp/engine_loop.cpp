#include "xprober/probes/icmp/engine_loop.hpp"

#include <utility>

#include <boost/asio/post.hpp>

#include "xprober/base/log.hpp"
#include "xprober/base/prefetch.hpp"
#include "xprober/domain/kind_table.hpp"

namespace xprober::icmp {

namespace {

/// Rounds of receiving and sending before other handlers of the thread get their turn: about 6 ms.
constexpr int rounds_per_turn = 16;
constexpr milliseconds pause_after_exception{10};

/// Around what may complete many probes.
class framed {
public:
  explicit framed(const completion_frame& frame) noexcept : end_(frame.end) {
    if (frame.begin != nullptr) {
      frame.begin();
    }
  }
  ~framed() {
    if (end_ != nullptr) {
      end_();
    }
  }
  framed(const framed&) = delete;
  framed& operator=(const framed&) = delete;

private:
  void (*end_)() noexcept;
};

} // namespace

engine_loop::engine_loop(boost::asio::io_context& io, const settings& config,
                         engine_options options)
    : io_(io), options_(std::move(options)),
      lanes_(io, {options_.receive_buffer, options_.send_buffer, options_.waiting_buffer}),
      names_(io, options_.resolve), probes_({io, table_, lanes_, names_, counters_, nearby_,
                                             [this] { request_pump(); }, options_.max_in_flight}),
      receiver_({table_, signer_, counters_, probes_}),
      sender_({table_, signer_, counters_, probes_, nearby_,
               [this](endpoint& via) { receiver_.take_errors(via); },
               [this](const std::shared_ptr<endpoint>& full) { widen(full); },
               [this] { request_pump(); }}),
      timer_(io), housekeeping_(io) {
  take(config);
  request_pump();
  arm_housekeeping();
}

void engine_loop::take(const settings& config) {
  names_.take(config.resolver);
  lanes_.take(config);
  probes_.limit(config.limits);
  receiver_.reserve(lanes_.largest_echo());
}

void engine_loop::begin(probe_request request, probe_completion done) {
  probes_.begin(std::move(request), std::move(done));
}

void engine_loop::begin_all(std::vector<probe_start>& round) {
  const framed together{options_.frame};
  constexpr std::size_t ahead = 4;
  for (std::size_t i = 0; i < round.size(); ++i) {
    if (i + ahead < round.size()) {
      prefetch(round[i + ahead].request.target.get());
    }
    try {
      begin(std::move(round[i].request), std::exchange(round[i].done, nullptr));
    } catch (...) {
      recover(std::current_exception());
    }
  }
}

void engine_loop::reconfigure(const settings& config) {
  if (stopping_) {
    return;
  }
  take(config);
  if (const socket_status status = sockets(); !status.available) {
    log::warn("icmp", "no socket for the new configuration", {{"problem", status.problem}});
  }
  request_pump();
}

void engine_loop::widen(const std::shared_ptr<endpoint>& full) {
  // Not at once: the endpoints are being gone through.
  boost::asio::post(io_, [this, full] {
    if (!stopping_ && lanes_.widen(*full)) {
      request_pump();
    }
  });
}

void engine_loop::request_pump() {
  if (!pump_requested_) {
    boost::asio::post(io_, [this] { pump(); });
    pump_requested_ = true;
  }
}

// One round over all sockets; false if there was nothing to do.
bool engine_loop::pump_once() {
  const framed together{options_.frame};
  bool busy = false;
  for (const auto& via : lanes_.endpoints()) {
    // One that nothing is sent through says by itself when something has come.
    if (via->reading && via->queue.empty()) {
      continue;
    }
    // Nothing is sent before what has arrived is taken: our own echoes' replies cannot pile up.
    busy = receiver_.receive_backlog(*via) || busy;
    busy = sender_.send_some(via) || busy;
  }
  return busy;
}

void engine_loop::pump() {
  if (stopping_) {
    return;
  }
  // Stays set while pumping, so that probes which queue an echo do not ask for another turn.
  pump_requested_ = true;
  for (const auto& via : lanes_.endpoints()) {
    if (!via->queue.empty()) {
      via->unwatch();
    }
  }
  bool busy = true;
  for (int round = 0; busy && round < rounds_per_turn; ++round) {
    busy = pump_once();
  }
  pump_requested_ = false;
  if (busy) {
    request_pump();
  } else {
    lanes_.drop_unused();
    for (const auto& via : lanes_.endpoints()) {
      wait_readable(via);
    }
  }
  arm_timer();
  arm_housekeeping();
}

void engine_loop::wait_readable(const std::shared_ptr<endpoint>& via) {
  if (via->reading) {
    return;
  }
  via->watch();
  via->descriptor.async_wait(
      boost::asio::posix::descriptor_base::wait_read,
      [this, held = std::weak_ptr<endpoint>(via)](const boost::system::error_code& canceled) {
        const auto e = held.lock();
        if (!e || canceled) {
          return;
        }
        e->reading = false;
        receiver_.take_errors(*e);
        pump();
      });
  via->reading = true;
}

void engine_loop::arm_timer() {
  const auto next = probes_.next_wake();
  if (!next || (timer_armed_ && timer_at_ <= *next)) {
    return;
  }
  set_timer(*next);
}

void engine_loop::set_timer(monotonic_time at) {
  timer_armed_ = true;
  timer_at_ = at;
  timer_.expires_at(at);
  timer_.async_wait([this](const boost::system::error_code& canceled) {
    if (!canceled) {
      timer_armed_ = false;
      on_timer();
    }
  });
}

void engine_loop::on_timer() {
  if (stopping_) {
    return;
  }
  // What arrived by now is fed in before anything is called lost, however late this thread runs.
  const monotonic_time now = monotonic_clock::now();
  pump_requested_ = true;
  feed_in(now);
  pump();
}

void engine_loop::feed_in(monotonic_time now) {
  const framed together{options_.frame};
  for (const auto& via : lanes_.endpoints()) {
    if (via->only_sends() && nearby_.waiting(via->socket.family()) == 0) {
      continue;
    }
    receiver_.take_errors(*via);
    receiver_.note_drops(*via, now);
    receiver_.receive_all(*via, now);
  }
  probes_.wake_due(now);
}

void engine_loop::arm_housekeeping() {
  if (housekeeping_armed_) {
    return;
  }
  housekeeping_.expires_after(options_.report_interval);
  housekeeping_.async_wait([this](const boost::system::error_code& canceled) {
    if (!canceled) {
      housekeeping_armed_ = false;
      keep_house();
    }
  });
  housekeeping_armed_ = true;
}

// What is to be done about once a second as long as packets are moved.
void engine_loop::keep_house() {
  const auto now = monotonic_clock::now();
  nearby_.look(now);
  lanes_.close_idle(now);
  report();
}

void engine_loop::report() {
  if (!options_.report) {
    return;
  }
  engine_report all;
  all.kind = kinds::icmp().name;
  all.probes = probes_.counters();
  all.probes.in_flight = table_.taken();
  all.counters = counters_.described();
  all.dns = names_.counters();
  all.receive_gap_us = receiver_.take_receive_gaps();
  options_.report(all);
}

// Whatever it was in the middle of is begun again a little later: what fails for ever must not take
// the whole processor.
void engine_loop::recover(const std::exception_ptr& thrown) {
  probes_.note_exception("the engine", thrown);
  pump_requested_ = false;
  if (!stopping_) {
    set_timer(monotonic_clock::now() + pause_after_exception);
    arm_housekeeping();
  }
}

void engine_loop::shutdown() {
  stopping_ = true;
  const auto surely = [this](auto step) {
    try {
      step();
    } catch (...) { // the others are done all the same
      probes_.note_exception("the engine's end", std::current_exception());
    }
  };
  surely([this] { probes_.end_all(); });
  surely([this] { names_.stop(); });
  surely([this] { timer_.cancel(); });
  surely([this] { housekeeping_.cancel(); });
  surely([this] { lanes_.clear(); });
  surely([this] { report(); });
}

} // namespace xprober::icmp
