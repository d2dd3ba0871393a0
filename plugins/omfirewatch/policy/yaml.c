/* yaml.c: see yaml.h. The only file that knows libyaml.
 *
 * Built on libyaml's events, not its documents: events can be refused before
 * anything is kept of them.
 */
#include "yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

/* A list or mapping that has begun and not ended. */
struct level {
    struct fw_yaml_node *node;
    struct fw_yaml_node **tail;
    struct fw_yaml_node *key; /* of a mapping: waits for its value */
};

struct builder {
    struct fw_yaml *yaml;
    struct level levels[FW_YAML_DEPTH_MAX];
    size_t depth;
    unsigned documents;
    bool many; /* documents are the items of a list */
};

#define PROBLEM(yaml, line, column, ...) fw_problem((yaml)->problems, (yaml)->path, line, column, __VA_ARGS__)

/* --- the file ------------------------------------------------------------ */

static char *read_descriptor(struct fw_yaml *yaml, int fd, size_t bytes_max, size_t *len) {
    char *text = malloc(bytes_max + 1);
    struct stat st;
    size_t n = 0;

    if (!text) {
        PROBLEM(yaml, 0, 0, "not enough memory to read it");
        return NULL;
    }
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        PROBLEM(yaml, 0, 0, "is a directory, not a policy file");
        free(text);
        return NULL;
    }
    while (n <= bytes_max) {
        const ssize_t got = read(fd, text + n, bytes_max + 1 - n);

        if (got == 0) {
            *len = n;
            return text;
        }
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            PROBLEM(yaml, 0, 0, "cannot be read: %s", strerror(errno));
            free(text);
            return NULL;
        }
        n += (size_t)got;
    }
    PROBLEM(yaml, 0, 0, "is larger than %zu bytes, the most a policy may have", bytes_max);
    free(text);
    return NULL;
}

static char *read_file(struct fw_yaml *yaml, size_t bytes_max, size_t *len) {
    const int fd = open(yaml->path, O_RDONLY | O_CLOEXEC);
    char *text;

    if (fd < 0) {
        PROBLEM(yaml, 0, 0, "cannot be opened: %s", strerror(errno));
        return NULL;
    }
    text = read_descriptor(yaml, fd, bytes_max, len);
    (void)close(fd);
    return text;
}

/* --- nodes --------------------------------------------------------------- */

static struct fw_yaml_node *new_node(struct builder *b, enum fw_yaml_type type, const yaml_event_t *event,
                                     const char *text, size_t len) {
    struct fw_yaml *yaml = b->yaml;
    struct fw_yaml_node *node;

    if (yaml->nodes == FW_YAML_NODES_MAX) {
        PROBLEM(yaml, (unsigned)event->start_mark.line + 1, 0, "more than %d values, the most a policy may have",
                FW_YAML_NODES_MAX);
        return NULL;
    }
    node = calloc(1, sizeof *node + len + 1);
    if (!node) {
        PROBLEM(yaml, (unsigned)event->start_mark.line + 1, 0, "not enough memory");
        return NULL;
    }
    yaml->nodes++;
    node->type = type;
    node->line = (unsigned)event->start_mark.line + 1;
    node->column = (unsigned)event->start_mark.column + 1;
    node->older = yaml->newest;
    yaml->newest = node;
    if (len > 0)
        memcpy(node->text, text, len);
    return node;
}

/* Puts a node where it belongs: the root, the next of a list, a key, or the value of the key before it. */
static int attach(struct builder *b, struct fw_yaml_node *node) {
    struct level *level = b->depth > 0 ? &b->levels[b->depth - 1] : NULL;

    if (!level) {
        b->yaml->root = node;
        return 0;
    }
    if (level->node->type == FW_YAML_MAP && !level->key) {
        if (node->type == FW_YAML_LIST || node->type == FW_YAML_MAP)
            PROBLEM(b->yaml, node->line, node->column, "a key must be a word");
        else if (node->type == FW_YAML_NULL)
            PROBLEM(b->yaml, node->line, node->column, "a key is missing before the colon");
        level->key = node;
        return 0;
    }
    if (level->key && level->key->type != FW_YAML_TEXT) { /* reported; its value is not looked at */
        level->key = NULL;
        return 0;
    }
    node->key = level->key;
    level->key = NULL;
    level->node->count++;
    *level->tail = node;
    level->tail = &node->next;
    return 0;
}

