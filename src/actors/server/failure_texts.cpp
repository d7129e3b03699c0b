#include "xprober/actors/server/failure_texts.hpp"

#include <functional>

namespace xprober {

std::uint32_t failure_texts::reason(std::string_view reason, std::string_view phase) {
  if (reason.empty()) {
    return no_number;
  }
  std::pair<std::string, std::string> key{reason, phase};
  if (const auto known = reason_numbers_.find(key); known != reason_numbers_.end()) {
    return known->second;
  }
  if (reasons_.size() >= most_reasons) {
    return 0;
  }
  const auto number = static_cast<std::uint32_t>(reasons_.size());
  reasons_.push_back(key);
  reason_numbers_.emplace(std::move(key), number);
  return number;
}

failure_text failure_texts::reason_text(std::uint32_t number) const {
  if (number >= reasons_.size()) {
    return {};
  }
  const auto& [reason, phase] = reasons_[number];
  return {reason, phase, {}};
}

std::uint32_t failure_texts::acquire_sentence(std::string_view sentence) {
  if (sentence.empty()) {
    return no_number;
  }
  if (const auto known = sentence_numbers_.find(sentence); known != sentence_numbers_.end()) {
    ++sentences_[known->second].uses;
    return known->second;
  }
  if (sentence_numbers_.size() >= most_sentences) {
    return no_number;
  }
  auto number = static_cast<std::uint32_t>(sentences_.size());
  if (free_.empty()) {
    sentences_.emplace_back();
  } else {
    number = free_.back();
    free_.pop_back();
  }
  sentences_[number] = {std::string{sentence}, 1};
  sentence_numbers_.emplace(sentence, number);
  return number;
}

void failure_texts::release_sentence(std::uint32_t number) {
  if (number == no_number || --sentences_[number].uses > 0) {
    return;
  }
  sentence_numbers_.erase(sentences_[number].text);
  sentences_[number] = {};
  free_.push_back(number);
}

std::string failure_texts::sentence(std::uint32_t number) const {
  return number < sentences_.size() ? sentences_[number].text : std::string{};
}

} // namespace xprober
