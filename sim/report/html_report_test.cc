#include "sim/report/html_report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <limits>

#include "sim/report/report_file.h"
#include "sim/report/svg.h"

namespace swarmcast::sim {
namespace {

size_t times(const std::string& text, const std::string& word) {
  size_t out = 0;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++out;
  return out;
}

void expect_sound(const std::string& page) {
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(page.ends_with("</html>\n"));
  for (const char* foreign :
       {"nan", "inf\"", "http", "src=", "url(", "@import", "<script", "<link"})
    EXPECT_EQ(page.find(foreign), std::string::npos) << foreign;
  for (const char* tag : {"svg", "p", "h2", "table", "text", "code", "ul", "title"}) {
    const std::string name = tag;
    EXPECT_EQ(times(page, "<" + name + " ") + times(page, "<" + name + ">"),
              times(page, "</" + name + ">"))
        << name;
  }
}

Details some_details() {
  Details d;
  d.delay_cdf = {0, 0, 0.5, 0.9, 0.99};
  d.depths = {2, 5, 20, 3};
  d.seconds = {{.viewers = 5, .watching = 4, .due = 100, .on_time = 80}, {}, {5, 5, 100, 100}};
  d.bytes = {1'000, 150, 20, 10, 5, 5};
  d.duplicate_bytes = 7;
  d.tree = {{0, {}, 0}, {1, 0, 1}, {2, 0, 1}, {3, 1, 2}, {5, {}, 0}};
  return d;
}

TEST(HtmlReportTest, HasAllPlotsAndNothingFromElsewhere) {
  const std::string page =
      html_report({.title = "t", .about = "a", .command = "swarmcast simulate"}, {.viewers = 5},
                  some_details());
  expect_sound(page);
  EXPECT_EQ(times(page, "<svg"), 5u);
  EXPECT_EQ(times(page, "<circle"), 4u);  // who has no parent is not in the tree
  EXPECT_NE(page.find("prefers-color-scheme: dark"), std::string::npos);
  EXPECT_NE(page.find("swarmcast simulate"), std::string::npos);
  EXPECT_NE(page.find("15.00 %"), std::string::npos);  // headers over pictures
  EXPECT_NE(page.find("no place"), std::string::npos);
}

TEST(HtmlReportTest, ARunThatShowedNothingIsAPageToo) {
  const std::string page = html_report({}, {}, {});
  expect_sound(page);
  EXPECT_EQ(times(page, "<svg"), 0u);
  EXPECT_NE(page.find("never"), std::string::npos);
}

TEST(HtmlReportTest, WhatIsNotANumberDoesNotShow) {
  const double nan = std::nan("");
  const double infinite = std::numeric_limits<double>::infinity();
  Details d = some_details();
  d.delay_cdf = {nan, infinite, -infinite};
  const std::string page = html_report({}, {.hops_mean = nan, .overhead = infinite}, d);
  expect_sound(page);
  EXPECT_EQ(number(nan, 2), "0.00");
  EXPECT_EQ(number(-1e300), "0");
}

TEST(HtmlReportTest, TextIsNoMarkup) {
  const std::string evil = "<script>alert('&\"')</script>";
  const std::string page = html_report(
      {.title = evil, .about = evil, .command = evil, .events = {evil}}, {}, some_details());
  expect_sound(page);
  EXPECT_EQ(times(page, "&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;"), 5u);
}

TEST(HtmlReportTest, WhoAdoptEachOtherDoNotHangIt) {
  expect_sound(html_report({}, {}, {.tree = {{1, 2, 3}, {2, 1, 3}, {3, 3, 1}, {4, 0, 1}}}));
}

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ReportFileTest, ReplacesAFileOnlyWhenItIsWritten) {
  const std::string path = testing::TempDir() + "/swarmcast_report_test.html";
  std::ofstream(path) << "something longer than the report";
  std::string why;
  auto file = ReportFile::open(path, why);
  ASSERT_TRUE(file) << why;
  EXPECT_EQ(content(path), "something longer than the report");
  EXPECT_TRUE(file->write("short", why)) << why;
  EXPECT_EQ(content(path), "short");
  std::remove(path.c_str());
}

TEST(ReportFileTest, WhatCannotBeWrittenIsSaidBefore) {
  for (const char* path : {"/nowhere/report.html", "/tmp", "/dev/null"}) {
    std::string why;
    EXPECT_FALSE(ReportFile::open(path, why)) << path;
    EXPECT_NE(why.find(path), std::string::npos) << why;
  }
}

}  // namespace
}  // namespace swarmcast::sim
