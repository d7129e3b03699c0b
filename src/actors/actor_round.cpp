#include "xprober/actors/actor_round.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace xprober {

namespace {

/// So many actors run before others have their turns: about a millisecond.
constexpr std::size_t actors_of_turn = 256;

/// Parcels lie one behind the other in chunks of so many bytes: a hundred outcomes of probes.
constexpr std::size_t chunk_bytes = 24 * 1024;

struct chunk {
  std::unique_ptr<std::byte[]> bytes = std::make_unique_for_overwrite<std::byte[]>(chunk_bytes);
  std::size_t used = 0;
};

/// Of a thread that gathers, and of one that runs.
struct thread_round {
  unsigned open = 0;
  std::vector<chunk> parcels;
  bool running = false;
  std::vector<actor_round::ending> endings;
};

thread_round& of_this_thread() noexcept {
  thread_local thread_round round;
  return round;
}

void run_woken(actor_round::parcel& self, caf::execution_unit* host, std::size_t most) {
  if (host != nullptr && self.to->resume(host, most) == caf::resumable::resume_later) {
    host->exec_later(self.to);
  } else {
    self.to->intrusive_ptr_release_impl();
  }
}

/// The parcels of a round, as the scheduler has them.
class round_job final : public caf::resumable, public caf::ref_counted {
public:
  explicit round_job(std::vector<chunk> parcels) noexcept : parcels_(std::move(parcels)) {}

  ~round_job() override {
    while (deliver_next(nullptr, 0)) {
    }
  }

  subtype_t subtype() const override { return function_object; }
  void intrusive_ptr_add_ref_impl() override { ref(); }
  void intrusive_ptr_release_impl() override { deref(); }

  resume_result resume(caf::execution_unit* host, std::size_t most) override {
    auto& thread = of_this_thread();
    thread.running = true;
    bool more = true;
    for (std::size_t i = 0; more && i < actors_of_turn; ++i) {
      look_ahead();
      more = deliver_next(host, most);
    }
    thread.running = false;
    // Those that hand on may wake others, which are none of this turn.
    for (std::size_t i = 0; i < thread.endings.size(); ++i) {
      thread.endings[i](host);
    }
    thread.endings.clear();
    return more ? resume_later : done;
  }

private:
  /// Where a parcel lies.
  struct place {
    std::size_t chunk = 0;
    std::size_t offset = 0;
  };

  /// The parcel at a place, which moves behind it; null where there is none.
  actor_round::parcel* pass(place& at) noexcept {
    while (at.chunk < parcels_.size() && at.offset == parcels_[at.chunk].used) {
      at = {at.chunk + 1, 0};
    }
    if (at.chunk == parcels_.size()) {
      return nullptr;
    }
    auto& found =
        *reinterpret_cast<actor_round::parcel*>(parcels_[at.chunk].bytes.get() + at.offset);
    at.offset += found.bytes;
    return &found;
  }

  /// Has the processor fetch the actors of the next parcels, and a bit later what they will look
  /// at. They are this round's to run.
  void look_ahead() noexcept {
    for (; fetched_ < delivered_ + 6; ++fetched_) {
      if (const auto* next = pass(to_fetch_)) {
        compact_actor::prefetch_actor(*next->to);
      }
    }
    for (; readied_ < delivered_ + 3; ++readied_) {
      if (const auto* next = pass(to_ready_)) {
        next->to->prefetch_state();
      }
    }
  }

  /// False where there was none.
  bool deliver_next(caf::execution_unit* host, std::size_t most) {
    const auto before = next_.chunk;
    auto* const next = pass(next_);
    for (auto i = before; i < next_.chunk; ++i) {
      parcels_[i].bytes.reset();
    }
    if (next == nullptr) {
      return false;
    }
    ++delivered_;
    next->deliver(*next, host, most);
    return true;
  }

  std::vector<chunk> parcels_;
  place next_;
  place to_fetch_;
  place to_ready_;
  std::size_t delivered_ = 0; ///< and how many of them
  std::size_t fetched_ = 0;
  std::size_t readied_ = 0;
};

} // namespace

void actor_round::open() noexcept { ++of_this_thread().open; }

void actor_round::close() noexcept {
  auto& round = of_this_thread();
  const bool empty = round.parcels.empty() || round.parcels.front().used == 0;
  if (--round.open > 0 || empty) {
    return;
  }
  const auto& first = *reinterpret_cast<const parcel*>(round.parcels.front().bytes.get());
  auto& scheduler = first.to->home_system().scheduler();
  // Without memory for it those who are seized would never run again: then the process is to end.
  // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new)
  scheduler.enqueue(new round_job{std::exchange(round.parcels, {})});
}

void* actor_round::place(std::size_t bytes) noexcept {
  auto& round = of_this_thread();
  if (round.open == 0) {
    return nullptr;
  }
  if (round.parcels.empty() || round.parcels.back().used + bytes > chunk_bytes) {
    try {
      round.parcels.emplace_back();
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }
  auto& last = round.parcels.back();
  return last.bytes.get() + std::exchange(last.used, last.used + bytes);
}

void actor_round::give_back(std::size_t bytes) noexcept {
  if (bytes > 0) {
    of_this_thread().parcels.back().used -= bytes;
  }
}

bool actor_round::gather(compact_actor& woken) noexcept {
  constexpr auto bytes = room_of<parcel>();
  void* const room = place(bytes);
  if (room == nullptr) {
    return false;
  }
  new (room) parcel{run_woken, &woken, bytes};
  return true;
}

bool actor_round::at_end(ending hand_on) {
  auto& round = of_this_thread();
  if (round.running && std::ranges::find(round.endings, hand_on) == round.endings.end()) {
    round.endings.push_back(hand_on);
  }
  return round.running;
}

} // namespace xprober
