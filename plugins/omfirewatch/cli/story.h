/* story.h: a finding with all its documents, kept to be told as a whole. */
#ifndef FW_STORY_H
#define FW_STORY_H

#include "cli.h"
#include "told.h"

#define FW_STORY_MAX   16   /* findings that the word looked for may fit */
#define FW_STORY_STEPS 1000 /* documents of one that are shown; updates come every 15 minutes: ten days */

struct fw_story_step {
    fw_time time;
    char action[16]; /* "open", "update", "close" */
    int64_t value;
    int64_t stage;
    int64_t severity;
};

struct fw_story {
    struct fw_told told;
    bool by_key; /* it was looked for by its key */
    struct fw_story_step *steps;
    size_t count;                /* of steps kept */
    size_t omitted;              /* between the last and the last but one */
    char *text;                  /* the last document */
    char *evidence;              /* the last document that has evidence, when that is another; else NULL */
    char reopened[FW_TOLD_NAME]; /* the finding that names this one as its previous; "": none */
};

/* Zero it first. */
struct fw_stories {
    struct fw_story story[FW_STORY_MAX];
    size_t count;
};

/* Keeps the document when `wanted` is the beginning of its id, or its key. False: it was wanted and could not be kept. */
bool fw_stories_take(struct fw_stories *stories, const struct fw_record *record, const char *text, size_t len,
                     const char *wanted);
void fw_stories_free(struct fw_stories *stories);
/* The only one, or the latest of those that share the key; NULL when there are several of another kind or none. */
const struct fw_story *fw_stories_last_of_key(const struct fw_stories *stories);
/* record: to read with; what it held is gone. False: no memory. */
bool fw_story_print(const struct fw_story *story, struct fw_record *record, FILE *out);

#endif
