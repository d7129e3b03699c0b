#pragma once

#include <cstddef>
#include <exception>

#include <caf/all.hpp>
#include <caf/intrusive/lifo_inbox.hpp>

namespace xprober {

/// A scheduled actor with a mailbox and nothing else: no behaviour stack, no timers, no requests
/// of its own, no streams. For actors of which there are a million: a target has 432 bytes with all
/// its state, an event-based actor of the framework 1,136 with none (benchmark `actor_memory`).
///
/// Whoever sends to it, monitors it or kills it sees no difference. Messages are handled in the
/// order they came, urgent or not.
class compact_actor : public caf::local_actor, public caf::resumable {
public:
  explicit compact_actor(caf::actor_config& config) : caf::local_actor(config) {}

  using caf::local_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) final;
  void launch(caf::execution_unit* host, bool lazy, bool hide) final;
  bool cleanup(caf::error&& reason, caf::execution_unit* host) final;
  caf::mailbox_element* peek_at_next_mailbox_element() final;

  resume_result resume(caf::execution_unit* host, std::size_t most) final;
  void intrusive_ptr_add_ref_impl() final { caf::intrusive_ptr_add_ref(ctrl()); }
  void intrusive_ptr_release_impl() final { caf::intrusive_ptr_release(ctrl()); }

  /// Makes the caller the one who runs the actor: `run_seized` is to follow, on whatever thread.
  /// False where messages wait already, somebody runs it, or it has ended. Until then it handles
  /// nothing, cannot end, and so keeps its system alive.
  bool seize() noexcept { return inbox_.try_unblock(); }

  /// What `seize` writes to.
  const void* seize_place() const noexcept { return &inbox_; }

  /// Does `work` in the place of a message's handler, and then handles what has come meanwhile.
  template <class Work>
  void run_seized(caf::execution_unit* host, std::size_t most, const Work& work) {
    context(host);
    try {
      work();
    } catch (...) {
      cleanup(handle_exception(std::current_exception()), host);
    }
    // The work may have fetched what came.
    if (!getf(is_cleaned_up_flag) && (oldest_ != nullptr || !inbox_.try_block())) {
      run_on(host, most);
    }
  }

  /// Has the processor fetch what an actor is itself, up to so many bytes. It may be any.
  static constexpr std::size_t most_prefetched = 384;
  static void prefetch_actor(const caf::abstract_actor& actor) noexcept;
  /// The same of what a handler looks at beside: once the actor is there, and by who has seized it.
  virtual void prefetch_state() const noexcept {}

  /// Messages that wait, without the one being handled. Only for the actor's own handlers.
  std::size_t mailbox_depth() noexcept;

protected:
  /// Handles a message; false if there is no handler for it, which answers a request with
  /// `sec::unexpected_message`. Requests are answered with `response(...)`.
  virtual bool handle(caf::message_view& message) = 0;

  /// Called when the actor ends, by whatever cause: lets go of what it holds. May be called twice.
  void on_exit() override = 0;

  /// What a handler threw becomes the reason with which the actor ends.
  virtual caf::error handle_exception(const std::exception_ptr& thrown) = 0;

private:
  struct mailbox_policy {
    using mapped_type = caf::mailbox_element;
    using unique_pointer = caf::mailbox_element_ptr;
  };

  /// Moves what came meanwhile behind what waits already, in the order it came.
  void fetch() noexcept;
  caf::mailbox_element_ptr next() noexcept;
  caf::mailbox_element_ptr pop() noexcept;
  void dispatch(caf::mailbox_element& element);
  void run_on(caf::execution_unit* host, std::size_t most);
  void refuse(caf::error reason);

  /// What others send: the latest first.
  caf::intrusive::lifo_inbox<mailbox_policy> inbox_;
  /// What the actor has fetched: the oldest first, linked through `next`.
  caf::mailbox_element* oldest_ = nullptr;
  caf::mailbox_element* newest_ = nullptr;
  std::size_t fetched_ = 0;
};

} // namespace xprober
