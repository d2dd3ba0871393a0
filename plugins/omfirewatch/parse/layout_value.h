/* layout_value.h: what the shapes of layout.c share: a line that is being read, and what becomes of its values. */
#ifndef FW_LAYOUT_VALUE_H
#define FW_LAYOUT_VALUE_H

#include "layout.h"

struct fw_layout_reader {
    const struct fw_layout *layout;
    const char *p;
    const char *end;
    char *scratch;
    struct fw_event *ev;
    fw_time begin;
    struct fw_str seen[FW_LAYOUT_ITEMS]; /* values of the names that came */
    unsigned next;                       /* the item expected next: names mostly keep their order */
    bool impossible;                     /* a value that cannot be */
};

struct fw_layout_value {
    const char *p;
    size_t len;
    bool quoted;
};

/* The number of a field's name: of fields.def, or one of ours beyond FW_FIELDS; -1: there is none. */
int fw_layout_field(const char *name, size_t len);
/* Sets the field from the value; what is impossible is noted in the reader. */
void fw_layout_put(struct fw_layout_reader *r, int field, struct fw_layout_value v);
/* The item that has this name in pairs or JSON, or -1. */
int fw_layout_find(struct fw_layout_reader *r, const char *name, size_t len);
/* fw_layout_put() for an item, once: rule 3 of layout.c. */
void fw_layout_put_named(struct fw_layout_reader *r, int item, struct fw_layout_value v);
/* Does an item ask for all elements of the array with this path, or of what is in it? */
bool fw_layout_collects(const struct fw_layout_reader *r, const char *path, size_t len);
/* After the last value: what several of them tell together. */
void fw_layout_finish(struct fw_layout_reader *r);
/* layout_json.c: reads the line, from its first brace. False: it is none, was cut, or is too deep. */
bool fw_layout_read_json(struct fw_layout_reader *r);

#endif
