// What an Arduino core does with a sketch: setup() once, loop() for ever, here 1000 times.
#include "Arduino.h"

#include SKETCH

int main() {
  setup();
  for (int i = 0; i < 1000; i++) loop();
  return 0;
}
