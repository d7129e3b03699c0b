#include "server_core.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace xprober::rpc {

namespace {

/// Encoded lists kept, in bytes.
constexpr std::size_t max_cached_bytes = 256 * 1024 * 1024;
/// A list of so few texts is encoded in less than a millisecond.
constexpr std::size_t quick_texts = 1000;

bool is_quick(const get_targets_response& list) {
  std::size_t texts = 0;
  for (const auto& group : list.targets) {
    texts += group.targets.size() + 1;
    if (texts > quick_texts) {
      return false;
    }
  }
  // What a difference has beside these is of its own form; one without it is short.
  return list.base_revision.empty();
}

shared_bytes encode_list(const get_targets_response& list, wire_format format) {
  auto bytes = std::make_shared<std::string>();
  encode(list, format, *bytes);
  return bytes;
}

} // namespace

class encoded_lists::encoding {
public:
  encoding(encoded_lists& lists, list_key key, std::shared_ptr<asio::steady_timer> over)
      : lists_(lists), key_(key), over_(std::move(over)) {
    lists_.under_way_[key_] = over_;
  }
  encoding(const encoding&) = delete;
  encoding& operator=(const encoding&) = delete;
  ~encoding() {
    lists_.under_way_.erase(key_);
    over_->cancel();
  }

private:
  encoded_lists& lists_;
  list_key key_;
  std::shared_ptr<asio::steady_timer> over_;
};

shared_bytes encoded_lists::find(const targets_answer& answer, wire_format format) const {
  const auto found = entries_.find({answer.get(), format});
  const bool is_at_hand = found != entries_.end() && found->second.answer.lock() == answer;
  return is_at_hand ? found->second.bytes : nullptr;
}

void encoded_lists::keep(const targets_answer& answer, wire_format format,
                         const shared_bytes& bytes) {
  const bool is_short = answer->targets.empty() && answer->base_revision.empty();
  if (is_short || bytes->size() > max_cached_bytes) {
    return;
  }
  std::erase_if(entries_, [this](const auto& item) {
    const bool gone = item.second.answer.expired();
    bytes_ -= gone ? item.second.bytes->size() : 0;
    return gone;
  });
  if (bytes_ + bytes->size() > max_cached_bytes) {
    entries_.clear();
    bytes_ = 0;
  }
  bytes_ += bytes->size();
  entries_[{answer.get(), format}] = {answer, bytes};
}

asio::awaitable<shared_bytes> encoded_lists::get(targets_answer answer, wire_format format,
                                                 std::shared_ptr<net::work_thread> work) {
  const list_key key{answer.get(), format};
  for (auto other = under_way_.find(key); other != under_way_.end(); other = under_way_.find(key)) {
    const auto over = other->second;
    boost::system::error_code ignored;
    co_await over->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (auto known = find(answer, format)) {
    co_return known;
  }
  shared_bytes bytes;
  if (!work || is_quick(*answer)) {
    bytes = encode_list(*answer, format);
  } else {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto over = std::make_shared<asio::steady_timer>(executor);
    over->expires_at(asio::steady_timer::time_point::max());
    const encoding ends{*this, key, over};
    auto make = [answer, format] { return encode_list(*answer, format); };
    bytes = co_await work->run(std::move(make));
    keep(answer, format, bytes);
    co_return bytes;
  }
  keep(answer, format, bytes);
  co_return bytes;
}

} // namespace xprober::rpc
