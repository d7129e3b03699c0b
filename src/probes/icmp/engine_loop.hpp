#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "endpoint.hpp"
#include "xprober/domain/histogram.hpp"
#include "xprober/probes/ad_hoc.hpp"
#include "xprober/probes/icmp/clock_bridge.hpp"
#include "xprober/probes/icmp/echo_probe.hpp"
#include "xprober/probes/icmp/echo_tag.hpp"
#include "xprober/probes/icmp/engine.hpp"
#include "xprober/probes/icmp/host_address.hpp"
#include "xprober/probes/icmp/message_batch.hpp"
#include "xprober/probes/icmp/packet.hpp"
#include "xprober/probes/icmp/send_pace.hpp"
#include "xprober/probes/icmp/share_table.hpp"
#include "xprober/probes/icmp/timing_wheel.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::icmp {

/// What a probe that somebody asked for tells. Such a probe has a lane to itself.
struct lane_story {
  std::shared_ptr<const ad_hoc_request> request;
  probe_story told;
  monotonic_time begun{};
  monotonic_time resolved{};
  bool sent = false; ///< its first echo has left

  void add_line(std::string text, std::vector<std::pair<std::string, std::string>> fields = {});
};

/// One configuration, the sockets that were opened for it, and the addresses that were probed with
/// it. Probes keep theirs to their end; configurations that need the same sockets share them.
struct lane {
  explicit lane(nanoseconds share_period) : shares(share_period) {}

  icmp_config config;
  probe_plan plan;
  echo_filler filler;
  std::array<std::shared_ptr<endpoint>, 2> endpoints; ///< by ip_family; null: see `problems`
  std::array<std::string, 2> problems;
  monotonic_time opened_at{}; ///< when opening was last tried
  share_table shares;
  std::unique_ptr<lane_story> story; ///< of a lane that one probe has to itself
};

/// Where a probe lives while it runs: tags carry the index of its slot.
struct probe_slot {
  /// `waiting`: for another probe of the same address.
  enum class phase : std::uint8_t { free, resolving, waiting, probing };

  std::uint32_t generation = 0; ///< goes up whenever the slot becomes free
  phase state = phase::free;
  std::uint8_t reply_ttl = 0;
  bool resolve_cached = false;
  host_address address;
  echo_probe probe;
  std::shared_ptr<lane> via;
  // What only the beginning and the end of a probe look at.
  probe_completion done;
  target_ref target;
  monotonic_time begun{};
  nanoseconds lag{0};
  nanoseconds resolve_lag{0};   ///< what its name waited for its turn
  dns::resolver::ticket lookup; ///< of its name
  wall_time started{};
  std::string trouble; ///< what an ICMP error or a send error said
  std::vector<icmp_error_report> errors;
  std::vector<probe_key> followers; ///< probes that wait for this one's outcome
};

/// The engine's thread: everything here happens on it.
///
/// Probes live in slots, indexed by the tags of their echoes. `pump` moves packets: it receives a
/// batch, lets each probe decide what is next, sends what they queued, and so on until there is
/// nothing more to do; then it waits for the sockets and for the wheel's next wake-up.
class engine_loop {
public:
  engine_loop(boost::asio::io_context& io, icmp_config config, engine_options options,
              module_configs modules);

  socket_status sockets() const;

  void begin(probe_request request, probe_completion done);
  void reconfigure(icmp_config config, nanoseconds period, module_configs modules);
  void set_dns(dns_config config);
  /// Calls `done` once nothing is in flight.
  void drain(std::function<void()> done);
  /// Tells the counters as they are now.
  void report();
  /// Ends everything, so that the io_context runs out of work.
  void shutdown();

private:
  // Probes (engine_loop.cpp)
  void begin_named(std::uint32_t index, const std::string& host);
  void resolved(std::uint32_t index, std::uint32_t generation, const resolved_host& answer);
  void launch(std::uint32_t index);
  bool is_shared(std::uint32_t index, monotonic_time now);
  void advance(std::uint32_t index, monotonic_time now);
  void wake(std::uint32_t index, monotonic_time now);
  void finish(std::uint32_t index);
  void end(std::uint32_t index, probe_error error, std::string detail,
           const icmp_summary& summary = {});
  void hand_over(std::uint32_t index, probe_outcome outcome);
  void close(std::uint32_t index, probe_outcome outcome);
  void refuse(const probe_request& request, const probe_completion& done, probe_error error,
              std::string detail);
  void count_end(const probe_outcome& outcome) noexcept;
  std::string failure_text(const probe_slot& slot, probe_error error) const;
  std::uint32_t take_slot();
  probe_slot* find(std::uint32_t slot, std::uint32_t generation) noexcept;

  // Configurations and sockets (engine_lanes.cpp)
  void make_lanes(icmp_config config, module_configs modules);
  std::shared_ptr<lane> make_lane(icmp_config config);
  std::shared_ptr<lane> lane_of(const prober_name& prober) const;
  std::shared_ptr<lane> own_lane(lane& base, const probe_request& request);
  void open_missing(lane& l);
  void drop_unused_endpoints();
  dns::resolver::ticket resolve(const std::string& host, ip_family preferred,
                                std::function<void(resolved_host)> done);

  // Packets and time (engine_io.cpp)
  void request_pump();
  void pump();
  bool receive_some(endpoint& via);
  void note_drops(endpoint& via, monotonic_time now);
  bool receive_backlog(endpoint& via);
  void receive_all(endpoint& via, monotonic_time until);
  void take_packet(endpoint& via, std::size_t index, monotonic_time now);
  bool send_some(endpoint& via);
  static bool gave_up_waiting(const probe_slot& slot, monotonic_time now) noexcept;
  void shed(std::uint32_t index);
  void stage(endpoint& via);
  void echo_sent(const queued_echo& item, monotonic_time at, bool exact);
  void send_failed(const queued_echo& item, int error);
  void block(endpoint& via, int error, std::size_t from);
  bool take_errors(endpoint& via);
  void take_error(endpoint& via, const queued_error& error);
  void note_error(probe_slot& slot, const queued_error& error, std::string_view text);
  void wait_readable(const std::shared_ptr<endpoint>& via);
  void arm_timer();
  void on_timer();
  void arm_report();

  boost::asio::io_context& io_;
  engine_options options_;
  tag_signer signer_;
  icmp_counters counters_;
  std::vector<std::function<void()>> drained_; ///< to be told when nothing is in flight

  std::shared_ptr<lane> current_; ///< of targets without a module
  std::map<std::string, std::shared_ptr<lane>, std::less<>> modules_;
  std::vector<std::shared_ptr<endpoint>> endpoints_;
  std::unique_ptr<dns::resolver> resolver_;

  std::vector<probe_slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  timing_wheel wheel_;
  clock_bridge bridge_;
  send_pace send_pace_;
  histogram receive_gap_us_; ///< since the last report: from the kernel's stamp to this thread

  send_batch outgoing_;
  std::vector<queued_echo> staged_; ///< the probes of `outgoing_`
  receive_batch incoming_;
  std::vector<float> scratch_;

  boost::asio::steady_timer timer_;
  monotonic_time timer_at_{};
  boost::asio::steady_timer report_timer_;
  bool timer_armed_ = false;
  bool report_armed_ = false;
  bool pump_requested_ = false;
  bool stopping_ = false;
};

} // namespace xprober::icmp
