// Speaks tipcheck-port/1 (docs/port-protocol.md) for a port of inference in C++17. It needs the standard library and
// POSIX. It is yours: change what you like. Whatever prints goes to stderr: stdout belongs to the answers.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tipcheck {

/// float32, in C order.
struct Array {
  std::vector<std::size_t> shape;
  std::vector<float> data;
};
using Arrays = std::map<std::string, Array>;

struct Json {
  enum Kind { null, boolean, number, text, list, object } kind = null;
  double value = 0;  // of a number, or 0 and 1
  std::string string;
  std::vector<Json> items;
  std::map<std::string, Json> members;

  const Json& operator[](const std::string& name) const {
    const auto found = members.find(name);
    if (found == members.end()) throw std::runtime_error("it lacks " + name);
    return found->second;
  }
};

class JsonReader {
 public:
  explicit JsonReader(const std::string& text) : text_(text) {}
  Json read() {
    Json found = value(0);
    if (peek() != 0) fail();
    return found;
  }

 private:
  const std::string& text_;
  std::size_t at_ = 0;

  [[noreturn]] void fail() { throw std::runtime_error("its JSON cannot be read at character " + std::to_string(at_)); }
  char peek() {
    while (at_ < text_.size() && std::strchr(" \t\r\n", text_[at_]) != nullptr) ++at_;
    return at_ < text_.size() ? text_[at_] : 0;
  }
  void take(char wanted) {
    if (peek() != wanted) fail();
    ++at_;
  }
  bool takes(const char* word) {
    if (text_.compare(at_, std::strlen(word), word) != 0) return false;
    at_ += std::strlen(word);
    return true;
  }
  Json value(int depth) {
    if (depth > 100) fail();
    Json found;
    const char first = peek();
    if (first == '{' || first == '[') {
      const char last = first == '{' ? '}' : ']';
      found.kind = first == '{' ? Json::object : Json::list;
      ++at_;
      for (bool more = peek() != last; more; more = peek() == ',' && ++at_ > 0) {
        if (first == '[') {
          found.items.push_back(value(depth + 1));
          continue;
        }
        const std::string name = string();
        take(':');
        found.members[name] = value(depth + 1);
      }
      take(last);
    } else if (first == '"') {
      found.kind = Json::text;
      found.string = string();
    } else if (takes("true") || takes("false")) {
      found.kind = Json::boolean;
      found.value = text_[at_ - 2] == 'u';
    } else if (!takes("null")) {
      char* end = nullptr;
      found.kind = Json::number;
      found.value = std::strtod(text_.c_str() + at_, &end);
      if (end == text_.c_str() + at_) fail();
      at_ = static_cast<std::size_t>(end - text_.c_str());
    }
    return found;
  }
  std::string string() {
    take('"');
    std::string found;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] != '\\') {
        found += text_[at_++];
        continue;
      }
      if (++at_ >= text_.size()) fail();
      const char escaped = text_[at_++];
      if (escaped != 'u') {
        const std::size_t place = std::string("bfnrt").find(escaped);
        found += place == std::string::npos ? escaped : "\b\f\n\r\t"[place];
        continue;
      }
      unsigned code = hex();
      if (code >= 0xd800 && code < 0xdc00 && takes("\\u")) code = 0x10000 + ((code - 0xd800) << 10) + (hex() - 0xdc00);
      encode(code, found);
    }
    take('"');
    return found;
  }
  unsigned hex() {
    const std::string digits = text_.substr(std::min(at_, text_.size()), 4);
    if (digits.size() < 4 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) fail();
    at_ += 4;
    return static_cast<unsigned>(std::stoul(digits, nullptr, 16));
  }
  static void encode(unsigned code, std::string& found) {
    const auto byte = [&found](unsigned bits) { found += static_cast<char>(bits); };
    if (code < 0x80) return byte(code);
    if (code < 0x800) {
      byte(0xc0 | code >> 6);
    } else {
      if (code < 0x10000) {
        byte(0xe0 | code >> 12);
      } else {
        byte(0xf0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3f));
      }
      byte(0x80 | (code >> 6 & 0x3f));
    }
    byte(0x80 | (code & 0x3f));
  }
};

inline std::string quote(const std::string& text) {
  std::string found = "\"";
  for (const char one : text) {
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(one)));
    if (one == '"' || one == '\\') found += std::string("\\") + one;
    else if (static_cast<unsigned char>(one) < 0x20) found += escape;
    else found += one;
  }
  return found + "\"";
}

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

inline std::uint64_t little(const std::string& bytes, std::size_t at, int count) {
  if (at + static_cast<std::size_t>(count) > bytes.size()) throw std::runtime_error("a file ends too early");
  std::uint64_t found = 0;
  for (auto i = at + static_cast<std::size_t>(count); i > at; --i)
    found = found << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return found;
}

/// A .npy of float32, little-endian and in C order, as tipcheck writes it.
inline Array parse_npy(const std::string& bytes, const std::string& name) {
  const int wide = bytes.size() > 6 && bytes[6] > 1 ? 4 : 2;
  const std::size_t start = 8 + static_cast<std::size_t>(wide) + little(bytes, 8, wide);
  const std::string header = bytes.substr(0, start);
  const std::size_t open = header.find('(', header.find("'shape'")), close = header.find(')', open);
  const auto lacks = [&header](const char* part) { return header.find(part) == std::string::npos; };
  if (lacks("'<f4'") || lacks("False") || close == std::string::npos)
    throw std::runtime_error(name + " is no .npy of float32 in C order");
  Array found;
  std::size_t count = 1;
  for (std::size_t at = open + 1; at < close;) {
    char* end = nullptr;
    const unsigned long side = std::strtoul(header.c_str() + at, &end, 10);
    const std::size_t next = static_cast<std::size_t>(end - header.c_str());
    if (next == at) break;
    found.shape.push_back(side);
    count *= side;
    at = next + 1;
  }
  if (bytes.size() < start + 4 * count) throw std::runtime_error(name + " ends too early");
  found.data.resize(count);
  std::memcpy(found.data.data(), bytes.data() + start, 4 * count);
  return found;
}

