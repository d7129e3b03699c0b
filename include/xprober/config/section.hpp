#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/config/yaml_tree.hpp"

namespace xprober::config {

using key_set = std::set<std::string, std::less<>>;

/// What is gathered while one configuration is read.
class findings {
public:
  /// A key that no reader asked for.
  struct unknown_key {
    std::string section; ///< dotted, with a final dot; empty at the top
    std::string shape;   ///< the same as `known` has it
    node_ptr key;
  };

  /// Adds a problem about what stands at `where`.
  void add(const node& where, std::string key, std::string message);

  /// Adds what is allowed and hardly meant.
  void warn(problem warning);
  /// Adds what may be written and not be started, see `loaded::exposed`.
  void expose(problem port) { exposed_.push_back(std::move(port)); }
  std::vector<problem> take_exposed() noexcept { return std::move(exposed_); }
  /// No more of them are kept.
  bool has_enough_warnings() const noexcept;

  /// Problems of the file as a whole, e.g. of its syntax.
  std::vector<problem>& list() noexcept { return problems_; }

  /// Every full key that a reader asked for, whether it is there or not. Items of lists have no
  /// number: "prober_targets[].region".
  key_set& known() noexcept { return known_; }

  void add_unknown(unknown_key key) { unknown_.push_back(std::move(key)); }

  /// From now on a file that a key names must be there and readable. Texts that are parsed without
  /// it may be those of another machine.
  void look_into_files() noexcept { looks_into_files_ = true; }
  bool looks_into_files() const noexcept { return looks_into_files_; }

  /// Turns the unknown keys into problems, each with the allowed key that is meant most likely.
  /// `others` are the keys of another kind of file, `other_name` is its name ("the server's file").
  void report_unknown(const key_set& others, std::string_view other_name);

  /// The problems in the order of their lines, those of overrides last; at most 100 of them.
  std::vector<problem> take();

  /// The warnings in the order of their lines; the first 100.
  std::vector<problem> take_warnings();

private:
  std::vector<problem> problems_;
  std::vector<problem> warnings_;
  std::vector<problem> exposed_;
  key_set known_;
  std::vector<unknown_key> unknown_;
  std::size_t left_out_ = 0;
  bool looks_into_files_ = false;
};

/// Says what is wrong with a value and what is allowed; an empty text where nothing is.
using check = std::function<std::string(std::string_view)>;

/// `is_wrong` for texts that are not empty.
check unless_empty(check is_wrong);

/// Reads the keys of one map. Each function leaves `out` as it is where its key is not there or its
/// value is wrong; the second is reported. What nobody has asked for is an unknown key, which
/// `finish` reports.
///
/// A key without a value (`key:`) is an empty text, an empty list or a section of defaults, and
/// wrong for everything else.
class section {
public:
  /// Reads `map`, which may be null: then nothing is there. `prefix` is the dotted name with a
  /// final dot, empty at the top.
  section(node_ptr map, const std::string& prefix, findings& found);
  /// The same with `shape` as the prefix of known keys, where a part of it is the user's own name.
  section(node_ptr map, std::string prefix, std::string shape, findings& found);

  void text(std::string_view name, std::string& out, const check& is_wrong = {});
  /// The path of a file to be read, empty for none.
  void file(std::string_view name, std::string& out);
  /// A list of texts, or one text alone.
  void texts(std::string_view name, std::vector<std::string>& out, const check& is_wrong = {});
  void boolean(std::string_view name, bool& out);
  void duration(std::string_view name, std::chrono::milliseconds& out,
                std::chrono::milliseconds least, std::chrono::milliseconds most);
  void size(std::string_view name, std::uint64_t& out, std::uint64_t least, std::uint64_t most);
  /// Names to texts; both are checked.
  void text_map(std::string_view name, std::map<std::string, std::string>& out,
                const check& name_is_wrong, const check& value_is_wrong);

  template <class Integer>
  void number(std::string_view name, Integer& out, std::int64_t least, std::int64_t most) {
    auto value = static_cast<std::int64_t>(out);
    read_integer(name, value, least, most);
    out = static_cast<Integer>(value);
  }

  template <class Integer>
  void numbers(std::string_view name, std::vector<Integer>& out, std::int64_t least,
               std::int64_t most) {
    std::vector<std::int64_t> values{out.begin(), out.end()};
    read_integers(name, values, least, most);
    out.assign(values.begin(), values.end());
  }

  template <class Enum, std::size_t N>
  void choice(std::string_view name, Enum& out,
              const std::pair<std::string_view, Enum> (&allowed)[N]) {
    std::vector<std::string_view> names;
    for (const auto& [allowed_name, value] : allowed) {
      names.push_back(allowed_name);
    }
    const auto index = read_choice(name, names);
    if (index < N) {
      out = allowed[index].second;
    }
  }

  /// The section below; empty where the key is not there.
  section below(std::string_view name);

  /// Reports a problem at a key that is there and is not to be read.
  void refuse(std::string_view name, std::string message);

  /// The sections below `name`, whose keys are names of the user's own, checked by `is_wrong`.
  std::vector<std::pair<std::string, section>> named_below(std::string_view name,
                                                           const check& is_wrong);

  /// The value itself, or null where the key is not there; for what the functions above do not fit.
  node_ptr value(std::string_view name);

  /// Reports a problem at the key, at the section where the key is not there.
  void report(std::string_view name, std::string message);
  /// The same for a warning.
  void warn(std::string_view name, std::string message);
  /// The same for what `findings::expose` is for.
  void expose(std::string_view name, std::string message);

  /// True where the key is there, with or without a value. Does not make it known.
  bool has(std::string_view name) const;

  /// True where the key is there and holds an empty list or no value.
  bool is_empty_list(std::string_view name) const;

  /// The dotted name of a key of this section.
  std::string full_name(std::string_view name) const { return prefix_ + std::string{name}; }

  /// Where this section reports to.
  findings& found() noexcept { return found_; }

  /// Hands the keys that nobody has asked for to the findings.
  void finish();

private:
  struct entry {
    node_ptr key;
    node_ptr value;
    bool asked = false;
  };

  entry* find(std::string_view name);
  /// The text of a single value; null where it is not there or, which is reported, not single.
  const std::string* scalar(std::string_view name, std::string_view allowed);
  void read_integer(std::string_view name, std::int64_t& out, std::int64_t least,
                    std::int64_t most);
  void read_integers(std::string_view name, std::vector<std::int64_t>& out, std::int64_t least,
                     std::int64_t most);
  std::size_t read_choice(std::string_view name, std::span<const std::string_view> names);
  /// The items of a list or a single value as a list of one, each a single value; false where the
  /// key is not there or something else stands there.
  bool items(std::string_view name, std::vector<node_ptr>& out);
  void wrong(std::string_view name, std::string_view text, std::string_view allowed);

  node_ptr map_;
  std::string prefix_;
  std::string shape_; ///< the prefix without the numbers of list items
  findings& found_;
  std::map<std::string, entry, std::less<>> entries_;
};

} // namespace xprober::config
