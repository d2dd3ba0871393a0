/* motif.c: see motif.h. The table holds every motif of liblognorm 2.0.6 (pdag.c, parser_lookup_table). */
#include "motif.h"

#include <stdio.h>
#include <string.h>

#include "../core/problem.h"

enum gives {
    VALUE, /* a value */
    PARTS, /* an object or array, which only "-" may take */
    NO,    /* it must not be used */
};

struct motif {
    const char *name;
    enum gives gives;
    size_t extra; /* bytes of extradata it needs at least */
    const char *why;
};

static const struct motif motifs[] = {
    {"alpha", VALUE, 0, NULL},
    {"cee-syslog", PARTS, 0, NULL},
    {"cef", PARTS, 0, NULL},
    {"char-sep", VALUE, 1, NULL},
    {"char-to", VALUE, 1, NULL},
    {"checkpoint-lea", PARTS, 0, NULL},
    {"cisco-interface-spec", PARTS, 0, NULL},
    {"date-iso", VALUE, 0, NULL},
    {"date-rfc3164", VALUE, 0, NULL},
    {"date-rfc5424", VALUE, 0, NULL},
    {"duration", VALUE, 0, NULL},
    {"float", VALUE, 0, NULL},
    {"hexnumber", VALUE, 0, NULL},
    {"ipv4", VALUE, 0, NULL},
    {"ipv6", VALUE, 0, NULL},
    {"json", PARTS, 0, NULL},
    {"kernel-timestamp", VALUE, 0, NULL},
    {"literal", VALUE, 0, NULL},
    {"mac48", VALUE, 0, NULL},
    {"name-value-list", PARTS, 0, NULL},
    {"number", VALUE, 0, NULL},
    {"op-quoted-string", VALUE, 0, NULL},
    {"quoted-string", VALUE, 0, NULL},
    {"repeat", NO, 0, "it builds arrays, which no field can hold"},
    {"rest", VALUE, 0, NULL},
    {"string", NO, 0, "liblognorm 2.0.6 crashes in it at the first byte that is not ASCII; use word or char-to"},
    {"string-to", VALUE, 2, NULL}, /* with one character it never matches */
    {"time-12hr", VALUE, 0, NULL},
    {"time-24hr", VALUE, 0, NULL},
    {"v2-iptables", PARTS, 0, NULL},
    {"whitespace", VALUE, 0, NULL},
    {"word", VALUE, 0, NULL},
};
#define MOTIFS (sizeof motifs / sizeof *motifs)

static int unknown(const char *type, char *text, size_t size) {
    const char *names[MOTIFS];

    for (size_t i = 0; i < MOTIFS; i++)
        names[i] = motifs[i].name;
    const char *nearest = fw_problem_nearest(type, names, MOTIFS);
    const int len = snprintf(text, size, "liblognorm 2.0.6 has no field type \"%.64s\"", type);

    if (nearest != NULL)
        snprintf(text + len, size - (size_t)len, "; did you mean \"%s\"?", nearest);
    return -1;
}

int fw_motif_check(const char *type, bool named, size_t extra, char *text, size_t size) {
    const struct motif *motif = motifs;

    if (type[0] == '@') {
        snprintf(text, size,
                 "user-defined types are not supported: liblognorm 2.0.6 loses memory whenever one does "
                 "not match; write one rule for each form");
        return -1;
    }
    while (motif < motifs + MOTIFS && strcmp(type, motif->name) != 0)
        motif++;
    if (motif == motifs + MOTIFS)
        return unknown(type, text, size);
    if (motif->gives == NO)
        snprintf(text, size, "field type \"%s\" is not supported: %s", type, motif->why);
    else if (motif->gives == PARTS && named)
        snprintf(text, size, "field type \"%s\" gives several values; only \"-\" can take them", type);
    else if (extra < motif->extra && motif->extra == 1)
        snprintf(text, size, "field type \"%s\" needs the characters it reads up to, as in %s:/", type, type);
    else if (extra < motif->extra)
        snprintf(text, size, "field type \"%s\" needs the text it reads up to, of two characters or more", type);
    else
        return 0;
    return -1;
}
