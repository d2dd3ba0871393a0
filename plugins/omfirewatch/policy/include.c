/* include.c: the files of a policy: the one that was named, and what it includes.
 *
 * Patterns are relative to the file they stand in; what they match is read in
 * the order of names. A file that two patterns match is read once; one that
 * includes itself, by whatever way, is refused.
 */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "internal.h"

#define DEPTH_MAX 4 /* a policy, its parts, their parts, and one to spare */

/* The files that include each other down to the one being read. */
struct step {
    const struct step *up;
    dev_t dev;
    ino_t ino;
    unsigned depth;
};

static void read_file(struct fw_policy_reader *reader, const char *path, const struct step *up,
                      const struct fw_yaml_node *by);

static bool was_read(const struct fw_policy_reader *reader, const struct stat *st) {
    struct stat other;

    for (size_t i = 0; i < reader->files_count; i++)
        if (stat(reader->files[i].path, &other) == 0 && other.st_dev == st->st_dev && other.st_ino == st->st_ino)
            return true;
    return false;
}

static void read_included(struct fw_policy_reader *reader, const char *path, const struct step *step,
                          const struct fw_yaml_node *node) {
    struct stat st;

    if (stat(path, &st) != 0) {
        FW_POLICY_PROBLEM(reader, node, "%s cannot be included: %s", path, strerror(errno));
        return;
    }
    for (const struct step *one = step; one; one = one->up)
        if (one->dev == st.st_dev && one->ino == st.st_ino) {
            FW_POLICY_PROBLEM(reader, node, "%s includes itself%s", path, one == step ? "" : " by way of this file");
            return;
        }
    if (was_read(reader, &st))
        return;
    if (step->depth == DEPTH_MAX) {
        FW_POLICY_PROBLEM(reader, node, "%s is included more than %d deep", path, DEPTH_MAX);
        return;
    }
    read_file(reader, path, step, node);
}

static void read_pattern(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const struct step *step) {
    const char *here = reader->path, *slash = strrchr(here, '/');
    const size_t dir = node->text[0] != '/' && slash ? (size_t)(slash - here) + 1 : 0;
    const size_t len = dir + strlen(node->text);
    char *pattern = malloc(len + 1);
    glob_t found;

    if (!pattern) {
        FW_POLICY_PROBLEM(reader, node, "not enough memory");
        return;
    }
    memcpy(pattern, here, dir);
    memcpy(pattern + dir, node->text, strlen(node->text) + 1);
    const int result = glob(pattern, 0, NULL, &found);
    if (result == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            read_included(reader, found.gl_pathv[i], step, node);
        globfree(&found);
    } else if (result != GLOB_NOMATCH) {
        FW_POLICY_PROBLEM(reader, node, "\"%.64s\" cannot be looked for", node->text);
    } else if (!strpbrk(node->text, "*?[")) { /* an empty policy.d is none of our business, a file that is missing is */
        FW_POLICY_PROBLEM(reader, node, "%s cannot be included: %s", pattern, strerror(ENOENT));
    }
    free(pattern);
}

static void read_includes(struct fw_policy_reader *reader, const struct fw_yaml_node *root, const struct step *step) {
    const struct fw_yaml_node *node = root->type == FW_YAML_MAP ? root->first : NULL;
    const char *path = reader->path;

    while (node && strcmp(node->key->text, "include") != 0)
        node = node->next;
    if (!node || node->type == FW_YAML_NULL)
        return;
    const bool single = node->type == FW_YAML_TEXT;
    if (!single && !fw_policy_expect(reader, node, FW_YAML_LIST, "include", "a list of files: [policy.d/*.yaml]"))
        return;
    for (const struct fw_yaml_node *item = single ? node : node->first; item; item = single ? NULL : item->next) {
        reader->path = path;
        if (fw_policy_expect(reader, item, FW_YAML_TEXT, "include", "a file or a pattern: policy.d/*.yaml"))
            read_pattern(reader, item, step);
    }
    reader->path = path;
}

/* by: what includes it, NULL for the first file */
static void read_file(struct fw_policy_reader *reader, const char *path, const struct step *up,
                      const struct fw_yaml_node *by) {
    struct fw_policy *policy = reader->policy;
    struct fw_yaml *yaml = &reader->files[reader->files_count];
    struct step step = {.up = up, .depth = up ? up->depth + 1 : 0};
    const char *before = reader->path;
    struct stat st;
    char *copy;

    if (by && reader->files_count == FW_POLICY_FILES_MAX) {
        FW_POLICY_PROBLEM(reader, by, "more than %d files", FW_POLICY_FILES_MAX);
        return;
    }
    copy = strdup(path);
    if (!copy) {
        fw_problem(reader->problems, path, 0, 0, "not enough memory");
        return;
    }
    policy->paths[policy->paths_count++] = copy;
    if (stat(copy, &st) == 0) {
        step.dev = st.st_dev;
        step.ino = st.st_ino;
    }
    reader->files_count++;
    reader->path = copy;
    if (fw_yaml_read(yaml, copy, FW_POLICY_BYTES_MAX, reader->problems) != 0) {
        fw_yaml_free(yaml);
    } else if (yaml->root) {
        read_includes(reader, yaml->root, &step);
    }
    reader->path = before;
}

void fw_policy_read_files(struct fw_policy_reader *reader, const char *path) {
    read_file(reader, path, NULL, NULL);
}
