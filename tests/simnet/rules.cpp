#include "simnet/rules.hpp"

#include <set>

#include <nlohmann/json.hpp>

namespace simnet {

namespace {

using nlohmann::json;

constexpr double most_us = 60e6;

nanoseconds from_us(double us) { return nanoseconds{static_cast<std::int64_t>(us * 1000)}; }

/// One JSON object: hands out its members and notices what nobody asked for.
class object {
public:
  object(const json& from, std::string path) : from_(from), path_(std::move(path)) {
    if (!from.is_object()) {
      throw config_error(path_ + ": an object is expected, not " + from.dump());
    }
  }

  [[noreturn]] void complain(const std::string& key, const std::string& what) const {
    throw config_error(path_ + (path_.empty() ? "" : ".") + key + ": " + what);
  }

  const json* find(const std::string& key) {
    asked_.insert(key);
    const auto at = from_.find(key);
    return at == from_.end() ? nullptr : &*at;
  }

  double number(const std::string& key, double otherwise, double low, double high) {
    const json* value = find(key);
    return value == nullptr ? otherwise : checked(key, *value, low, high);
  }

  template <class Integer>
  Integer integer(const std::string& key, Integer otherwise, double low, double high) {
    const double value = number(key, static_cast<double>(otherwise), low, high);
    if (value != static_cast<double>(static_cast<Integer>(value))) {
      complain(key, "a whole number is expected");
    }
    return static_cast<Integer>(value);
  }

  spread range(const std::string& key, double low, double high) {
    const json* value = find(key);
    if (value == nullptr) {
      return {};
    }
    if (!value->is_array()) {
      const double both = checked(key, *value, low, high);
      return {both, both};
    }
    if (value->size() != 2) {
      complain(key, "a range is [from, to]");
    }
    const spread s{checked(key, (*value)[0], low, high), checked(key, (*value)[1], low, high)};
    if (s.low > s.high) {
      complain(key, "the range goes backwards");
    }
    return s;
  }

  std::string text(const std::string& key, const std::string& otherwise) {
    const json* value = find(key);
    if (value == nullptr) {
      return otherwise;
    }
    if (!value->is_string()) {
      complain(key, "a text is expected, not " + value->dump());
    }
    return value->get<std::string>();
  }

  bool choice(const std::string& key, const std::string& yes, const std::string& no) {
    const std::string value = text(key, yes);
    if (value != yes && value != no) {
      complain(key, '"' + yes + "\" or \"" + no + "\" is expected, not \"" + value + '"');
    }
    return value == yes;
  }

  /// An address of the same family as `like`.
  address same_family(const std::string& key, const address& like) {
    const std::string value = text(key, "");
    const auto parsed = parse_address(value);
    if (!parsed || parsed->ip6 != like.ip6) {
      complain(key, std::string("an ") + (like.ip6 ? "IPv6" : "IPv4") +
                        " address is expected, not \"" + value + '"');
    }
    return *parsed;
  }

  /// Calls `read` with the member `key`, if it is there.
  template <class Read>
  void inside(const std::string& key, Read read) {
    if (const json* value = find(key)) {
      object member(*value, path_ + "." + key);
      read(member);
      member.end();
    }
  }

  void end() const {
    for (const auto& [key, value] : from_.items()) {
      if (!asked_.contains(key)) {
        complain(key, "there is no such key");
      }
    }
  }

private:
  double checked(const std::string& key, const json& value, double low, double high) const {
    if (!value.is_number() || !(value.get<double>() >= low && value.get<double>() <= high)) {
      complain(key, "a number from " + json(low).dump() + " to " + json(high).dump() +
                        " is expected, not " + value.dump());
    }
    return value.get<double>();
  }

  const json& from_;
  std::string path_;
  std::set<std::string> asked_;
};

double probability(object& from) { return from.number("probability", 1, 0, 1); }

void read_events(object& from, rule& r) {
  from.inside("duplicate", [&](object& o) {
    r.duplicate = {probability(o), from_us(o.number("gap_us", 0, 0, most_us))};
  });
  from.inside("reorder", [&](object& o) {
    r.reorder = {probability(o), from_us(o.number("extra_us", 0, 0, most_us))};
  });
  from.inside("corrupt", [&](object& o) {
    r.corrupt.probability = probability(o);
    r.corrupt.right_checksum = o.choice("checksum", "right", "wrong");
    if (o.find("offset") != nullptr) {
      r.corrupt.offset = o.integer<std::uint32_t>("offset", 0, 0, 65535);
    }
  });
  from.inside("wrong_source", [&](object& o) {
    r.wrong_source = {probability(o), o.same_family("address", r.where.base)};
  });
  from.inside("wrong_id", [&](object& o) { r.wrong_id = probability(o); });
  from.inside("late", [&](object& o) {
    r.late = {probability(o), from_us(1000 * o.number("after_ms", 0, 0, most_us / 1000))};
  });
  from.inside("error", [&](object& o) {
    r.error.probability = probability(o);
    r.error.type = o.integer<std::uint8_t>("type", 0, 0, 255);
    r.error.code = o.integer<std::uint8_t>("code", 0, 0, 255);
    r.error.from = o.same_family("from", r.where.base);
    r.error.quote_all = o.choice("quote", "full", "short");
    r.error.mtu = o.integer<std::uint32_t>("mtu", 0, 0, 65535);
  });
}

rule read_rule(object& from) {
  rule r;
  const std::string where = from.text("block", "");
  const auto parsed = parse_block(where);
  if (!parsed) {
    from.complain("block", "a CIDR block is expected, not \"" + where + '"');
  }
  r.where = *parsed;
  r.delay_us = from.range("delay_us", 0, most_us);
  r.jitter = from_us(from.number("jitter_us", 0, 0, most_us));
  r.loss = from.range("loss", 0, 1);
  r.reply_ttl = from.integer<std::uint8_t>("reply_ttl", 64, 1, 255);
  read_events(from, r);
  return r;
}

} // namespace

const rule* config::find(const address& a) const noexcept {
  for (const rule& r : rules) {
    if (r.where.contains(a)) {
      return &r;
    }
  }
  return nullptr;
}

config parse_config(const std::string& text) {
  const json parsed = json::parse(text, nullptr, false);
  if (parsed.is_discarded()) {
    throw config_error("this is not JSON");
  }
  constexpr double most_integer = 9007199254740992; // 2^53
  config c;
  object whole(parsed, "");
  c.seed = whole.integer<std::uint64_t>("seed", c.seed, 0, most_integer);
  c.deck = whole.integer<unsigned>("deck", c.deck, 1, 1e6);
  c.samples = whole.integer<std::size_t>("samples", c.samples, 0, 1e6);
  if (const json* rules = whole.find("rules")) {
    if (!rules->is_array()) {
      whole.complain("rules", "a list is expected");
    }
    for (std::size_t i = 0; i < rules->size(); ++i) {
      object one((*rules)[i], "rules[" + std::to_string(i) + "]");
      c.rules.push_back(read_rule(one));
      one.end();
    }
  }
  whole.end();
  return c;
}

} // namespace simnet
