// The network of tiny-bundle.ts, with tipcheck_port.hpp: y = 2 · image, z = y + 1, logits = z².
#include <cstdio>

#include "tipcheck_port.hpp"

struct Net {
  float weight;
};

Net build(const tipcheck::Json& model, const tipcheck::Arrays& weights) {
  if (model["type"].string != "Tiny \"é😀\n") throw std::runtime_error("the model is " + model["type"].string);
  if (model["sizes"].items.size() != 2 || model["sizes"].items[1].value != -1.5) throw std::runtime_error("sizes");
  if (weights.at("layer.weight").shape.size() != 2) throw std::runtime_error("shape");
  return {weights.at("layer.weight").data[1]};
}

void forward(Net& net, const tipcheck::Array& image, const tipcheck::Arrays&, tipcheck::Probes& probe) {
  std::printf("a library that prints\n");
  std::fflush(stdout);
  const auto layer = [&](const char* name, tipcheck::Array x, auto of) {
    for (float& value : x.data) value = of(value);
    return probe(name, x);
  };
  auto y = layer("y", image, [&](float value) { return net.weight * value; });
  auto z = layer("z", y, [](float value) { return value + 1; });
  layer("logits", z, [](float value) { return value * value; });
}

int main() { return tipcheck::serve<Net>("C++", "17", build, forward); }
