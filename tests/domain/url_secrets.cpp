#define CAF_SUITE url_secrets
#include "xprober/domain/url_secrets.hpp"

#include <array>
#include <string>
#include <vector>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/domain/target_text.hpp"

#include "caf/test/unit_test.hpp"

namespace url_secrets_suite {

using namespace xprober;

CAF_TEST(names of parameters that are secrets) {
  for (const auto* name : {"token", "access_token", "ACCESS-TOKEN", "api_key", "apikey", "key",
                           "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "sig",
                           "client_secret", "password", "db.password", "to%6Ben", "sid", "jwt"}) {
    CAF_CHECK(is_secret_parameter(name));
  }
  for (const auto* name : {"", "q", "keyword", "monkey", "tokens", "author", "passenger", "side",
                           "design", "page", "keys"}) {
    CAF_CHECK(!is_secret_parameter(name));
  }
}

CAF_TEST(values of secrets are hidden and nothing else is) {
  const std::vector<std::array<std::string, 3>> cases{
      {"http://h/p?token=abc", "http://h/p?token=***", "token=abc"},
      {"http://h/p?a=1&token=abc&b=2#f?key=x", "http://h/p?a=1&token=***&b=2#f?key=x",
       "a=1&token=abc&b=2"},
      {"h?key=a=b;pwd=c&&", "h?key=***;pwd=***&&", "key=a=b;pwd=c&&"},
      {"?sig=%20", "?sig=***", "sig=%20"},
  };
  for (auto [url, shown, query] : cases) {
    CAF_CHECK((hide_query_secrets(url) == std::optional{query}));
    CAF_CHECK_EQUAL(url, shown);
  }
  for (std::string url : {"", "http://h/", "http://h/token=a", "http://h/?token",
                          "http://h/?token=", "http://h/?q=token=a", "http://h/#?token=a", "?"}) {
    const auto before = url;
    CAF_CHECK(!hide_query_secrets(url));
    CAF_CHECK_EQUAL(url, before);
  }
  CAF_CHECK_EQUAL(shown_url("https://u:p@h/w?apikey=1&x=2"), "https://h/w?apikey=***&x=2");
}

CAF_TEST(a target is named without its secrets and engines get them) {
  const auto taken = [](const prober_name& type, std::string address) {
    const auto secret = take_user(type, address);
    return secret.value_or("-") + " " + address;
  };
  const prober_name module{"module"};
  for (const auto& type : {prober_name{kinds::http()}, module}) {
    CAF_CHECK_EQUAL(taken(type, "http://h/?token=a&b=c"), "?token=a&b=c http://h/?token=***&b=c");
    CAF_CHECK_EQUAL(taken(type, "http://u:p@h/?key=a"), "u:p?key=a http://h/?key=***");
    CAF_CHECK_EQUAL(taken(type, "h/?key=a"), "?key=a h/?key=***");
    CAF_CHECK_EQUAL(taken(type, "http://h/?a=b"), "- http://h/?a=b");
  }
  CAF_CHECK_EQUAL(taken(kinds::dns(), "a.example"), "- a.example");
}

CAF_TEST(what was asked for is taken out of what is answered) {
  const auto told = [](const std::string& url, const std::string& shown, const std::string& text) {
    return without_secrets(text, secrets_of_url(url, shown));
  };
  const std::string url = "https://me:pass%20word@h/list/of/targets?token=a%2Bbcd&x=visible&k=1#f";
  const auto query = [&](const std::string& text) { return told(url, shown_url(url), text); };
  CAF_CHECK_EQUAL(query("see <a href=\"https://g/?next=/list&amp;token=a%2Bbcd\">"),
                  "see <a href=\"https://g/?next=/list&amp;token=***\">");
  CAF_CHECK_EQUAL(query("a+bcd and pass word, a+bcd, pass%20word"), "*** and ***, ***, ***");
  CAF_CHECK_EQUAL(query("/list/of/targets?token=a%2Bbcd&x=visible&k=1"), "***");
  CAF_CHECK_EQUAL(query("no targets at h for me, visible: 1"),
                  "no targets at h for me, visible: 1");
  // Of a webhook nothing is shown.
  const std::string hook = "https://hooks.example/services/T0000000/B0000000/XXYYZZXXYYZZ";
  CAF_CHECK_EQUAL(
      told(hook, "that of team", "not here: //g/services/T0000000/B0000000/XXYYZZXXYYZZ"),
      "not here: //g***");
  CAF_CHECK_EQUAL(told(hook, "that of team", "no service B0000000"), "no service ***");
  for (const auto* nothing : {"", "h", "http://h", "http://h/", "http://h?", "http://u@h/?a=&=b"}) {
    CAF_CHECK(secrets_of_url(nothing, "").empty());
  }
  CAF_CHECK_EQUAL(without_secrets("a text", {}), "a text");
}

CAF_TEST(messages hide them too) {
  CAF_CHECK_EQUAL(without_user("http://h:x/?token=abc"), "http://h:x/?token=***");
  CAF_CHECK_EQUAL(without_user("http://me:p@h/?token=ab"), "http://...@h/?token=***");
  CAF_CHECK_EQUAL(without_user("http://me:p@h/?token=a@b"), "http://...");
  CAF_CHECK_EQUAL(without_user("http://me:p?token=w@h/"), "http://...");
}

} // namespace url_secrets_suite
