#define CAF_SUITE target
#include "xprober/domain/target.hpp"
#include "xprober/domain/kind_table.hpp"

#include <array>
#include <set>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace target_suite {

using namespace xprober;

CAF_TEST(fields do not run into each other) {
  const std::set<std::uint64_t> hashes{
      stable_hash({"ab", "c", kinds::icmp()}), stable_hash({"a", "bc", kinds::icmp()}),
      stable_hash({"", "abc", kinds::icmp()}), stable_hash({"abc", "", kinds::icmp()}),
      stable_hash({"ab", "c", kinds::http()}),
  };
  CAF_CHECK_EQUAL(hashes.size(), 5u);
}

CAF_TEST(the text of a uid is the same in every process) {
  const target_uid uid{"cn-south", "10.1.2.3", kinds::icmp()};
  const auto text = uid_text(uid);
  CAF_CHECK_EQUAL(text.size(), 16u);
  CAF_CHECK(parse_uid_text(text) == stable_hash(uid));
  // Recorded once: a change would move the phase of every target and break links to its page.
  CAF_CHECK_EQUAL(text, "a17f0b6e97fe218c");
}

CAF_TEST(texts that are no uid) {
  for (const auto* text : {"", "12", "0123456789abcdeg", "0123456789abcdef0", "-123456789abcdef",
                           "0x23456789abcdef"}) {
    CAF_CHECK(!parse_uid_text(text));
  }
}

CAF_TEST(a module is known by its name) {
  const prober_name fast{"fast", &kinds::icmp()};
  CAF_CHECK_EQUAL(to_string(fast), "fast");
  CAF_CHECK(fast.kind() == &kinds::icmp());
  CAF_CHECK((fast == prober_name{"fast"}));
  CAF_CHECK(prober_name{"fast"}.kind() == nullptr);
  CAF_CHECK((fast != prober_name{"faster", &kinds::icmp()}));
  CAF_CHECK((fast != prober_name{kinds::icmp()}));
}

CAF_TEST(the names of the built in kinds are these) {
  const prober_name http{"http", &kinds::icmp()};
  CAF_CHECK(http.kind() == &kinds::http());
  CAF_CHECK((http == prober_name{kinds::http()}));
  CAF_CHECK(prober_name{}.kind() == nullptr);
  CAF_CHECK_EQUAL(prober_name{}.text(), "");
}

CAF_TEST(a kind that is not built in has its name too) {
  static const probe_kind toy{"toy", target_form::name, result_group::address, false, true, 0, {}};
  const prober_name name{toy};
  CAF_CHECK_EQUAL(name.text(), "toy");
  CAF_CHECK(name.kind() == &toy);
  CAF_CHECK((name == prober_name{"toy"}));
  CAF_CHECK(!may_hold_user(name));
}

CAF_TEST(what a target of an unknown kind is may hold a user) {
  CAF_CHECK(may_hold_user(prober_name{"module"}));
  CAF_CHECK(may_hold_user(kinds::http()));
  CAF_CHECK(!may_hold_user(kinds::icmp()));
}

CAF_TEST(a user is taken where it can be one) {
  const auto taken = [](const prober_name& type, std::string address) {
    const auto user = take_user(type, address);
    return user.value_or("-") + " " + address;
  };
  CAF_CHECK_EQUAL(taken(kinds::http(), "me@host/x"), "me host/x");
  CAF_CHECK_EQUAL(taken(kinds::dns(), "a.example@192.0.2.53"), "- a.example@192.0.2.53");
  CAF_CHECK_EQUAL(taken(kinds::icmp(), "host"), "- host");
  const prober_name module{"module"};
  CAF_CHECK_EQUAL(taken(module, "http://me@host/x"), "me http://host/x");
  CAF_CHECK_EQUAL(taken(module, "me:pw@host"), "me:pw host");
  CAF_CHECK_EQUAL(taken(module, "a.example@192.0.2.53:5353"), "- a.example@192.0.2.53:5353");
  CAF_CHECK_EQUAL(taken(module, "a.example@2001:db8::1"), "- a.example@2001:db8::1");
  CAF_CHECK_EQUAL(taken(module, "host:80/@x"), "- host:80/@x");
}

CAF_TEST(copies of a name outlive the first) {
  prober_name copy;
  prober_name moved;
  {
    const prober_name name{"a-name-that-is-longer-than-a-short-string", &kinds::http()};
    copy = name;
    prober_name other{name};
    moved = std::move(other);
  }
  const auto& same = copy;
  copy = same;
  CAF_CHECK_EQUAL(copy.text(), "a-name-that-is-longer-than-a-short-string");
  CAF_CHECK((moved == copy));
}

CAF_TEST(a module does not make a target larger) {
  CAF_CHECK_EQUAL(sizeof(prober_name), sizeof(void*));
  CAF_CHECK_EQUAL(sizeof(target_uid), 2 * sizeof(std::string) + sizeof(void*));
}

CAF_TEST(two modules on one address are two targets) {
  const target_uid one{"r", "a", prober_name{"one", &kinds::http()}};
  const target_uid two{"r", "a", prober_name{"two", &kinds::http()}};
  CAF_CHECK((one != two));
  CAF_CHECK(stable_hash(one) != stable_hash(two));
  CAF_CHECK(stable_hash(one) == stable_hash({"r", "a", prober_name{"one"}}));
  CAF_CHECK(stable_hash(one) != stable_hash({"r", "a", kinds::http()}));
}

CAF_TEST(names that a prober can have) {
  for (const auto* name : {"icmp", "http_2xx", "a", "A.b-c_9"}) {
    CAF_CHECK(is_prober_name(name));
  }
  for (const std::string& name :
       {std::string{}, std::string(65, 'a'), std::string{"a b"}, std::string{"a/b"},
        std::string{"\xC3\xA4"}, std::string("a\0", 2)}) {
    CAF_CHECK(!is_prober_name(name));
  }
  CAF_CHECK(is_prober_name(std::string(64, 'a')));
}

CAF_TEST(the user is taken out of a url) {
  const std::vector<std::array<std::string, 3>> cases{
      {"http://u:p@h:81/x@y", "http://h:81/x@y", "u:p"},
      {"https://a@b@h/", "https://h/", "a@b"},
      {"u:p@h/x", "h/x", "u:p"},
      {"http://u@[::1]:8/?a@b", "http://[::1]:8/?a@b", "u"},
      // Host and path behind a user stay host and path.
      {"u:p@http://x/", "http://http://x/", "u:p"},
      {"u:p@10.0.0.0/24", "http://10.0.0.0/24", "u:p"},
  };
  for (auto [url, rest, user] : cases) {
    CAF_CHECK((take_user_info(url) == std::optional{user}));
    CAF_CHECK_EQUAL(url, rest);
  }
  for (std::string url : {"http://h/x@y", "h?a@b", "h#@", "", "http://"}) {
    const auto before = url;
    CAF_CHECK(!take_user_info(url));
    CAF_CHECK_EQUAL(url, before);
  }
}

CAF_TEST(a user is sent without the escapes of its URL) {
  for (const auto& [written, sent] :
       std::vector<std::pair<std::string, std::string>>{{"user%40x:p%3Aw", "user@x:p:w"},
                                                        {"u:p", "u:p"},
                                                        {"u", "u:"},
                                                        {"u:", "u:"},
                                                        {":p", ":p"},
                                                        {"u:a:b", "u:a:b"},
                                                        {"u%3Av:p+q", "u:v:p+q"},
                                                        {"u:100%", "u:100%"}}) {
    CAF_CHECK_EQUAL(plain_user_info(written), sent);
  }
}

} // namespace target_suite
