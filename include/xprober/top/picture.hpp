#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xprober::top {

enum class role : std::uint8_t { unknown, server, agent };

/// What a strip has for each result: the newest stands last.
inline constexpr char strip_ok = 'o';
inline constexpr char strip_degraded = 'd';
inline constexpr char strip_failed = 'x';
inline constexpr char strip_unknown = '?';
inline constexpr std::size_t longest_strip = 30;

/// A target as a server's source or an agent sees it. All texts are clean (`clean`).
struct shown_target {
  std::string uid;
  std::string target;
  std::string kind;
  std::string region;
  std::string source; ///< region of the agent that probes it; an agent's own rows have none
  std::string agent;
  std::string state;
  std::string reason;
  std::string detail;
  std::int64_t since_unix = 0; ///< 0: not known, like the next
  std::int64_t time_unix = 0;
  bool since_at_least = false; ///< it was so then already, and may have been before
  std::uint64_t streak = 0;
  std::optional<double> ms;
  std::string strip; ///< of `strip_ok` and so on, at most `longest_strip`

  /// What is the same row in the next answer.
  std::string key() const { return uid + ' ' + source + ' ' + agent; }
  bool failing() const { return state == "failing"; }
};

struct shown_incident {
  std::string id;
  std::string kind;
  std::string severity;
  std::string summary;
  std::string why;   ///< reason and sentence
  std::string marks; ///< "acknowledged", "muted", "flapping"
  std::int64_t opened_unix = 0;
  std::string found_by; ///< all that a filter looks through, in small letters
};

struct shown_region {
  std::string name;
  std::uint64_t agents = 0; ///< that are not lost
  std::uint64_t as_source = 0;
  std::uint64_t as_target = 0;
  std::uint64_t never = 0;
};

/// A line of a target's or an incident's own page.
struct detail_line {
  std::string text;
  std::string strip{};      ///< behind the text
  std::int64_t at_unix = 0; ///< stands in front of the text, where it is known
};

/// What a server or an agent has said last.
struct picture {
  role who = role::unknown;
  std::vector<shown_target> targets;
  std::uint64_t matching = 0; ///< that fit state and filter; `targets` may be cut
  std::uint64_t total = 0;
  std::uint64_t failing = 0;             ///< whatever the filter is
  std::uint64_t unwell = 0;              ///< neither ok nor failing
  std::vector<shown_incident> incidents; ///< the worst first
  bool more_incidents = false;
  std::vector<shown_region> regions;
  std::string detail_uid; ///< of whom `detail` speaks
  std::vector<detail_line> detail;
};

/// What is asked of a server or an agent.
enum class asked : std::uint8_t {
  regions,   ///< also tells a server from an agent, which has none
  incidents, ///< open ones
  targets,   ///< those that are shown
  failing,   ///< how many fail, whatever is shown
  unwell,    ///< how many are in another state that is not good
  story,     ///< an agent's target: what its last results were
  detail,    ///< of one target or incident
  history,   ///< of that target
};

struct question {
  asked what = asked::targets;
  std::string path;
  std::string about{}; ///< a uid, of `story`, `detail` and `history`
};

/// Puts an answer with the status 200 into the picture; what is wrong with it, or empty. `first`:
/// targets begin anew, else they are added to those of an answer before.
std::string take_answer(picture& now, const question& asked_for, std::string_view body, bool first);

/// An agent's last results as a strip, and since when they fail: into the row of that uid. Where
/// all of them do so, it has at least been so long.
std::string take_story(picture& now, const std::string& uid, std::string_view body);

/// The lines of a target's or an incident's own page. `history`: of one that a server has told of.
std::string take_detail(picture& now, std::string_view body);
std::string take_history(picture& now, std::string_view body);

} // namespace xprober::top
