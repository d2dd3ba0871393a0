/* top.c: see top.h. */
#include "top.h"

#include <stdlib.h>

static bool is_same(const struct fw_top_key *a, const struct fw_top_key *b) {
    return a->port == b->port && a->proto == b->proto && fw_addr_equal(&a->addr, &b->addr);
}

static size_t rarest(const struct fw_top *top) {
    size_t rare = 0;

    for (size_t i = 1; i < top->used; i++)
        if (top->slot[i].count < top->slot[rare].count)
            rare = i;
    return rare;
}

static size_t find(struct fw_top *top, const struct fw_top_key *key) {
    if (top->last < top->used && is_same(&top->slot[top->last].key, key))
        return top->last;
    for (size_t i = 0; i < top->used; i++)
        if (is_same(&top->slot[i].key, key))
            return i;
    if (top->used < FW_TOP_SLOTS) {
        top->slot[top->used] = (struct fw_top_slot){.key = *key};
        return top->used++;
    }
    const size_t i = rarest(top);
    top->full = true;
    top->slot[i].key = *key;
    top->slot[i].over = top->slot[i].count;
    return i;
}

void fw_top_add(struct fw_top *top, const struct fw_top_key *key) {
    top->last = find(top, key);
    top->slot[top->last].count++;
}

static int more_often(const void *a, const void *b) {
    const struct fw_top_slot *x = a, *y = b;
    const int order = fw_addr_compare(&x->key.addr, &y->key.addr);

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    if (order != 0)
        return order;
    if (x->key.proto != y->key.proto)
        return x->key.proto < y->key.proto ? -1 : 1;
    return x->key.port < y->key.port ? -1 : x->key.port > y->key.port;
}

void fw_top_sort(struct fw_top *top) {
    qsort(top->slot, top->used, sizeof *top->slot, more_often);
    top->last = 0;
}
