#define CAF_SUITE document_form

#include "xprober/web/document_form.hpp"

#include "xprober/domain/base64.hpp"
#include "xprober/net/secret_hash.hpp"
#include "xprober/web/site.hpp"

#include "caf/test/unit_test.hpp"

namespace document_form_suite {

using namespace xprober;
using web::fill_document;

CAF_TEST(texts come into their places and are escaped) {
  CAF_CHECK_EQUAL(fill_document("<p a=\"@A_B@\">@C@ @A_B@</p>\n", {{"A_B", "\"<"}, {"C", "&"}}),
                  "<p a=\"&quot;&lt;\">&amp; &quot;&lt;</p>\n");
  CAF_CHECK_EQUAL(fill_document("no names", {{"A", "x"}}), "no names");
  CAF_CHECK_EQUAL(fill_document("", {{"A", "x"}}), "");
}

CAF_TEST(a text names nothing and neither does what is no name) {
  CAF_CHECK_EQUAL(fill_document("@A@ @B@", {{"A", "@B@"}, {"B", "b"}}), "@B@ b");
  CAF_CHECK_EQUAL(fill_document("@@A@@ @media @a@ @C@ a@", {{"A", "x"}}), "@x@ @media @a@ @C@ a@");
}

CAF_TEST(a line is left out where a text of it is empty) {
  const std::string_view document = "first\n<p>@A@ @B@</p>\n@B@\nlast @A@";
  CAF_CHECK_EQUAL(fill_document(document, {{"A", ""}, {"B", "b"}}), "first\nb\n");
  CAF_CHECK_EQUAL(fill_document(document, {{"A", "a"}, {"B", ""}}), "first\nlast a");
}

CAF_TEST(documents that stand apart load nothing and their style is the one that is allowed) {
  for (const auto page : {web::apart_page::sign_in, web::apart_page::error}) {
    const auto text = web::apart_document(page);
    CAF_CHECK(text.starts_with("<!DOCTYPE html>\n"));
    for (const auto* loads :
         {"src=", "<link", "<script", " style=", "url(", "@import", "@STYLE@"}) {
      CAF_MESSAGE(loads);
      CAF_CHECK(text.find(loads) == text.npos);
    }
    constexpr std::string_view mark = "<style>";
    const auto begin = text.find(mark);
    if (begin == text.npos) {
      CAF_CHECK_EQUAL(web::apart_style(), "'none'"); // a build without node
      continue;
    }
    const auto style = text.substr(begin + mark.size());
    const auto hash = net::hash_secret(style.substr(0, style.find("</style>")));
    CAF_CHECK_EQUAL(web::apart_style(),
                    "'sha256-" + base64(std::string{hash.begin(), hash.end()}) + "'");
  }
}

} // namespace document_form_suite
