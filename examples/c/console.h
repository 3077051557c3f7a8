/* Where the examples print: host/console.c or board/startup.c. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C"
#endif
void print(const char *text);

/* `digits` hexadecimal digits. */
static inline void print_hex(uint64_t number, int digits)
{
    char text[17];
    text[digits] = 0;
    while (digits-- > 0) {
        text[digits] = "0123456789abcdef"[number & 15];
        number >>= 4;
    }
    print(text);
}

static inline void print_decimal(uint32_t number)
{
    char text[11];
    int at = 10;
    text[at] = 0;
    do {
        text[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    print(text + at);
}

#endif