/// An .npz that is not compressed, as tipcheck writes it.
inline Arrays read_npz(const std::string& path) {
  const std::string bytes = read_file(path);
  const std::size_t end = bytes.rfind("PK\5\6");
  if (end == std::string::npos) throw std::runtime_error(path + " is no zip");
  Arrays found;
  std::size_t at = little(bytes, end + 16, 4);
  for (auto left = little(bytes, end + 10, 2); left > 0; --left) {
    const auto size = little(bytes, at + 24, 4), length = little(bytes, at + 28, 2), local = little(bytes, at + 42, 4);
    if (little(bytes, at + 10, 2) != 0 || size == 0xffffffff)
      throw std::runtime_error(path + " is compressed, or has 4 GiB or more");
    std::string name = bytes.substr(at + 46, length);
    if (name.size() > 4 && name.substr(name.size() - 4) == ".npy") name.resize(name.size() - 4);
    const std::size_t start = local + 30 + little(bytes, local + 26, 2) + little(bytes, local + 28, 2);
    found[name] = parse_npy(bytes.substr(start, size), name);
    at += 46 + length + little(bytes, at + 30, 2) + little(bytes, at + 32, 2);
  }
  return found;
}

inline void write_npy(const std::string& path, const Array& array) {
  std::string shape;
  for (const auto side : array.shape) shape += std::to_string(side) + ",";
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
  header.resize((header.size() + 11 + 63) / 64 * 64 - 11, ' ');
  header += '\n';
  std::ofstream file(path, std::ios::binary);
  file << "\x93NUMPY" << '\1' << '\0' << static_cast<char>(header.size() & 0xff);
  file << static_cast<char>(header.size() >> 8) << header;
  file.write(reinterpret_cast<const char*>(array.data.data()), static_cast<std::streamsize>(4 * array.data.size()));
  if (!file) throw std::runtime_error("cannot write " + path);
}

inline Arrays read_arrays(const Json& paths) {
  Arrays found;
  for (const auto& [name, path] : paths.members) found[name] = parse_npy(read_file(path.string), name);
  return found;
}

/// What one forward is asked to record and to replace. `x = probe("backbone.norm1", x)` does both, in that order.
class Probes {
 public:
  explicit Probes(const Json& question)
      : replace_(read_arrays(question["replace"])), folder_(question["folder"].string) {
    for (const auto& name : question["probes"].items) wanted_.insert(name.string);
  }

  /// @param value NCHW. @returns what is to be computed with in its place
  Array operator()(const std::string& name, Array value) {
    const Array own = value;
    for (const std::string& asked : {name, name + "#" + std::to_string(++calls_[name])}) {
      if (wanted_.count(asked) != 0) {
        paths_[asked] = folder_ + "/" + std::to_string(paths_.size()) + ".npy";
        write_npy(paths_[asked], own);
      }
      if (replace_.count(asked) != 0) value = replace_[asked];
    }
    return value;
  }

  std::string answer() const {
    std::string found;
    for (const auto& [name, path] : paths_) found += (found.empty() ? "" : ", ") + quote(name) + ": " + quote(path);
    return "\"probes\": {" + found + "}";
  }

 private:
  std::set<std::string> wanted_;
  Arrays replace_;
  std::string folder_;
  std::map<std::string, int> calls_;
  std::map<std::string, std::string> paths_;
};

/// Answers tipcheck's questions until it asks no more; what `main` returns.
/// @param build makes your network of the `model:` section of the yml and of weights with Paddle's names and layouts
/// @param forward one forward in evaluation mode, of an image [b, 3, h, w]; it gives "logits" to `probe` at its end
template <class Net>
int serve(const std::string& engine, const std::string& version,
          const std::function<Net(const Json& model, const Arrays& weights)>& build,
          const std::function<void(Net&, const Array& image, const Arrays& draws, Probes& probe)>& forward) {
  std::FILE* answers = fdopen(dup(1), "w");
  dup2(2, 1);
  std::unique_ptr<Net> net;
  const auto act = [&](const Json& question) -> std::string {
    const std::string& op = question["op"].string;
    if (op == "hello") {
      if (question["device"].string == "gpu") throw std::runtime_error("this port computes on the CPU");
      return "\"engine\": " + quote(engine) + ", \"version\": " + quote(version) +
             ", \"device\": \"cpu\", \"provider\": \"none\", \"capabilities\": [\"infer\", \"replace\"]";
    }
    if (op == "load") net = std::make_unique<Net>(build(question["model"], read_npz(question["weights"].string)));
    else if (op == "dispose") net.reset();
    else if (op != "infer") throw std::runtime_error("this port has no answer to " + op);
    if (op != "infer") return "";
    Probes probe(question);
    forward(*net, parse_npy(read_file(question["image"].string), "image"), read_arrays(question["draws"]), probe);
    return probe.answer();
  };
  for (std::string line; std::getline(std::cin, line);) {
    std::string answer;
    try {
      const Json question = JsonReader(line).read();
      if (question["op"].string == "close") break;
      const std::string said = act(question);
      answer = "{\"ok\": true" + (said.empty() ? "" : ", " + said) + "}";
    } catch (const std::exception& error) {
      answer = "{\"ok\": false, \"error\": " + quote(error.what()) + "}";
    }
    std::fprintf(answers, "%s\n", answer.c_str());
    std::fflush(answers);
  }
  return 0;
}

}  // namespace tipcheck
