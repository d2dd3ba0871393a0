/* ahead.c: see ahead.h. */
#include "ahead.h"

#include "table.h"

void fw_ahead_key(struct fw_ahead *ahead, struct fw_table *table, const void *key) {
    if (ahead->count == FW_AHEAD_MAX)
        return;
    ahead->asks[ahead->count++] = (struct fw_ahead_ask){.table = table, .hash = fw_table_ask(table, key)};
}

void fw_ahead_entries(struct fw_ahead *ahead) {
    for (unsigned i = 0; i < ahead->count; i++)
        ahead->asks[i].number = fw_table_ask_entry(ahead->asks[i].table, ahead->asks[i].hash);
}

void fw_ahead_around(const struct fw_ahead *ahead) {
    for (unsigned i = 0; i < ahead->count; i++)
        fw_table_ask_around(ahead->asks[i].table, ahead->asks[i].hash, ahead->asks[i].number);
}

void fw_ahead_beyond(const struct fw_ahead *ahead) {
    for (unsigned i = 0; i < ahead->count; i++)
        fw_table_ask_beyond(ahead->asks[i].table, ahead->asks[i].number);
}