static int push(struct builder *b, struct fw_yaml_node *node) {
    if (b->depth == FW_YAML_DEPTH_MAX) {
        PROBLEM(b->yaml, node->line, node->column, "nested more than %d deep", FW_YAML_DEPTH_MAX);
        return -1;
    }
    b->levels[b->depth++] = (struct level){.node = node, .tail = &node->first};
    return 0;
}

static int compare_keys(const void *a, const void *b) {
    const struct fw_yaml_node *x = (*(struct fw_yaml_node *const *)a)->key;
    const struct fw_yaml_node *y = (*(struct fw_yaml_node *const *)b)->key;
    const int order = strcmp(x->text, y->text);

    if (order != 0)
        return order;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

/* YAML forbids it, libyaml lets it pass, and the last would silently win. */
static int check_duplicates(struct builder *b, const struct fw_yaml_node *map) {
    struct fw_yaml_node **sorted, *node;
    size_t n = 0;

    if (map->type != FW_YAML_MAP || map->count < 2)
        return 0;
    sorted = malloc(map->count * sizeof *sorted);
    if (!sorted) {
        PROBLEM(b->yaml, map->line, map->column, "not enough memory");
        return -1;
    }
    for (node = map->first; node; node = node->next)
        sorted[n++] = node;
    qsort(sorted, n, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < n; i++) {
        const struct fw_yaml_node *key = sorted[i]->key;

        if (strcmp(sorted[i - 1]->key->text, key->text) != 0)
            continue;
        PROBLEM(b->yaml, key->line, key->column, "\"%.64s\" is given twice, first on line %u", key->text,
                sorted[i - 1]->key->line);
        sorted[i]->type = FW_YAML_BROKEN;
    }
    free(sorted);
    return 0;
}

/* --- events -------------------------------------------------------------- */

static int pop(struct builder *b) {
    if (b->depth == 0) /* libyaml's ends match its beginnings */
        return -1;
    b->depth--;
    return check_duplicates(b, b->levels[b->depth].node);
}

static bool is_null(const yaml_event_t *event) {
    const char *text = (const char *)event->data.scalar.value;

    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    return text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0;
}

/* Control characters, the separators that YAML takes for line breaks, byte order marks and non-characters. What is left
 * is UTF-8 (libyaml saw to that) and can be shown on a terminal; line breaks and tabs come from block texts. */
static bool is_printable(const char *text, size_t len) {
    static const char *const odd[] = {"\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf", "\xef\xbf\xbe", "\xef\xbf\xbf"};

    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];

        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            return false;
        if (c == 0xc2 && (unsigned char)text[i + 1] < 0xa0)
            return false;
        for (size_t k = 0; k < sizeof odd / sizeof *odd; k++)
            if (strncmp(text + i, odd[k], 3) == 0)
                return false;
    }
    return true;
}

static int add_scalar(struct builder *b, const yaml_event_t *event) {
    const char *text = (const char *)event->data.scalar.value;
    const size_t len = event->data.scalar.length;
    struct fw_yaml_node *node = new_node(b, is_null(event) ? FW_YAML_NULL : FW_YAML_TEXT, event, text, len);

    if (!node)
        return -1;
    if (event->data.scalar.tag) {
        PROBLEM(b->yaml, node->line, node->column, "a policy has no tags (\"!...\"): leave it out");
        node->type = FW_YAML_BROKEN;
    } else if (!is_printable(text, len)) {
        PROBLEM(b->yaml, node->line, node->column, "a text must not hold characters that cannot be printed");
        node->type = FW_YAML_BROKEN;
    }
    return attach(b, node);
}

static int add_alias(struct builder *b, const yaml_event_t *event) {
    struct fw_yaml_node *node = new_node(b, FW_YAML_BROKEN, event, NULL, 0);

    if (!node)
        return -1;
    PROBLEM(b->yaml, node->line, node->column,
            "a policy has no aliases (\"*%.64s\"): give networks a name under \"networks\" and use it",
            (const char *)event->data.alias.anchor);
    return attach(b, node);
}

static int add_collection(struct builder *b, const yaml_event_t *event, enum fw_yaml_type type) {
    const yaml_char_t *tag = event->type == YAML_SEQUENCE_START_EVENT  ? event->data.sequence_start.tag
                             : event->type == YAML_MAPPING_START_EVENT ? event->data.mapping_start.tag
                                                                       : NULL;
    struct fw_yaml_node *node = new_node(b, type, event, NULL, 0);

    if (!node)
        return -1;
    if (tag)
        PROBLEM(b->yaml, node->line, node->column, "a policy has no tags (\"!...\"): leave it out");
    if (attach(b, node) != 0)
        return -1;
    return push(b, node);
}

