#include "xprober/probes/stream/story.hpp"

namespace xprober::stream {

void story::begin(const ad_hoc_request* wishes, monotonic_time now) {
  wishes_ = wishes;
  begun_ = now;
  left_out_ = 0;
  if (wishes_ != nullptr) {
    told_ = std::make_unique<probe_story>();
  }
}

void story::line(std::string text, std::vector<std::pair<std::string, std::string>> fields) {
  if (!wants_lines()) {
    return;
  }
  if (told_->lines.size() < max_lines) {
    keep(std::move(text), std::move(fields));
  } else {
    ++left_out_;
  }
}

void story::keep(std::string text, std::vector<std::pair<std::string, std::string>> fields) {
  told_->lines.push_back({monotonic_clock::now() - begun_, std::move(text), std::move(fields)});
}

void story::resolved(const dns::resolve_answer& answer) {
  if (!told_) {
    return;
  }
  told_->resolve = answer.took;
  if (answer.error == probe_error::none && !answer.addresses.empty()) {
    told_->first_address = answer.addresses.front().to_string();
  }
  also_resolved(answer);
}

void story::also_resolved(const dns::resolve_answer& answer) {
  if (!wants_lines() || answer.error != probe_error::none || answer.addresses.empty()) {
    return;
  }
  std::string all;
  for (const auto& address : answer.addresses) {
    all += (all.empty() ? "" : " ") + address.to_string();
  }
  line("Resolved target address", {{"ip", std::move(all)}});
}

void story::set_more(std::shared_ptr<const probe_details> more) {
  if (told_) {
    told_->more = std::move(more);
  }
}

void story::end(const probe_outcome& outcome) {
  if (!told_) {
    return;
  }
  if (left_out_ > 0) {
    keep(std::to_string(left_out_) + " more steps are left out");
  }
  if (outcome.error != probe_error::none && wants_lines()) {
    keep(outcome.detail, {{"error", std::string{to_string(outcome.error)}}});
  }
  if (wishes_->tell) {
    wishes_->tell(std::move(*told_));
  }
  told_.reset();
}

} // namespace xprober::stream
