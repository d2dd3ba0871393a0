/* test_keyhash_plain.c: test_keyhash.c as a machine without 128-bit integers compiles it. */
#undef __SIZEOF_INT128__
#include "test_keyhash.c"
