#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/top/picture.hpp"

namespace xprober::top {

enum class key : std::uint8_t {
  character, ///< `text` says which
  up,
  down,
  page_up,
  page_down,
  first,
  last,
  enter,
  escape,
  erase, ///< backspace
  tab,
};

struct key_press {
  key what = key::character;
  std::string text{}; ///< a character in UTF-8
};

/// How a line is set off from others.
enum class look : std::uint8_t { plain, title, good, bad, warning, faint };

struct screen_line {
  std::string text; ///< clean, and no wider than the screen
  look how = look::plain;
  bool selected = false;
};

/// Which targets are listed.
enum class listing : std::uint8_t { failing, not_ok, all };

/// What a person sees of a server or an agent, and what has to be asked for it: answers and keys
/// go in, lines come out. Does no I/O and has no clock.
///
/// Asking goes in rounds: `questions`, an answer to each (`take`) or `failed`, `end_round`. What is
/// shown changes with the end of a round alone, and stays what it was where a question failed.
class view {
public:
  /// `url` as people know whom they look at.
  view(const std::string& url, listing what);

  /// `rows` may be anything from 1 on. A listing without a screen takes as many as it is to print.
  void resize(std::size_t columns, std::size_t rows);

  void press(const key_press& pressed);
  /// The user has had enough.
  bool ended() const noexcept { return ended_; }
  /// A key asks for what has not been asked yet: a round should begin now. Once.
  bool take_hurry() noexcept;
  bool wants_hurry() const noexcept { return hurry_; }
  /// Whom the next rounds ask, while it is not known yet who answers.
  void look_at(const std::string& url);

  /// For the next round; as long as the role is unknown only what tells it.
  std::vector<question> questions() const;
  /// An answer of this round. Anything but 200 may be a failure of the round.
  void take(const question& asked_for, unsigned status, std::string_view body);
  /// There is no answer, for people why not.
  void failed(std::string_view why);
  /// True: the round was good. What is known now is enough to ask more where the role is new.
  bool end_round(std::int64_t now_unix);

  role who() const noexcept { return now_.who; }
  /// A round was good at least once, and the last one was.
  bool fresh() const noexcept { return good_unix_ != 0 && error_.empty(); }
  const std::string& problem() const noexcept { return error_; }

  /// The whole screen: as many lines as it has rows.
  std::vector<screen_line> lines(std::int64_t now_unix) const;
  /// The same for a pipe: the sentence, then a line for each incident and target.
  std::vector<std::string> plain_lines(std::int64_t now_unix) const;
  /// What is wrong, in a sentence.
  std::string sentence() const;

private:
  enum class part : std::uint8_t { incidents, incident, more, targets, target, regions, region };
  struct item {
    part what = part::targets;
    std::size_t place = 0; ///< among those of its part
  };
  struct seen_results {
    std::int64_t time_unix = 0;
    std::int64_t since_unix = 0;
    bool since_at_least = false;
    std::uint64_t streak = 0;
    std::string state;
    std::string strip;
  };

  void press_in_filter(const key_press& pressed);
  void begin_anew();
  void press_character(std::string_view text);
  void move(std::ptrdiff_t by);
  void open();
  void close();
  void arrange();
  std::vector<item> items() const;
  std::vector<std::size_t> fitting_incidents() const;
  std::size_t most_listed(std::size_t incidents) const;
  std::size_t height_of(const item& what) const;
  std::string key_of(const item& what) const;
  std::size_t body_rows() const;
  std::vector<std::string> sentence_lines() const;
  std::size_t limit() const;
  std::string states_of_server() const;
  void add_server_questions(std::vector<question>& out) const;
  void add_agent_questions(std::vector<question>& out) const;
  void add_stories(std::vector<question>& out) const;
  void order_agents_targets();
  static void keep_since(shown_target& row, const seen_results& seen);
  void remember_results();
  static void note_result(seen_results& seen, const shown_target& row);

  std::vector<screen_line> header(std::int64_t now_unix) const;
  std::string footer() const;
  void add_item(std::vector<screen_line>& out, const item& what, std::int64_t now_unix) const;
  void add_target(std::vector<screen_line>& out, const shown_target& row,
                  std::int64_t now_unix) const;
  void add_incident(std::vector<screen_line>& out, const shown_incident& row,
                    std::int64_t now_unix) const;
  std::vector<screen_line> detail_lines(std::int64_t now_unix) const;
  std::string heading(part what) const;

  /// Below so many rows the header is one line and there is no footer.
  static constexpr std::size_t small_screen = 8;

  std::string url_;
  listing listing_;
  std::size_t columns_ = 80;
  std::size_t rows_ = 24;
  picture now_;
  picture next_;              ///< of the round that is under way
  std::string round_problem_; ///< of that round
  bool round_has_targets_ = false;
  bool round_counts_failing_ = false;
  std::map<std::string, seen_results> seen_; ///< of the rows that are shown
  std::string error_;                        ///< of the last round; empty: it was good
  std::int64_t error_since_ = 0;             ///< when rounds began to fail; 0: they have not
  std::int64_t good_unix_ = 0;               ///< when one was good last; 0: none was
  std::string filter_;
  std::size_t sort_ = 0; ///< a place in the table of orders
  bool typing_ = false;  ///< the filter
  bool help_ = false;
  bool ended_ = false;
  bool hurry_ = false;
  bool folded_[3] = {false, false, true}; ///< incidents, targets, regions
  bool all_incidents_ = false;            ///< also those that leave targets no room
  std::size_t selected_ = 0;              ///< of `items`
  std::size_t top_ = 0;                   ///< the first of them that is on the screen
  std::string detail_path_;               ///< of what is open; empty: nothing is
  std::string detail_uid_;                ///< of a target that is
  std::size_t detail_top_ = 0;
};

} // namespace xprober::top
