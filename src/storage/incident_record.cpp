#include "xprober/storage/incident_record.hpp"

#include <bit>
#include <cstdint>
#include <utility>

#include "xprober/domain/wire/bytes.hpp"

namespace xprober::storage {

namespace {

/// Of an incident. One of version 1 ends before what is counted on its sides.
constexpr std::uint8_t incident_version = 2;
constexpr std::uint8_t mute_version = 1;
/// More than any record has of anything: what is larger is no count and no length.
constexpr std::uint64_t most_in_record = 100'000;
/// From 1970 on, what a wall time can hold (until 2262).
constexpr std::int64_t furthest_ms = wall_time::max().time_since_epoch() / milliseconds{1};

/// Puts fields one after the other; `record_reader` has the same calls, so that each form is
/// described once.
class record_writer {
public:
  explicit record_writer(std::string& out) : out_(out) {}

  void number(std::uint64_t value) { out_.varint(value); }
  template <class Enum>
  void choice(Enum value, Enum /*last*/) {
    out_.varint(static_cast<std::uint64_t>(value));
  }
  void flag(bool value) { out_.varint(value ? 1 : 0); }
  void text(const std::string& value) { out_.text(value); }
  void time(wall_time value) { out_.signed_varint(to_unix_ms(value)); }
  void real(double value) { out_.fixed(std::bit_cast<std::uint64_t>(value), 8); }
  void key(std::uint64_t value) { out_.fixed(value, 8); }
  template <class T, class Each>
  void list(const std::vector<T>& values, Each each) {
    out_.varint(values.size());
    for (const auto& value : values) {
      each(value);
    }
  }
  template <class T, class Each>
  void maybe(const std::optional<T>& value, Each each) {
    flag(value.has_value());
    if (value) {
      each(*value);
    }
  }

private:
  byte_writer out_;
};

class record_reader {
public:
  explicit record_reader(std::string_view bytes) : in_(bytes) {}

  bool good() const noexcept { return good_; }

  template <class Number>
  void number(Number& value) {
    std::uint64_t read = 0;
    check(in_.varint(read));
    value = static_cast<Number>(read);
  }
  template <class Enum>
  void choice(Enum& value, Enum last) {
    std::uint64_t read = 0;
    number(read);
    check(read <= static_cast<std::uint64_t>(last));
    value = good_ ? static_cast<Enum>(read) : Enum{};
  }
  void flag(bool& value) {
    std::uint64_t read = 0;
    number(read);
    value = read == 1;
  }
  void text(std::string& value) {
    std::string_view read;
    check(in_.text(read, most_in_record));
    value = read;
  }
  void time(wall_time& value) {
    std::int64_t read = 0;
    check(in_.signed_varint(read));
    check(read >= -furthest_ms && read <= furthest_ms);
    value = good_ ? wall_time{milliseconds{read}} : wall_time{};
  }
  void real(double& value) {
    std::uint64_t bits = 0;
    check(in_.fixed(bits, 8));
    value = std::bit_cast<double>(bits);
  }
  void key(std::uint64_t& value) { check(in_.fixed(value, 8)); }
  template <class T, class Each>
  void list(std::vector<T>& values, Each each) {
    std::uint64_t count = 0;
    number(count);
    check(count <= most_in_record);
    for (std::uint64_t i = 0; good_ && i < count; ++i) {
      each(values.emplace_back());
    }
  }
  template <class T, class Each>
  void maybe(std::optional<T>& value, Each each) {
    bool there = false;
    flag(there);
    if (there && good_) {
      each(value.emplace());
    }
  }

private:
  void check(bool fine) { good_ = good_ && fine; }

  byte_reader in_;
  bool good_ = true;
};

template <class Form, class Side>
void describe_side(Form& form, Side& side) {
  form.number(side.affected);
  form.number(side.of);
  form.list(side.names, [&](auto& name) { form.text(name); });
}

template <class Form, class Entry>
void describe_entry(Form& form, Entry& entry) {
  form.time(entry.at);
  form.choice(entry.event, incident_event::closed);
  form.number(entry.sources);
  form.number(entry.targets);
  form.text(entry.text);
}

template <class Form, class Incident>
void describe_incident(Form& form, Incident& what) {
  form.number(what.id);
  form.choice(what.kind, incident_kind::prober);
  form.choice(what.severity, incident_severity::critical);
  form.text(what.summary);
  form.time(what.opened);
  form.maybe(what.closed, [&](auto& at) { form.time(at); });
  for (auto* text : {&what.probe_type, &what.reason, &what.phase, &what.detail}) {
    form.text(*text);
  }
  describe_side(form, what.sources);
  describe_side(form, what.targets);
  form.list(what.labels, [&](auto& label) {
    form.text(label.first);
    form.text(label.second);
  });
  form.flag(what.flapping);
  form.maybe(what.acknowledged, [&](auto& by) {
    form.text(by.by);
    form.text(by.note);
    form.time(by.at);
  });
  form.text(what.certificate);
  form.number(what.merged_into);
  form.maybe(what.told,
             [&](auto& severity) { form.choice(severity, incident_severity::critical); });
  form.list(what.timeline, [&](auto& entry) { describe_entry(form, entry); });
  form.number(what.entries_dropped);
  form.flag(what.pairs);
  form.list(what.source_keys, [&](auto& key) { form.key(key); });
  form.list(what.target_keys, [&](auto& key) { form.key(key); });
}

template <class Form, class Mute>
void describe_mute(Form& form, Mute& what) {
  form.number(what.id);
  form.list(what.conditions, [&](auto& condition) {
    form.text(condition.field);
    form.text(condition.value);
  });
  form.time(what.from);
  form.time(what.until);
  form.text(what.by);
  form.text(what.why);
}

/// 0: of none that is known.
std::uint8_t version_of(std::string_view bytes, std::uint8_t newest) {
  const auto version = bytes.empty() ? 0 : static_cast<std::uint8_t>(bytes.front());
  return version <= newest ? version : 0;
}

} // namespace

std::string incident_record(const incident& what, bool whole) {
  std::string bytes(1, static_cast<char>(incident_version));
  record_writer form{bytes};
  if (whole) {
    describe_incident(form, what);
  } else {
    auto less = what;
    less.timeline.clear();
    less.source_keys.clear();
    less.target_keys.clear();
    describe_incident(form, std::as_const(less));
  }
  form.real(what.penalty.value());
  form.time(what.penalty.since());
  form.choice(what.ends, incident_ends::agents);
  return bytes;
}

std::optional<incident> read_incident(std::string_view bytes) {
  const auto version = version_of(bytes, incident_version);
  if (version == 0) {
    return std::nullopt;
  }
  record_reader form{bytes.substr(1)};
  incident what;
  describe_incident(form, what);
  double penalty = 0;
  wall_time since{};
  form.real(penalty);
  form.time(since);
  if (version > 1) {
    form.choice(what.ends, incident_ends::agents);
  }
  what.penalty = {penalty, since};
  return form.good() ? std::optional{std::move(what)} : std::nullopt;
}

std::string mute_record(const mute& what) {
  std::string bytes(1, static_cast<char>(mute_version));
  record_writer form{bytes};
  describe_mute(form, what);
  return bytes;
}

std::optional<mute> read_mute(std::string_view bytes) {
  if (version_of(bytes, mute_version) == 0) {
    return std::nullopt;
  }
  record_reader form{bytes.substr(1)};
  mute what;
  describe_mute(form, what);
  return form.good() ? std::optional{std::move(what)} : std::nullopt;
}

} // namespace xprober::storage
