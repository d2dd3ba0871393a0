/* rule_text.c: a rule as YAML again, from its tree: what it is printed and recognised by.
 *
 * The same rule gives the same text however it was laid out, and what is printed
 * is read again as the same. Texts are quoted where YAML could take them for
 * something else.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define STEP 2 /* columns of indent */

static bool is_plain(const char *text) {
    static const char *const taken[] = {"null", "Null", "NULL", "true", "false", "yes", "no", "on", "off"};

    for (const char *p = text; *p != '\0'; p++) {
        const bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');
        if (!letter && strchr(p == text ? "_" : "_./-|", *p) == NULL)
            return false;
    }
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(text, taken[i]) == 0)
            return false;
    return text[0] != '\0';
}

static void put_text(const char *text, FILE *out) {
    if (is_plain(text)) {
        (void)fputs(text, out);
        return;
    }
    (void)fputc('"', out);
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            (void)fputc('\\', out);
        if (*p == '\n' || *p == '\t')
            (void)fputs(*p == '\n' ? "\\n" : "\\t", out);
        else
            (void)fputc(*p, out);
    }
    (void)fputc('"', out);
}

static bool is_simple(const struct fw_yaml_node *node) {
    for (const struct fw_yaml_node *child = node->first; child; child = child->next)
        if (child->type != FW_YAML_TEXT)
            return false;
    return true;
}

static void put_map(const struct fw_yaml_node *map, unsigned indent, bool begun, FILE *out);

/* After "key:" or "-". */
static void put_value(const struct fw_yaml_node *node, unsigned indent, FILE *out) {
    switch (node->type) {
    case FW_YAML_TEXT:
        (void)fputc(' ', out);
        put_text(node->text, out);
        break;
    case FW_YAML_LIST:
        if (is_simple(node)) {
            (void)fputs(" [", out);
            for (const struct fw_yaml_node *child = node->first; child; child = child->next) {
                put_text(child->text, out);
                (void)fputs(child->next ? ", " : "", out);
            }
            (void)fputc(']', out);
            break;
        }
        for (const struct fw_yaml_node *child = node->first; child; child = child->next) {
            (void)fprintf(out, "\n%*s-", (int)indent, "");
            if (child->type == FW_YAML_MAP && child->first)
                put_map(child, indent + STEP, true, out);
            else
                put_value(child, indent + STEP, out);
        }
        break;
    case FW_YAML_MAP:
        if (node->first)
            put_map(node, indent, false, out);
        else
            (void)fputs(" {}", out);
        break;
    case FW_YAML_NULL:
    case FW_YAML_BROKEN:
        (void)fputs(" ~", out);
        break;
    }
}

/* begun: the first key stands behind a "-". */
static void put_map(const struct fw_yaml_node *map, unsigned indent, bool begun, FILE *out) {
    for (const struct fw_yaml_node *child = map->first; child; child = child->next) {
        if (begun)
            (void)fputc(' ', out);
        else
            (void)fprintf(out, "\n%*s", (int)indent, "");
        begun = false;
        put_text(child->key->text, out);
        (void)fputc(':', out);
        put_value(child, indent + STEP, out);
    }
}

char *fw_policy_rule_text(const struct fw_yaml_node *node) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (!out)
        return NULL;
    (void)fputs("  -", out);
    put_map(node, 2 * STEP, true, out);
    (void)fputc('\n', out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
