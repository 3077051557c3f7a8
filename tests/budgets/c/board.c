// Start, and output through semihosting.

#include "board.h"

enum { WRITE0 = 4, EXIT = 0x18, STOPPED = 0x20026, FAILED = 0x20023 };

static void semihost(uint32_t operation, uintptr_t argument);

void print(const char *text) { semihost(WRITE0, (uintptr_t)text); }

static __attribute__((noreturn, used)) void run(void) {
    semihost(EXIT, main() == 0 ? STOPPED : FAILED);
    for (;;) {}
}

#ifdef __arm__

static void semihost(uint32_t operation, uintptr_t argument) {
    register uint32_t r0 __asm__("r0") = operation;
    register uintptr_t r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

static __attribute__((noreturn)) void start(void) {
#ifdef __ARM_FP
    *(volatile uint32_t *)0xe000ed88 |= 0xf << 20;
    __asm__ volatile("dsb\n isb");
#endif
    run();
}

extern char stack_top;
__attribute__((section(".start"), used)) static const void *const vectors[2] = {&stack_top, start};

#define RETURN "bx lr"

#else

__asm__(".section .start, \"ax\"\n"
        ".globl start\n"
        "start: la sp, stack_top\n"
        "li t0, 0x6000\n"
        "csrs mstatus, t0\n"
        "j run\n");

static __attribute__((noinline)) void semihost(uint32_t operation, uintptr_t argument) {
    register uint32_t a0 __asm__("a0") = operation;
    register uintptr_t a1 __asm__("a1") = argument;
    // The debugger looks at the instructions beside it: all of four bytes, on one page.
    __asm__ volatile(".balign 16\n .option push\n .option norvc\n"
                     "slli x0, x0, 0x1f\n ebreak\n srai x0, x0, 7\n"
                     ".option pop" : "+r"(a0) : "r"(a1) : "memory");
}

#define RETURN "ret"

#endif

__attribute__((naked)) void nothing(void *a, void *b, void *c, void *d, void *e) { __asm__ volatile(RETURN); }

__attribute__((naked)) void thousand(void *a, void *b, void *c, void *d, void *e) {
    __asm__ volatile(".rept 1000\n nop\n .endr\n" RETURN);
}
