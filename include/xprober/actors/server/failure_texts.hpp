#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/verdict/cell.hpp"
#include "xprober/verdict/incident_names.hpp"

namespace xprober {

/// Numbers for what failures say. Reasons with their phases are few, and stay; sentences may be as
/// many as what fails: they are counted, and of more than `most_sentences` at a time the others
/// have none.
class failure_texts {
public:
  static constexpr std::size_t most_reasons = 10'000; ///< beyond, all are one
  static constexpr std::size_t most_sentences = 4096;

  std::uint32_t reason(std::string_view reason, std::string_view phase);
  /// Without a sentence.
  failure_text reason_text(std::uint32_t number) const;

  /// One more use of it; `no_number` where it is empty or there is no room.
  std::uint32_t acquire_sentence(std::string_view sentence);
  void release_sentence(std::uint32_t number);
  std::string sentence(std::uint32_t number) const;
  std::size_t sentences() const noexcept { return sentence_numbers_.size(); }

private:
  struct counted {
    std::string text;
    std::uint32_t uses = 0;
  };

  std::map<std::pair<std::string, std::string>, std::uint32_t> reason_numbers_;
  std::vector<std::pair<std::string, std::string>> reasons_;
  std::map<std::string, std::uint32_t, std::less<>> sentence_numbers_;
  std::vector<counted> sentences_;
  std::vector<std::uint32_t> free_;
};

} // namespace xprober
