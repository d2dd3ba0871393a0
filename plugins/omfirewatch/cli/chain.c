/* chain.c: see chain.h. */
#include "chain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define CHILDREN_SHOWN 1000 /* lines of one tree: nobody reads more */
#define INDENT_MAX     20   /* steps that are indented further */

/* The machine's number; a new one has an empty step. */
static size_t number_of(struct fw_chain *chain, const char *name) {
    bool fresh;
    const size_t n = fw_index_put(&chain->machines, name, &fresh);
    struct fw_chain_step *steps = chain->steps;

    if (n == FW_INDEX_NONE)
        return n;
    if (fresh)
        steps = fw_index_grow(steps, n, sizeof *steps);
    if (!steps)
        return FW_INDEX_NONE;
    chain->steps = steps;
    return n;
}

bool fw_chain_add(struct fw_chain *chain, const struct fw_record *record) {
    char child[FW_CHAIN_NAME], parent[FW_CHAIN_NAME];

    if (strcmp(fw_record_text(record, "rule.id"), "infection_chain") != 0)
        return true;
    (void)snprintf(child, sizeof child, "%s", fw_record_text(record, "source.ip"));
    (void)snprintf(parent, sizeof parent, "%s", fw_record_text(record, "firewatch.lineage.parent"));
    if (child[0] == '\0' || parent[0] == '\0')
        return true;
    const size_t n = number_of(chain, child);
    if (n == FW_INDEX_NONE || number_of(chain, parent) == FW_INDEX_NONE)
        return false;
    struct fw_chain_step *step = &chain->steps[n];
    memcpy(step->parent, parent, sizeof parent);
    step->began = fw_record_time(record, "event.start");
    step->port = fw_record_number(record, "firewatch.lineage.port", -1);
    step->share = fw_record_number(record, "firewatch.lineage.share", -1);
    step->lag = fw_record_number(record, "firewatch.lineage.lag_seconds", -1);
    step->told = true;
    return true;
}

void fw_chain_free(struct fw_chain *chain) {
    fw_index_free(&chain->machines);
    free(chain->steps);
    chain->steps = NULL;
}

static size_t find(const struct fw_chain *chain, const char *name) {
    for (size_t i = 0; i < chain->machines.count; i++)
        if (strcmp(chain->machines.names[i], name) == 0)
            return i;
    return FW_INDEX_NONE;
}

static void print_step(const struct fw_chain *chain, size_t n, unsigned depth, bool wanted, FILE *out) {
    const struct fw_chain_step *step = &chain->steps[n];
    const unsigned indent = depth < INDENT_MAX ? depth : INDENT_MAX;
    char began[FW_TIME_TEXT], port[32] = "";

    if (step->port >= 0)
        (void)snprintf(port, sizeof port, " over port %" PRId64, step->port);
    if (step->told)
        fw_cli_say(out, "  %*s%s%s%s, %" PRId64 " s before its first evidence at %s (%" PRId64 " %%)",
                   (int)(2 * indent), "", chain->machines.names[n], wanted ? " *" : "", port, step->lag,
                   fw_cli_time(step->began, began), step->share);
    else
        fw_cli_say(out, "  %*s%s%s", (int)(2 * indent), "", chain->machines.names[n], wanted ? " *" : "");
}

/* Depth first, children in the order in which they were first told of. The parents on the way down are on the stack: a ring
 * ends where it would begin again. */
static void print_tree(const struct fw_chain *chain, size_t root, size_t wanted, FILE *out) {
    const size_t count = chain->machines.count;
    size_t *stack = calloc(count + 1, sizeof *stack), *next = calloc(count + 1, sizeof *next), shown = 1;
    unsigned depth = 0;

    if (!stack || !next) {
        free(stack);
        free(next);
        return;
    }
    stack[0] = root;
    print_step(chain, root, 0, root == wanted, out);
    for (;;) {
        size_t child = next[depth];
        while (child < count &&
               (child == root || strcmp(chain->steps[child].parent, chain->machines.names[stack[depth]]) != 0))
            child++;
        next[depth] = child + 1;
        if (child < count && shown < CHILDREN_SHOWN && depth + 1 < count) {
            stack[++depth] = child;
            next[depth] = 0;
            shown++;
            print_step(chain, child, depth, child == wanted, out);
        } else if (depth-- == 0) {
            break;
        }
    }
    free(stack);
    free(next);
}

void fw_chain_print(const struct fw_chain *chain, const char *machine, FILE *out) {
    const size_t wanted = find(chain, machine);
    size_t root = wanted;

    if (wanted == FW_INDEX_NONE)
        return;
    for (size_t steps = 0; steps < chain->machines.count && chain->steps[root].told; steps++)
        root = find(chain, chain->steps[root].parent);
    (void)fputs("\nWho infected whom\n", out);
    print_tree(chain, root, wanted, out);
}

/* An address and nothing else goes between the quotes of Graphviz. */
static void put_name(const char *name, FILE *out) {
    (void)fputc('"', out);
    for (; *name != '\0'; name++)
        (void)fputc(strchr("0123456789abcdefABCDEF.:", *name) != NULL ? *name : '?', out);
    (void)fputc('"', out);
}

void fw_chain_dot(const struct fw_chain *chain, FILE *out) {
    (void)fputs("digraph infection {\n    rankdir=LR;\n    node [shape=box];\n", out);
    for (size_t i = 0; i < chain->machines.count; i++) {
        const struct fw_chain_step *step = &chain->steps[i];

        if (!step->told)
            continue;
        (void)fputs("    ", out);
        put_name(step->parent, out);
        (void)fputs(" -> ", out);
        put_name(chain->machines.names[i], out);
        (void)fprintf(out, " [label=\"port %" PRId64 ", %" PRId64 " s, %" PRId64 " %%\"];\n", step->port, step->lag,
                      step->share);
    }
    (void)fputs("}\n", out);
}
