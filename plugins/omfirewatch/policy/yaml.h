/* yaml.h: a policy file as a tree, with the place of everything in it.
 *
 * What a policy has no use for is refused here, once: aliases (a few lines of
 * them stand for millions of nodes; networks have names instead), tags, a second
 * document, a key given twice, characters that cannot be printed. Text is UTF-8;
 * of control characters it may hold line breaks and tabs.
 * Memory: one allocation a node, at most FW_YAML_NODES_MAX.
 */
#ifndef FW_YAML_H
#define FW_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/problem.h"

#define FW_YAML_DEPTH_MAX 16          /* a policy needs 5; also keeps libyaml from its quadratic cost in depth */
#define FW_YAML_NODES_MAX (256 << 10) /* four times the networks a policy may have */

enum fw_yaml_type {
    FW_YAML_TEXT,
    FW_YAML_NULL, /* nothing was written: "key:", "~" */
    FW_YAML_LIST,
    FW_YAML_MAP,
    FW_YAML_BROKEN /* its problem is reported; nobody needs to say more */
};

struct fw_yaml_node {
    enum fw_yaml_type type;
    unsigned line; /* from 1 */
    unsigned column;
    size_t count; /* children */
    struct fw_yaml_node *first;
    struct fw_yaml_node *next;      /* sibling */
    const struct fw_yaml_node *key; /* a value's key, FW_YAML_TEXT; NULL in a list */
    struct fw_yaml_node *older;     /* every node, to free them */
    char text[];
};

struct fw_yaml {
    const char *path; /* borrowed */
    struct fw_problems *problems;
    struct fw_yaml_node *root; /* NULL: an empty file */
    struct fw_yaml_node *newest;
    size_t nodes;
};

/* Reads the file at path. Returns 0, or -1 when there is no tree; either way problems may have been reported, and
 * fw_yaml_free() is called. */
int fw_yaml_read(struct fw_yaml *yaml, const char *path, size_t bytes_max, struct fw_problems *problems);
/* The same of a file of several documents: root is the list of them. */
int fw_yaml_read_all(struct fw_yaml *yaml, const char *path, size_t bytes_max, struct fw_problems *problems);
void fw_yaml_free(struct fw_yaml *yaml);

#endif
