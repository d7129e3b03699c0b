#include "xprober/domain/history/rollup.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

namespace xprober {

namespace {

constexpr double fixed_unit = 1e6;
constexpr double longest_ms = 1e7;

constexpr unsigned has_values = 1;
constexpr unsigned has_loss = 2;
constexpr unsigned has_phases = 4;

std::int64_t fixed(float value) noexcept {
  const auto v = static_cast<double>(value);
  return std::isfinite(v) ? std::llround(std::clamp(v, 0.0, longest_ms) * fixed_unit) : 0;
}

std::int64_t add_saturated(std::int64_t a, std::int64_t b) noexcept {
  const auto most = std::numeric_limits<std::int64_t>::max();
  return a > most - b ? most : a + b;
}

void write(byte_writer& out, const fixed_sum& sum) {
  out.varint(sum.count);
  out.varint(static_cast<std::uint64_t>(sum.sum));
}

bool read(byte_reader& in, std::int64_t& out) {
  std::uint64_t number = 0;
  if (!in.varint(number) || number > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return false;
  }
  out = static_cast<std::int64_t>(number);
  return true;
}

bool read(byte_reader& in, fixed_sum& out) { return in.varint(out.count) && read(in, out.sum); }

/// False for parts that no probes come to: a quantile would not know its bounds.
bool is_possible(const rollup& values) noexcept {
  return values.succeeded <= values.probes && values.least <= values.most &&
         values.values.count() == values.value_ms.count;
}

} // namespace

measured_probe measured(const kind_shape& shape, probe_state state,
                        const column_values& values) noexcept {
  measured_probe probe;
  if (state == probe_state::own_fault) {
    return probe;
  }
  probe.success = state == probe_state::ok;
  const auto usable = [&](std::uint32_t column) -> std::optional<float> {
    const auto number = values.number(static_cast<std::size_t>(std::countr_zero(column)));
    return number && *number >= 0 ? number : std::nullopt;
  };
  if (shape.loss != 0) {
    probe.loss_percent = usable(shape.loss);
  }
  for (auto left = shape.phases; left != 0; left &= left - 1) {
    if (const auto ms = usable(left)) {
      probe.phases_ms.set(probe.phases, *ms);
    }
    ++probe.phases;
  }
  if (const auto ms = headline_ms(shape, values); ms && *ms >= 0) {
    probe.value_ms = ms;
  }
  return probe;
}

void fixed_sum::add(float value) noexcept {
  ++count;
  sum = add_saturated(sum, fixed(value));
}

void fixed_sum::merge(const fixed_sum& other) noexcept {
  count += other.count;
  sum = add_saturated(sum, other.sum);
}

std::optional<double> fixed_sum::mean() const noexcept {
  if (count == 0) {
    return std::nullopt;
  }
  return static_cast<double>(sum) / fixed_unit / static_cast<double>(count);
}

void rollup::add(const measured_probe& probe) {
  if (probe.success) {
    ++probes;
    succeeded += *probe.success ? 1U : 0U;
  }
  if (probe.value_ms) {
    const auto value = fixed(*probe.value_ms);
    least = value_ms.count == 0 ? value : std::min(least, value);
    most = std::max(most, value);
    value_ms.add(*probe.value_ms);
    values.add(static_cast<double>(value) / fixed_unit);
  }
  if (probe.loss_percent) {
    loss_percent.add(*probe.loss_percent);
  }
  if (phases_ms.size() < probe.phases) {
    phases_ms.resize(probe.phases);
  }
  for (auto left = probe.phases_ms.mask(); left != 0; left &= left - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(left));
    phases_ms[i].add(*probe.phases_ms.number(i));
  }
}

void rollup::merge(const rollup& other) {
  probes += other.probes;
  succeeded += other.succeeded;
  if (other.value_ms.count > 0) {
    least = value_ms.count == 0 ? other.least : std::min(least, other.least);
    most = std::max(most, other.most);
    value_ms.merge(other.value_ms);
    values.merge(other.values);
  }
  loss_percent.merge(other.loss_percent);
  phases_ms.resize(std::max(phases_ms.size(), other.phases_ms.size()));
  for (std::size_t i = 0; i < other.phases_ms.size(); ++i) {
    phases_ms[i].merge(other.phases_ms[i]);
  }
}

double rollup::min_ms() const noexcept { return static_cast<double>(least) / fixed_unit; }
double rollup::max_ms() const noexcept { return static_cast<double>(most) / fixed_unit; }

double rollup::quantile_ms(double q) const noexcept {
  if (q <= 0 || q >= 1) {
    return q <= 0 ? min_ms() : max_ms(); // these are exact
  }
  return std::clamp(values.quantile(q), min_ms(), max_ms());
}

std::string rollup::encode() const {
  const bool phases = std::ranges::any_of(phases_ms, [](const auto& p) { return p.count > 0; });
  std::string bytes;
  byte_writer out{bytes};
  out.varint(probes);
  out.varint(succeeded);
  out.byte((value_ms.count > 0 ? has_values : 0) | (loss_percent.count > 0 ? has_loss : 0) |
           (phases ? has_phases : 0));
  if (value_ms.count > 0) {
    write(out, value_ms);
    out.varint(static_cast<std::uint64_t>(least));
    out.varint(static_cast<std::uint64_t>(most));
    values.write(out);
  }
  if (loss_percent.count > 0) {
    write(out, loss_percent);
  }
  if (phases) {
    out.varint(phases_ms.size());
    for (const auto& phase : phases_ms) {
      write(out, phase);
    }
  }
  return bytes;
}

std::optional<rollup> rollup::decode(std::string_view bytes) {
  byte_reader in{bytes};
  rollup out;
  std::uint8_t there = 0;
  if (!in.varint(out.probes) || !in.varint(out.succeeded) || !in.byte(there)) {
    return std::nullopt;
  }
  if ((there & has_values) != 0 && (!read(in, out.value_ms) || !read(in, out.least) ||
                                    !read(in, out.most) || !out.values.read(in))) {
    return std::nullopt;
  }
  if ((there & has_loss) != 0 && !read(in, out.loss_percent)) {
    return std::nullopt;
  }
  if ((there & has_phases) != 0) {
    std::uint64_t count = 0;
    if (!in.varint(count) || count > max_kind_columns) {
      return std::nullopt;
    }
    out.phases_ms.resize(count);
    for (auto& phase : out.phases_ms) {
      if (!read(in, phase)) {
        return std::nullopt;
      }
    }
  }
  return is_possible(out) ? std::optional{std::move(out)} : std::nullopt;
}

} // namespace xprober
