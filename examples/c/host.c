/* The console of a machine with an operating system. */
#include "console.h"

#include <stdio.h>

void print(const char *text)
{
    fputs(text, stdout);
}
