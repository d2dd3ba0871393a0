/* names.h: the words devices write in place of numbers. */
#ifndef FW_NAMES_H
#define FW_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum fw_names {
    FW_NAMES_SERVICE, /* TCP and UDP ports, as Cisco calls them */
    FW_NAMES_PROTO,   /* IANA protocol numbers */
    FW_NAMES_ACTION,  /* FW_ACTION_... */
    FW_NAMES_OUTCOME, /* FW_OUTCOME_... */
    FW_NAMES_FLAG,    /* FW_TCP_... */
};

/* Without regard to case. */
bool fw_names_find(enum fw_names names, const char *text, size_t len, unsigned *value);

#endif