/* Returns 0 to go on, 1 at the end, -1 when it makes no sense to go on. */
static int take_event(struct builder *b, const yaml_event_t *event) {
    switch (event->type) {
    case YAML_STREAM_END_EVENT:
        return 1;
    case YAML_DOCUMENT_START_EVENT:
        if (b->documents++ == 0 || b->many)
            return 0;
        PROBLEM(b->yaml, (unsigned)event->start_mark.line + 1, (unsigned)event->start_mark.column + 1,
                "a second document begins here; a policy is one");
        return -1;
    case YAML_ALIAS_EVENT:
        return add_alias(b, event);
    case YAML_SCALAR_EVENT:
        return add_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
        return add_collection(b, event, FW_YAML_LIST);
    case YAML_MAPPING_START_EVENT:
        return add_collection(b, event, FW_YAML_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return pop(b);
    case YAML_STREAM_START_EVENT:
        return b->many ? add_collection(b, event, FW_YAML_LIST) : 0;
    case YAML_NO_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return 0;
}

/* libyaml tells where bytes are wrong by their offset only. */
static void report_bytes(struct fw_yaml *yaml, const yaml_parser_t *parser, const char *text, size_t len) {
    const size_t offset = parser->problem_offset < len ? parser->problem_offset : len;
    unsigned line = 1, column = 1;

    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)text[i] & 0xc0) != 0x80) {
            column++;
        }
    }
    PROBLEM(yaml, line, column, "not readable as UTF-8 text: %s (byte 0x%02x)", parser->problem,
            offset < len ? (unsigned char)text[offset] : 0U);
}

static void report_syntax(struct fw_yaml *yaml, const yaml_parser_t *parser, const char *text, size_t len) {
    const size_t at = parser->problem_mark.index;
    const char *problem = parser->problem ? parser->problem : "not YAML";

    if (parser->error == YAML_MEMORY_ERROR) {
        PROBLEM(yaml, 0, 0, "not enough memory");
    } else if (parser->error == YAML_READER_ERROR) {
        report_bytes(yaml, parser, text, len);
    } else {
        /* the index counts characters: with other than ASCII before it the hint is missed */
        const char c = at < len ? text[at] : '\0';
        const char *hint = c == '\t'  ? " (a tab: YAML is indented with spaces)"
                           : c == ':' ? " (an IPv6 address that begins or ends with a colon needs quotes)"
                                      : "";

        PROBLEM(yaml, (unsigned)parser->problem_mark.line + 1, (unsigned)parser->problem_mark.column + 1,
                "not valid YAML: %s%s%s%s", problem, parser->context ? " " : "", parser->context ? parser->context : "",
                hint);
    }
}

static int build(struct fw_yaml *yaml, const char *text, size_t len, bool many) {
    struct builder builder = {.yaml = yaml, .many = many};
    yaml_parser_t parser;
    yaml_event_t event;
    int result = 0;

    if (!yaml_parser_initialize(&parser)) {
        PROBLEM(yaml, 0, 0, "not enough memory");
        return -1;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    while (result == 0) {
        if (!yaml_parser_parse(&parser, &event)) {
            report_syntax(yaml, &parser, text, len);
            result = -1;
            break;
        }
        result = take_event(&builder, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return result < 0 ? -1 : 0;
}

static int read_documents(struct fw_yaml *yaml, const char *path, size_t bytes_max, struct fw_problems *problems,
                          bool many) {
    size_t len = 0;
    char *text;
    int result;

    *yaml = (struct fw_yaml){.path = path, .problems = problems};
    text = read_file(yaml, bytes_max, &len);
    if (!text)
        return -1;
    result = build(yaml, text, len, many);
    free(text);
    return result;
}

int fw_yaml_read(struct fw_yaml *yaml, const char *path, size_t bytes_max, struct fw_problems *problems) {
    return read_documents(yaml, path, bytes_max, problems, false);
}

int fw_yaml_read_all(struct fw_yaml *yaml, const char *path, size_t bytes_max, struct fw_problems *problems) {
    return read_documents(yaml, path, bytes_max, problems, true);
}

void fw_yaml_free(struct fw_yaml *yaml) {
    while (yaml->newest) {
        struct fw_yaml_node *node = yaml->newest;

        yaml->newest = node->older;
        free(node);
    }
    yaml->root = NULL;
    yaml->nodes = 0;
}
