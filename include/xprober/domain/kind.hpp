#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xprober {

/// What a column's number means, which decides how it is added up and shown.
enum class column_role : std::uint8_t {
  success = 0,  ///< whether the probe succeeded; the first column of every kind and no other
  duration = 1, ///< the time that the probe is about; a kind without one has the sum of its phases
  loss = 2,     ///< share of what was sent and not answered, in percent
  phase = 3,    ///< how long a part of the probe took; phases stand in the order they happen
  count = 4,    ///< how many
  gauge = 5,    ///< a number that is not added up, e.g. a status
  time = 6,     ///< a point in time, in Unix seconds
};
inline constexpr std::size_t column_role_count = 7;

/// How a column's number is held and written.
enum class column_form : std::uint8_t {
  number = 0, ///< a 32-bit float
  coarse = 1, ///< the same, written with 11 bits of precision
  whole = 2,  ///< 0 to 4,294,967,295
};
inline constexpr std::size_t column_form_count = 3;

/// One number that a kind of probe measures.
struct kind_column {
  std::string key; ///< in JSON, e.g. "latency_ms"; each once in its kind; a phase's own name
  std::string
      old_name;      ///< `module_type_unit`, as Go agents push it; empty: they have no such value
  std::string name;  ///< the conventional metric; empty: under none
  std::string phase; ///< the conventional metric's label `phase`; empty: none
  std::string unit;  ///< "ms", "percent", "bytes", "seconds" or empty
  column_role role = column_role::gauge;
  column_form form = column_form::number;
  bool kept = false; ///< a server keeps the latest value: it is in /metrics and the API
  /// In the old form, where the column is missing although the probe sent something (its loss is
  /// known): icmp's latency of -1.
  std::optional<float> old_missing{};

  bool operator==(const kind_column&) const = default;
};

/// What a target of a kind is.
enum class target_form : std::uint8_t {
  address = 0,   ///< an address, a block of addresses or a host name
  url = 1,       ///< a URL, or one without its scheme; it may hold a user
  host_port = 2, ///< HOST:PORT
  name = 3,      ///< a name, perhaps with @SERVER[:PORT] behind it
};
inline constexpr std::size_t target_form_count = 4;

/// What the results of a kind are added up over.
enum class result_group : std::uint8_t {
  pair = 0,    ///< source region and target region
  address = 1, ///< source region and address
};

/// A kind of probe: all that there is to know of it outside of its engine. Everything between an
/// engine and the reader of a page is computed from this; nobody asks which kind it is.
struct probe_kind {
  std::string name; ///< as the wire and the configuration say it
  target_form takes = target_form::url;
  result_group grouped_by = result_group::address;
  bool mesh = false;      ///< agents probe each other with it
  bool own_region = true; ///< agents probe targets of their own region, too
  float failed = 0;       ///< the old form's success of a failure
  std::vector<kind_column> columns;

  bool operator==(const probe_kind&) const = default;

  /// The place of the column with a role; nothing without one. The first where there are several.
  std::optional<std::size_t> find(column_role role) const noexcept;
  /// The place of the column with a key.
  std::optional<std::size_t> find(std::string_view key) const noexcept;
};

/// The most columns of a kind.
inline constexpr std::size_t max_kind_columns = 20;
/// The most of them, beside the success, that a server keeps.
inline constexpr std::size_t max_kept_columns = 7;

/// What is wrong with a description of a kind, for people; empty where nothing is. What comes over
/// the wire is judged by it.
std::string kind_problem(const probe_kind& kind);

/// By what a number in a column's unit is divided for the conventional metric: milliseconds become
/// seconds, percents ratios.
double conventional_scale(std::string_view unit) noexcept;

/// What a probe says of its target.
enum class probe_state : std::uint8_t {
  ok = 0,
  failed = 1,
  own_fault = 2, ///< the prober itself failed: nothing is known of the target
};

/// The numbers of one probe by the columns of its kind, those that were measured. The first column,
/// the success, is never among them: the state says it.
class column_values {
public:
  bool has(std::size_t column) const noexcept { return ((mask_ >> column) & 1U) != 0; }
  /// Bit n: column n was measured.
  std::uint32_t mask() const noexcept { return mask_; }
  bool empty() const noexcept { return mask_ == 0; }

  /// Of columns of the forms number and coarse.
  void set(std::size_t column, float value) noexcept {
    set_bits(column, std::bit_cast<std::uint32_t>(value));
  }
  /// Of columns of the form whole; larger numbers become the largest.
  void set_whole(std::size_t column, std::uint64_t value) noexcept;
  void clear(std::size_t column) noexcept { mask_ &= ~(1U << column); }
  void clear() noexcept { mask_ = 0; }

  /// A column of the form number or coarse; nothing where it was not measured.
  std::optional<float> number(std::size_t column) const noexcept {
    return has(column) ? std::optional{std::bit_cast<float>(cells_[column])} : std::nullopt;
  }
  /// A column of the form whole.
  std::optional<std::uint32_t> whole(std::size_t column) const noexcept;
  /// Whatever form it has.
  std::optional<double> value(const probe_kind& kind, std::size_t column) const noexcept;

  /// The 32 bits of a column as they are held; 0 where it was not measured.
  std::uint32_t bits(std::size_t column) const noexcept { return has(column) ? cells_[column] : 0; }
  void set_bits(std::size_t column, std::uint32_t bits) noexcept {
    cells_[column] = bits;
    mask_ |= 1U << column;
  }

  bool operator==(const column_values& other) const noexcept;

private:
  std::uint32_t mask_ = 0;
  std::array<std::uint32_t, max_kind_columns> cells_{};
};

/// The number that the 32 bits of a column stand for.
double column_number(column_form form, std::uint32_t bits) noexcept;

/// The 32 bits of a number, which is no NaN. Whole ones lose their fraction and stay within 0 to
/// 4,294,967,295.
std::uint32_t column_bits(column_form form, double number) noexcept;

/// The first phase that a failed probe did not complete; nothing without one.
std::optional<std::size_t> first_open_phase(const probe_kind& kind,
                                            const column_values& values) noexcept;

/// One value in the old form.
struct old_value {
  std::size_t column = 0; ///< of the kind; its `old_name` is the metric
  float value = 0;
};

/// What the old form says of a probe, in the order of the columns: nothing of the prober's own
/// fault. As many as `most_old_values` at most.
class old_values {
public:
  old_values(const probe_kind& kind, probe_state state, const column_values& values) noexcept;

  const old_value* begin() const noexcept { return values_.data(); }
  const old_value* end() const noexcept { return values_.data() + size_; }
  std::size_t size() const noexcept { return size_; }

private:
  std::array<old_value, max_kind_columns> values_{};
  std::size_t size_ = 0;
};

} // namespace xprober
