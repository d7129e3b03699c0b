#include "xprober/actors/compact_actor.hpp"

#include <caf/detail/sync_request_bouncer.hpp>

#include "xprober/actors/actor_round.hpp"
#include "xprober/base/prefetch.hpp"

namespace xprober {

void compact_actor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) {
  const auto id = what->mid;
  const auto sender = id.is_request() ? what->sender : caf::strong_actor_ptr{};
  switch (inbox_.push_front(std::move(what))) {
  case caf::intrusive::inbox_result::unblocked_reader:
    // The scheduler holds a reference while the actor is in its queue or runs.
    caf::intrusive_ptr_add_ref(ctrl());
    if (actor_round::gather(*this)) {
      break;
    }
    if (host != nullptr) {
      host->exec_later(this);
    } else {
      home_system().scheduler().enqueue(this);
    }
    break;
  case caf::intrusive::inbox_result::queue_closed:
    if (id.is_request()) {
      const auto down = caf::make_error(caf::sec::request_receiver_down);
      caf::detail::sync_request_bouncer{down}(sender, id);
    }
    break;
  case caf::intrusive::inbox_result::success: break;
  }
}

void compact_actor::launch(caf::execution_unit*, bool, bool hide) {
  if (!hide) {
    register_at_system();
  }
  // Nothing to do until the first message comes: that schedules it.
  inbox_.try_block();
}

bool compact_actor::cleanup(caf::error&& reason, caf::execution_unit* host) {
  if (getf(is_cleaned_up_flag)) {
    return false;
  }
  const caf::detail::sync_request_bouncer bounce{reason};
  while (const auto element = pop()) {
    bounce(*element);
  }
  auto drop = [&](caf::mailbox_element* element) {
    const caf::mailbox_element_ptr owned{element};
    bounce(*owned);
  };
  inbox_.close(drop);
  // Others may hold the actor for long; what it held goes now.
  on_exit();
  return caf::local_actor::cleanup(std::move(reason), host);
}

caf::mailbox_element* compact_actor::peek_at_next_mailbox_element() {
  // A blocked inbox has nothing, and must not be asked.
  if (oldest_ == nullptr && !inbox_.closed() && !inbox_.blocked()) {
    fetch();
  }
  return oldest_;
}

void compact_actor::prefetch_actor(const caf::abstract_actor& actor) noexcept {
  // The framework's control block, with the number of references, lies before the actor.
  prefetch(reinterpret_cast<const char*>(&actor) - CAF_CACHE_LINE_SIZE,
           CAF_CACHE_LINE_SIZE + most_prefetched);
}

compact_actor::resume_result compact_actor::resume(caf::execution_unit* host, std::size_t most) {
  context(host);
  for (std::size_t handled = 0; handled < most;) {
    if (const auto element = next()) {
      dispatch(*element);
      ++handled;
      if (getf(is_cleaned_up_flag)) {
        return done;
      }
    } else if (inbox_.try_block()) {
      return awaiting_message;
    }
  }
  return resume_later;
}

std::size_t compact_actor::mailbox_depth() noexcept {
  fetch();
  return fetched_;
}

void compact_actor::fetch() noexcept {
  auto* latest = inbox_.take_head();
  if (latest == nullptr) {
    return;
  }
  caf::mailbox_element* first = nullptr;
  for (auto* element = latest; element != nullptr; ++fetched_) {
    auto* const older = static_cast<caf::mailbox_element*>(element->next);
    element->next = first;
    first = element;
    element = older;
  }
  if (oldest_ == nullptr) {
    oldest_ = first;
  } else {
    newest_->next = first;
  }
  newest_ = latest;
}

caf::mailbox_element_ptr compact_actor::pop() noexcept {
  caf::mailbox_element_ptr element{oldest_};
  if (element) {
    oldest_ = static_cast<caf::mailbox_element*>(element->next);
    --fetched_;
  }
  return element;
}

caf::mailbox_element_ptr compact_actor::next() noexcept {
  if (oldest_ == nullptr) {
    fetch();
  }
  return pop();
}

void compact_actor::refuse(caf::error reason) {
  if (current_message_id().is_request()) {
    make_response_promise().deliver(std::move(reason));
  }
}

void compact_actor::dispatch(caf::mailbox_element& element) {
  current_mailbox_element(&element);
  try {
    if (!handle_system_message(element, context(), false) && !handle(element)) {
      refuse(caf::make_error(caf::sec::unexpected_message));
    }
  } catch (...) {
    auto reason = handle_exception(std::current_exception());
    refuse(reason);
    cleanup(std::move(reason), context());
  }
  current_mailbox_element(nullptr);
}

void compact_actor::run_on(caf::execution_unit* host, std::size_t most) {
  caf::intrusive_ptr_add_ref(ctrl()); // the scheduler's, where there is more than one turn allows
  if (resume(host, most) == resume_later) {
    host->exec_later(this);
  } else {
    caf::intrusive_ptr_release(ctrl());
  }
}

} // namespace xprober
