#include "xprober/actors/server/store_shards.hpp"

#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/store/snapshot.hpp"
#include "xprober/store/state_tally.hpp"
#include "xprober/store/target_page.hpp"

namespace xprober {

namespace {

/// As long as the journal waits for the store.
constexpr std::chrono::seconds shard_timeout{60};

/// Collects the answers of all parts; the last one delivers.
template <class Whole, class Add>
struct gathering {
  caf::typed_response_promise<Whole> promise;
  Whole whole;
  Add add;
  std::size_t left = 0;
  caf::error error;

  template <class Answer>
  void take(const Answer& answer) {
    add(whole, answer);
    one_less();
  }
  void fail(const caf::error& why) {
    error = why;
    one_less();
  }
  void one_less() {
    if (--left > 0) {
      return;
    }
    if (error) {
      promise.deliver(std::move(error));
    } else {
      promise.deliver(std::move(whole));
    }
  }
};

} // namespace

template <class Message>
caf::result<push_response> store_shards_state::push(const Message& message) {
  constexpr auto add = [](push_response& whole, const push_response& part) {
    whole.success_num += part.success_num;
  };
  using gathered = gathering<push_response, decltype(add)>;
  auto all = std::make_shared<gathered>(
      gathered{self->make_response_promise<push_response>(), {}, add, shards.size(), {}});
  for (const auto& shard : shards) {
    self->request(shard, shard_timeout, message)
        .then([all](const push_response& part) { all->take(part); },
              [all](const caf::error& why) { all->fail(why); });
  }
  return all->promise;
}

caf::result<store_view> store_shards_state::view(const store_query& query) {
  const auto add = [page = query.page](store_view& whole, const store_view& part) {
    if (!whole) {
      whole = part;
      return;
    }
    auto sum = std::make_shared<store_snapshot>(*whole);
    if (page && page->tally) {
      merge_tally(*sum, *part);
    } else if (page) {
      merge_target_page(*sum, *part, *page);
    } else {
      merge_snapshot(*sum, *part);
    }
    whole = std::move(sum);
  };
  using gathered = gathering<store_view, decltype(add)>;
  auto all = std::make_shared<gathered>(
      gathered{self->make_response_promise<store_view>(), {}, add, shards.size(), {}});
  for (const auto& shard : shards) {
    self->request(shard, shard_timeout, query)
        .then([all](const store_view& part) { all->take(part); },
              [all](const caf::error& why) { all->fail(why); });
  }
  return all->promise;
}

caf::result<certificate_list> store_shards_state::certificates(const certificate_request& wanted) {
  constexpr auto add = [](certificate_list& whole, const certificate_list& part) {
    if (!whole) {
      whole = part;
      return;
    }
    auto sum = std::make_shared<std::vector<seen_certificate>>(*whole);
    sum->insert(sum->end(), part->begin(), part->end());
    whole = std::move(sum);
  };
  using gathered = gathering<certificate_list, decltype(add)>;
  auto all = std::make_shared<gathered>(
      gathered{self->make_response_promise<certificate_list>(), {}, add, shards.size(), {}});
  for (const auto& shard : shards) {
    self->request(shard, shard_timeout, wanted)
        .then([all](const certificate_list& part) { all->take(part); },
              [all](const caf::error& why) { all->fail(why); });
  }
  return all->promise;
}

/// Answers when all parts have told stats.
caf::result<done_atom> store_shards_state::tell() {
  constexpr auto add = [](done_atom&, done_atom) {};
  using gathered = gathering<done_atom, decltype(add)>;
  auto all = std::make_shared<gathered>(
      gathered{self->make_response_promise<done_atom>(), {}, add, shards.size(), {}});
  for (const auto& shard : shards) {
    self->request(shard, shard_timeout, report_atom_v)
        .then([all](done_atom part) { all->take(part); },
              [all](const caf::error& why) { all->fail(why); });
  }
  return all->promise;
}

/// One part after the other.
caf::result<kept_page> store_shards_state::kept(const kept_states_request& from) {
  if (from.part >= shards.size()) {
    return kept_page{};
  }
  auto promise = self->make_response_promise<kept_page>();
  self->request(shards[from.part], shard_timeout, from)
      .then(
          [promise, part = from.part, parts = shards.size()](kept_page page) mutable {
            if (page.next) {
              page.next->part = part;
            } else if (part + 1 < parts) {
              page.next = kept_states_request{part + 1, 0};
            }
            promise.deliver(std::move(page));
          },
          [promise](caf::error& why) mutable { promise.deliver(std::move(why)); });
  return promise;
}

store_actor::behavior_type store_shards(store_actor::stateful_pointer<store_shards_state> self,
                                        std::vector<store_actor> shards) {
  guard_actor(self, "store_shards");
  auto& state = self->state;
  state.self = self;
  state.shards = std::move(shards);
  const auto tell = [self](const auto&... message) {
    for (const auto& shard : self->state.shards) {
      self->send(shard, message...);
    }
  };
  return {
      [self](const push_request& request) { return self->state.push(request); },
      [self](const batch_delivery& batch) { return self->state.push(batch); },
      [tell](const watch_series& by) { tell(by); },
      [tell](const watch_states& by) { tell(by); },
      [tell](tell_states_atom) { tell(tell_states_atom_v); },
      [tell](const forget_agents& gone) { tell(gone); },
      [tell](const welcome_agents& back) { tell(back); },
      [tell](const forget_targets& gone) { tell(gone); },
      [tell](const welcome_targets& welcome) { tell(welcome); },
      [tell](const wanted_targets_ptr& wanted) { tell(wanted); },
      [self](const kept_states_request& from) { return self->state.kept(from); },
      [tell](const kept_states& kept) { tell(kept); },
      [tell](const set_result_ttl& next) { tell(next); },
      [tell](expire_atom) { tell(expire_atom_v); },
      [tell](page_more_atom) { tell(page_more_atom_v); },
      [tell](report_due_atom) { tell(report_due_atom_v); },
      [self](report_atom) { return self->state.tell(); },
      [self](const certificate_request& wanted) { return self->state.certificates(wanted); },
      [self](const store_query& query) { return self->state.view(query); },
  };
}

} // namespace xprober
