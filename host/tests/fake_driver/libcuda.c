/* A driver of few functions for the test of the trampolines: what it answers comes from the environment. */
#include <stdlib.h>
#include <string.h>

static int number(const char *name, int otherwise) {
    const char *text = getenv(name);
    return text ? atoi(text) : otherwise;
}

int cuDriverGetVersion(int *version) { *version = number("FAKE_VERSION", 12040); return 0; }
int cuInit(unsigned flags) { return flags ? 1 : number("FAKE_INIT", 0); }
int cuDeviceGetCount(int *count) { *count = number("FAKE_COUNT", 2); return 0; }
int cuDeviceGet(int *device, int ordinal) { *device = 70 + ordinal; return 0; }

int cuDeviceGetName(char *name, int length, int device) {
    strncpy(name, device == 70 ? "Fake Zero" : "Fake One", length);
    return 0;
}

int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = (size_t)(device - 69) << 33; return 0; }

int cuDeviceGetAttribute(int *value, int attribute, int device) {
    if (attribute == 75) *value = device == 70 ? number("FAKE_MAJOR", 9) : 6;
    else if (attribute == 76) *value = 1;
    else if (attribute == 16) *value = 132;
    else return 1;
    return 0;
}

int cuGetErrorString(unsigned code, const char **text) {
    *text = code == 912 ? "words of the driver" : NULL;
    return *text ? 0 : 1;
}
