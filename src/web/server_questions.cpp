#include "xprober/web/server_questions.hpp"

#include <algorithm>
#include <utility>

#include "xprober/bridge/ask.hpp"
#include "xprober/web/stored_json.hpp"

namespace xprober::web {

namespace {

namespace asio = boost::asio;

} // namespace

asio::awaitable<caf::expected<store_view>> ask_store(server_handles_ptr h, bool with_targets) {
  const store_query question{with_targets, nullptr};
  co_return co_await bridge::query<store_view>(h->common.gateway, h->store, h->common.patience,
                                               question);
}

asio::awaitable<caf::expected<store_view>> ask_page(server_handles_ptr h,
                                                    target_question_ptr wanted) {
  const store_query question{false, std::move(wanted)};
  co_return co_await bridge::query<store_view>(h->common.gateway, h->store, h->common.patience,
                                               question);
}

asio::awaitable<caf::expected<agent_listing>> ask_agents(server_handles_ptr h) {
  co_return co_await bridge::query<agent_listing>(h->common.gateway, h->registry,
                                                  h->common.patience, get_agents_atom_v);
}

asio::awaitable<target_labels_ptr> ask_labels(server_handles_ptr h) {
  if (!h->pool) {
    co_return nullptr;
  }
  const auto labels = co_await bridge::query<target_labels_ptr>(
      h->common.gateway, h->pool, h->common.patience, get_labels_atom_v);
  co_return labels ? *labels : nullptr;
}

asio::awaitable<std::optional<net::http_response>>
complete(server_handles_ptr h, std::shared_ptr<target_question> question) {
  const auto agents = co_await ask_agents(h);
  if (!agents) {
    co_return unavailable("registry", agents.error());
  }
  question->lost = lost_of(*agents);
  if (!h->pool) {
    co_return std::nullopt;
  }
  const auto labels = co_await bridge::query<target_labels_ptr>(
      h->common.gateway, h->pool, h->common.patience, get_labels_atom_v);
  const auto in_groups = [](const auto& group) { return !group.second.labels.empty(); };
  if (labels) {
    question->labels = *labels;
  } else if (!question->terms.labels.empty() ||
             (question->tally && (question->tally->by == tally_by::label ||
                                  std::ranges::any_of(question->tally->groups, in_groups)))) {
    co_return unavailable("target pool", labels.error());
  }
  co_return std::nullopt;
}

} // namespace xprober::web
