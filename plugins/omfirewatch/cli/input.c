/* input.c: see input.h. */
#include "input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "stream.h"

#define BLOCK_BYTES (256 << 10) /* some thousand lines a read; fits a second level cache */
_Static_assert(BLOCK_BYTES > 2 * FW_LINE_MAX, "a whole line and the next one's beginning must fit");

struct fw_input {
    struct fw_stream *stream;
    void (*wait)(void *cookie, uint64_t position);
    void *cookie;
    size_t first; /* of what is not given yet */
    size_t end;
    size_t looked; /* up to here there is no line break */
    bool skipping; /* the rest of a line that was cut */
    bool ended;
    bool failed;
    char block[BLOCK_BYTES + 1]; /* and a NUL */
};

int fw_input_open(struct fw_input **out, const char *path, char *err, size_t errlen) {
    struct fw_input *input = calloc(1, sizeof *input);

    *out = NULL;
    if (!input) {
        (void)snprintf(err, errlen, "not enough memory");
        return -1;
    }
    if (fw_stream_open(&input->stream, path, err, errlen) != 0) {
        free(input);
        return -1;
    }
    *out = input;
    return 0;
}

void fw_input_close(struct fw_input **out) {
    struct fw_input *input = *out;

    *out = NULL;
    if (!input)
        return;
    fw_stream_close(&input->stream);
    free(input);
}

void fw_input_on_wait(struct fw_input *input, void (*wait)(void *cookie, uint64_t position), void *cookie) {
    input->wait = wait;
    input->cookie = cookie;
}

/* Reads more behind what is there; called with less than FW_LINE_MAX + 1 bytes there. */
static void fill(struct fw_input *input) {
    ssize_t n;

    if (input->first > 0) {
        memmove(input->block, input->block + input->first, input->end - input->first);
        input->end -= input->first;
        input->looked -= input->first;
        input->first = 0;
    }
    if (input->wait)
        input->wait(input->cookie, fw_stream_position(input->stream));
    n = fw_stream_read(input->stream, input->block + input->end, BLOCK_BYTES - input->end);
    input->ended = n <= 0;
    input->failed = n < 0;
    if (n > 0)
        input->end += (size_t)n;
}

static void give(struct fw_input *input, struct fw_input_line *line, size_t len, size_t next) {
    char *text = input->block + input->first;

    line->truncated = len > FW_LINE_MAX;
    if (line->truncated)
        len = FW_LINE_MAX;
    else if (len > 0 && text[len - 1] == '\r')
        len--;
    text[len] = '\0';
    line->text = text;
    line->len = len;
    input->first = next;
    input->looked = next;
}

/* The last line may lack its break; not after an error, where it is half a line that says something else. */
enum fw_input_result fw_input_next(struct fw_input *input, struct fw_input_line *line) {
    for (;;) {
        char *lf = memchr(input->block + input->looked, '\n', input->end - input->looked);
        const size_t stop = lf ? (size_t)(lf - input->block) : input->end;
        const size_t len = stop - input->first;
        const size_t next = lf ? stop + 1 : stop;

        if (input->skipping) {
            input->first = input->looked = next;
            input->skipping = !lf;
        } else if (lf || len > FW_LINE_MAX || (input->ended && !input->failed && len > 0)) {
            input->skipping = !lf && len > FW_LINE_MAX;
            give(input, line, len, next);
            if (line->len > 0)
                return FW_INPUT_LINE;
        } else {
            input->looked = stop;
        }
        if (!lf && input->ended)
            return input->failed ? FW_INPUT_FAILED : FW_INPUT_END;
        if (!lf)
            fill(input);
    }
}

const char *fw_input_error(const struct fw_input *input) {
    return fw_stream_error(input->stream);
}

fw_time fw_input_modified(const struct fw_input *input) {
    struct timespec now;
    struct stat st;

    if (fstat(fw_stream_descriptor(input->stream), &st) == 0 && S_ISREG(st.st_mode))
        now = st.st_mtim;
    else if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return 0;
    return (fw_time)now.tv_sec * FW_SECOND + now.tv_nsec / 1000000;
}

uint64_t fw_input_size(const struct fw_input *input) {
    struct stat st;

    return fstat(fw_stream_descriptor(input->stream), &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}
