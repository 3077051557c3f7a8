// A stand-in for an Arduino core, as far as the example sketch needs one: what a board would send over its serial line is printed.
#pragma once

#include "console.h"

struct Line {
  void begin(long) {}
  void print(char letter) { const char text[2] = {letter, 0}; ::print(text); }
  void print(const char *text) { ::print(text); }
  void print(float number, int digits) {
    if (number < 0) {
      print('-');
      number = -number;
    }
    print_decimal(static_cast<uint32_t>(number));
    print('.');
    for (number -= static_cast<float>(static_cast<uint32_t>(number)); digits > 0; digits--) {
      number *= 10.0f;
      const uint32_t digit = static_cast<uint32_t>(number);
      print(static_cast<char>('0' + digit));
      number -= static_cast<float>(digit);
    }
  }
  void println(const char *text) { print(text); print('\n'); }
  void println(float number, int digits) { print(number, digits); print('\n'); }
};

static Line Serial;
