/* What a Cortex-M needs before main(), and semihosting instead of a console: no libc. */
#include "console.h"

int main(void);

extern uint32_t board_stack_top[], board_data[], board_data_end[], board_data_source[], board_bss[], board_bss_end[];

static int semihosting(int operation, const void *argument)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static void finish(uint32_t code)
{
    const uint32_t block[2] = {0x20026, code}; /* ADP_Stopped_ApplicationExit */
    for (;;)
        semihosting(0x20, block); /* SYS_EXIT_EXTENDED */
}

void print(const char *text)
{
    semihosting(0x04, text); /* SYS_WRITE0 */
}

void reset(void);
void reset(void)
{
#if defined(__ARM_FP) && __ARM_FP
    *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20; /* CPACR: the floating-point unit */
    __asm__ volatile("dsb\nisb");
#endif
    const uint32_t *source = board_data_source;
    for (uint32_t *to = board_data; to < board_data_end; to++)
        *to = *source++;
    for (uint32_t *to = board_bss; to < board_bss_end; to++)
        *to = 0;
    finish((uint32_t)main());
}

static void fault(void)
{
    print("fault\n");
    finish(3);
}

/* Stack, reset, NMI, hard fault and the faults of larger cores; no interrupt is enabled. */
static const struct {
    void *stack;
    void (*handlers[15])(void);
} vectors __attribute__((section(".vectors"), used)) = {board_stack_top, {reset, fault, fault, fault, fault, fault}};

/* The two functions of a C library that a compiler may call by itself. */
void *memcpy(void *to, const void *from, size_t count)
{
    unsigned char *a = to;
    const unsigned char *b = from;
    while (count--)
        *a++ = *b++;
    return to;
}

void *memset(void *to, int value, size_t count)
{
    unsigned char *a = to;
    while (count--)
        *a++ = (unsigned char)value;
    return to;
}
