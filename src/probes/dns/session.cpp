#include "xprober/probes/dns/session.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <boost/asio/error.hpp>

#include "xprober/domain/address.hpp"
#include "xprober/domain/dns_names.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/target_text.hpp"
#include "xprober/probes/stream/faults.hpp"

namespace xprober::dns_query {

using stream::error_code;
using stream::task;

namespace {

namespace column = kinds::dns_column;

constexpr std::uint16_t plain_port = 53;
constexpr std::uint16_t tls_port = 853; // RFC 7858, section 3.1
constexpr std::size_t max_records_told = 20;

question question_of(const dns_probe_config& config) {
  const auto type = parse_dns_type(config.query_type);
  if (!type) {
    throw std::runtime_error("dns.query_type: '" + config.query_type +
                             "' is not a record type; allowed are names such as A, AAAA and MX, "
                             "and numbers from 1 to 65535");
  }
  const auto klass = parse_dns_class(config.query_class);
  if (!klass) {
    throw std::runtime_error("dns.query_class: '" + config.query_class +
                             "' is not a class; allowed are IN, CH, HS, NONE, ANY and numbers "
                             "from 1 to 65535");
  }
  return {"", *type, *klass};
}

// RFC 2181, section 8: what has the top bit counts as 0.
std::uint32_t lifetime_of(const record& one) noexcept {
  return (one.ttl & 0x80000000U) == 0 ? one.ttl : 0;
}

} // namespace

probe_settings::probe_settings(const dns_probe_config& from, const resolver_config& resolver)
    : config(from), what(question_of(from)), checks(from),
      server(std::make_shared<system_server>(resolver.servers)) {
  if (config.dns_over_tls) {
    tls.emplace(stream::tls_options_of(config.tls_config, "dns.tls_config"));
  }
}

session::session(const stream::services& use, std::shared_ptr<const probe_settings> settings,
                 stream::job&& work)
    : stream::session(use, std::move(work), settings->config.timeout),
      settings_(std::move(settings)), socket_(use.executor) {}

void session::cut() {
  socket_.close();
  stream::session::cut();
}

std::string session::server_text() const { return to_string(server_); }

// Reads the target and writes the query; false with the outcome set.
bool session::prepare() {
  whom_ = request().target->uid.address;
  std::string problem;
  const auto target = parse_name_target(whom_, problem);
  if (!target) {
    return fail_target(problem);
  }
  auto asked = target;
  if (!asked->server) {
    server_named_by_ = stream::named_by::configuration;
    asked = parse_name_target(".@" + settings_->server->name(), problem);
    if (!asked) {
      return fail(probe_error::local_send,
                  whom_ + ": the system's name server cannot be used: " + problem);
    }
  }
  const auto usual = settings_->tls ? tls_port : plain_port;
  server_ = {asked->server->whole(), asked->port == 0 ? usual : asked->port};
  what_ = settings_->what;
  what_.name = target->name;
  id_ = static_cast<std::uint16_t>(::arc4random());
  auto query = make_query(id_, what_, settings_->config.recursion_desired);
  if (!query) {
    return fail(probe_error::bad_target,
                whom_ + ": a name is at most 255 bytes of labels of 1 to 63 bytes");
  }
  query_ = std::move(*query);
  // As it will be read back, whatever the operator writes by its number or without a backslash.
  what_.name = read_message(query_)->asked->name;
  return true;
}

task<void> session::probe() {
  if (!prepare()) {
    co_return;
  }
  const auto& config = settings_->config;
  const stream::family_wish wish{config.preferred_ip_protocol, config.ip_protocol_fallback};
  bool ok = true;
  if (settings_->tls) {
    ok = co_await made(*settings_->tls, whom_);
  }
  if (ok) {
    ok = co_await find(server_.host, wish, whom_, column::resolve, server_named_by_);
  }
  if (!ok) {
    co_return;
  }
  over_tcp_ = config.dns_over_tls || config.transport_protocol == dns_transport::tcp;
  if (over_tcp_) {
    ok = co_await connect_stream();
  } else {
    ok = connect_datagram();
  }
  if (ok) {
    ok = co_await ask();
  }
  if (!ok) {
    co_return;
  }
  if (auto wrong = settings_->checks.judge(*answer_)) {
    fail(wrong->error, whom_ + ": " + wrong->detail);
    co_return;
  }
  outcome_.success = true;
}

task<bool> session::connect_stream() {
  const auto since = monotonic_clock::now();
  const auto fault = co_await dialer_.connect(server_.port, weak_from_this());
  outcome_.address = dialer_.address();
  if (aborted()) {
    co_return fail_over(whom_, "connect", probe_error::connect_timeout);
  }
  if (!fault.is_none()) {
    // Where it stood and was reset at once the handshake would have met that a moment later.
    const bool in_handshake = settings_->tls && fault.error == probe_error::reset;
    co_return fail(in_handshake ? probe_error::tls_failed : fault.error,
                   whom_ + ": " + fault.detail);
  }
  if (settings_->tls) {
    const auto& named = settings_->config.tls_config.server_name;
    const bool ok = co_await secure(*settings_->tls, named.empty() ? server_.host : named, whom_,
                                    column::connect);
    if (!ok) {
      co_return false;
    }
  }
  phase_done(column::connect, monotonic_clock::now() - since);
  co_return true;
}

/// With the next of the addresses that one can be made for.
bool session::connect_datagram() {
  const auto since = monotonic_clock::now();
  const auto& addresses = dialer_.answer()->addresses;
  while (next_address_ < addresses.size()) {
    const stream::endpoint to{addresses[next_address_++], server_.port};
    outcome_.address = to.address().to_string();
    const auto error = socket_.connect(to.address(), to.port());
    if (!error) {
      ++use_.counters.connections;
      time_.guard(time_.deadline(), weak_from_this());
      phase_done(column::connect, monotonic_clock::now() - since);
      return true;
    }
    failed_.add(error, to, std::nullopt, use_.counters);
  }
  outcome_.address = failed_.address();
  return fail(failed_.fault(), whom_ + ": " + failed_.detail(addresses.size()));
}

task<bool> session::ask() {
  if (story_.wants_lines()) {
    story_.line("Making DNS query", {{"server", server_text()},
                                     {"name", what_.name},
                                     {"type", dns_type_text(what_.type)},
                                     {"transport", over_tcp_ ? "tcp" : "udp"}});
  }
  const auto since = monotonic_clock::now();
  bool ok = false;
  if (!over_tcp_) {
    ok = co_await ask_datagram();
    if (ok && answer_->truncated && settings_->config.tcp_fallback) {
      story_.line("The answer was truncated: asking over TCP");
      const auto phase = outcome_.values.number(column::connect);
      over_tcp_ = true;
      answer_.reset();
      ok = co_await connect_stream();
      outcome_.values.set(column::connect, phase.value_or(0)); // the second is of the request
      if (ok) {
        ok = co_await ask_stream();
      }
    }
  } else {
    ok = co_await ask_stream();
  }
  if (!ok) {
    co_return false;
  }
  if (answer_->truncated) {
    co_return fail(probe_error::dns_truncated,
                   whom_ + ": the answer was truncated" +
                       (over_tcp_ ? " over TCP" : ", and tcp_fallback is false"));
  }
  phase_done(column::request, monotonic_clock::now() - since);
  if (story_.wants_lines()) {
    story_.line("Got response", {{"rcode", dns_rcode_text(answer_->rcode)},
                                 {"answers", std::to_string(answer_->answers.size())}});
  }
  co_return true;
}

/// False where a question that nobody answered, or that could not be sent, never left this machine.
bool session::has_left(monotonic_time since) {
  const auto kept_back = use_.neighbours.kept_back(boost::asio::ip::make_address(outcome_.address),
                                                   since, monotonic_clock::now());
  if (kept_back.empty()) {
    return true;
  }
  ++use_.counters.neighbours_full;
  return fail(probe_error::local_overload, whom_ + ": " + server_text() + ": " + kept_back);
}

task<bool> session::ask_datagram() {
  for (;;) {
    const auto since = monotonic_clock::now();
    auto error = socket_.send(query_);
    // Over IPv6 the kernel says EINVAL of a full table.
    if (error && !has_left(since)) {
      co_return false;
    }
    const std::string_view doing = error ? "sending: " : "";
    while (!error) {
      const auto got = co_await socket_.receive();
      if (is_over()) {
        co_return (aborted() || has_left(since)) &&
            fail_over(whom_, "request", probe_error::deadline);
      }
      error = got.error;
      // What answers another question came too late or is forged: the right one may still come.
      if (!error && take(got.bytes)) {
        co_return true;
      }
    }
    if (dialer_.answer()->addresses.size() == 1) {
      co_return fail_stream(error, std::string{doing});
    }
    // As a connection that is refused: another address may be one where somebody listens.
    failed_.add(error, {dialer_.answer()->addresses[next_address_ - 1], server_.port}, std::nullopt,
                use_.counters);
    if (!connect_datagram()) {
      co_return false;
    }
  }
}

task<bool> session::ask_stream() {
  // RFC 1035, section 4.2.2: the length before each message.
  std::string bytes;
  bytes += static_cast<char>(query_.size() >> 8U);
  bytes += static_cast<char>(query_.size() & 0xFFU);
  bytes.append(query_.begin(), query_.end());
  const auto error = co_await connection_.write(bytes);
  if (is_over()) {
    co_return fail_over(whom_, "request", probe_error::deadline);
  }
  if (error) {
    co_return fail_stream(error, "sending: ");
  }
  std::array<std::uint8_t, 2> head;
  bool ok = co_await read_exactly(head);
  if (!ok) {
    co_return false;
  }
  std::vector<std::uint8_t> body(std::size_t{head[0]} << 8U | head[1]);
  ok = co_await read_exactly(body);
  if (!ok) {
    co_return false;
  }
  if (!take(body)) {
    co_return fail(probe_error::dns_malformed, whom_ + ": what came from " + server_text() +
                                                   " is not an answer to the question");
  }
  co_return true;
}

task<bool> session::read_exactly(std::span<std::uint8_t> into) {
  std::vector<char> part(into.size());
  std::size_t at = 0;
  while (at < into.size()) {
    const auto got = co_await connection_.read(std::span{part}.subspan(at));
    if (is_over()) {
      co_return fail_over(whom_, "request", probe_error::deadline);
    }
    if (got.error) {
      co_return fail_stream(got.error, "reading: ");
    }
    at += got.bytes;
  }
  std::ranges::transform(part, into.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  co_return true;
}

// True if it is the answer to our question.
bool session::take(std::span<const std::uint8_t> bytes) {
  if (!over_tcp_) {
    input_.add(std::as_bytes(bytes));
  }
  if (!answers_query(bytes, id_)) {
    return false;
  }
  auto read = read_message(bytes);
  if (!read) {
    return false;
  }
  // A server that cannot even read a question leaves it out (RFC 1035, section 4.1.1, FORMERR).
  if (read->asked ? read->asked->type != what_.type || read->asked->klass != what_.klass ||
                        !same_name(read->asked->name, what_.name)
                  : read->rcode == 0) {
    return false;
  }
  answer_ = std::move(read);
  answer_bytes_ = bytes.size();
  return true;
}

bool session::fail_stream(const error_code& error, const std::string& what) {
  const auto& tls = connection_.tls_error().text;
  if (!tls.empty()) {
    return fail(probe_error::tls_failed, whom_ + ": " + server_text() + ": " + what + tls);
  }
  const bool datagram = !over_tcp_;
  const auto fault = datagram ? stream::connect_fault(error) : stream::stream_fault(error);
  return fail(fault, whom_ + ": " + server_text() + ": " + what + error.message());
}

void session::measured(bool ok) {
  auto details = std::make_shared<dns_details>();
  details->server = server_.host.empty() ? std::string{} : server_text();
  details->over_tcp = over_tcp_;
  if (report().seen) {
    details->tls = std::make_shared<const tls_summary>(report().summary);
  }
  if (answer_) {
    details->authoritative = answer_->authoritative;
    for (const auto& one : answer_->answers) {
      if (details->records.size() < max_records_told) {
        details->records.push_back(one.text());
      }
    }
  }
  outcome_.details = std::move(details);
  if (!answer_ || !ok) {
    return;
  }
  auto& values = outcome_.values;
  values.set_whole(column::answers, answer_->answers.size());
  values.set_whole(column::authorities, answer_->authorities.size());
  values.set_whole(column::additionals, answer_->additionals.size());
  values.set_whole(column::rcode, answer_->rcode);
  values.set_whole(column::answer_bytes, answer_bytes_);
  if (const auto lowest = std::ranges::min_element(answer_->answers, {}, lifetime_of);
      lowest != answer_->answers.end()) {
    values.set_whole(column::lowest_ttl, lifetime_of(*lowest));
  }
  for (const auto& one : answer_->answers) {
    if (one.type == type_soa) {
      values.set_whole(column::serial, one.serial);
    }
  }
}

} // namespace xprober::dns_query
