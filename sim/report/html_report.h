// A run as one HTML page that needs nothing else: no script, no font, no address.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/report/measure.h"

namespace swarmcast::sim {

struct ReportHead {
  std::string title;
  std::string about;                // a sentence
  std::string command;              // that shows the same again
  std::vector<std::string> events;  // what was violated
};

// The figures in words, in the order of the table.
std::vector<std::pair<std::string, std::string>> summary_rows(const Summary& summary);

// The same for the same run, on every machine.
std::string html_report(const ReportHead& head, const Summary& summary, const Details& details);

}  // namespace swarmcast::sim
