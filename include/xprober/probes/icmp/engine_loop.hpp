#pragma once

#include <exception>
#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/probes/icmp/echo_receiver.hpp"
#include "xprober/probes/icmp/echo_sender.hpp"
#include "xprober/probes/icmp/engine.hpp"
#include "xprober/probes/icmp/running_probes.hpp"

namespace xprober::icmp {

/// The engine's thread: everything here happens on it.
///
/// `pump` moves packets: it receives a batch, lets each probe decide what is next, sends what they
/// queued, and so on until there is nothing more to do; then it waits for the sockets and for the
/// next probe that wants to be woken.
class engine_loop {
public:
  engine_loop(boost::asio::io_context& io, const settings& config, engine_options options);

  socket_status sockets() const { return lanes_.status(); }

  void begin(probe_request request, probe_completion done);
  /// Begins all of a round; what one of them throws is nobody else's trouble.
  void begin_all(std::vector<probe_start>& round);
  void reconfigure(const settings& config);
  /// Calls `done` once nothing is in flight.
  void drain(std::function<void()> done) { probes_.drain(std::move(done)); }
  /// Tells the counters as they are now, where somebody wants them.
  void report();
  /// Goes on after a handler of the thread ended in an exception.
  void recover(const std::exception_ptr& thrown);
  /// Ends everything, so that the io_context runs out of work, whatever goes wrong meanwhile.
  void shutdown();

private:
  void take(const settings& config);
  void widen(const std::shared_ptr<endpoint>& full);
  void request_pump();
  void pump();
  bool pump_once();
  void wait_readable(const std::shared_ptr<endpoint>& via);
  void arm_timer();
  void set_timer(monotonic_time at);
  void on_timer();
  /// Takes what arrived by `now`, and then wakes the probes whose time has come.
  void feed_in(monotonic_time now);
  void arm_housekeeping();
  void keep_house();

  boost::asio::io_context& io_;
  engine_options options_;
  tag_signer signer_;
  echo_counters counters_;
  neighbours nearby_;
  lanes lanes_;
  host_lookup names_;
  probe_table table_;
  running_probes probes_;
  echo_receiver receiver_;
  echo_sender sender_;

  boost::asio::steady_timer timer_;
  monotonic_time timer_at_{};
  boost::asio::steady_timer housekeeping_;
  bool timer_armed_ = false;
  bool housekeeping_armed_ = false;
  bool pump_requested_ = false;
  bool stopping_ = false;
};

} // namespace xprober::icmp
