// A port that tipcheck judges. Fill in build and forward; tipcheck_port.hpp answers the questions.
//   g++ -O2 -std=c++17 -o port port.cpp
//   npx tipcheck check-port "exec:./port" <bundle>
//   npx tipcheck judge "exec:./port" <bundle>
#include "tipcheck_port.hpp"

struct Net {
  tipcheck::Arrays weights;
};

/// Your network with these weights. Throw for one that is missing, unexpected or misshapen, and name it.
Net build(const tipcheck::Json& /*model*/, const tipcheck::Arrays& weights) { return {weights}; }

/// `draws` stand in place of random numbers of your own.
void forward(Net& /*net*/, const tipcheck::Array& /*image*/, const tipcheck::Arrays& /*draws*/,
             tipcheck::Probes& /*probe*/) {
  // For each layer: x = probe("backbone.patch_embed1.proj.0", convolve(x, …)); and at the end probe("logits", x).
}

int main() { return tipcheck::serve<Net>("plain C++", "1", build, forward); }
