/* input.h: the lines of a log file.
 *
 * One buffer for the whole file: a line of more than FW_LINE_MAX bytes is cut
 * there and the rest of it read over, so a file without a line break runs in the
 * same memory as any other. A carriage return before the line break goes; empty
 * lines are no messages, to rsyslog neither. NUL bytes are ordinary bytes.
 */
#ifndef FW_INPUT_H
#define FW_INPUT_H

#include <stdbool.h>

#include "../core/event.h"
#include "../parse/parser.h"

struct fw_input;

struct fw_input_line {
    char *text; /* text[len] is NUL; good until the next call */
    size_t len;
    bool truncated;
};

enum fw_input_result { FW_INPUT_LINE, FW_INPUT_END, FW_INPUT_FAILED };

/* path "-": standard input. Returns 0, or -1 with text in err. */
int fw_input_open(struct fw_input **input, const char *path, char *err, size_t errlen);
void fw_input_close(struct fw_input **input);

/* wait(cookie, position): called before each read of the file, which may block. position: bytes read. */
void fw_input_on_wait(struct fw_input *input, void (*wait)(void *cookie, uint64_t position), void *cookie);

/* After FW_INPUT_FAILED fw_input_error() tells why; the lines before the error have been given. */
enum fw_input_result fw_input_next(struct fw_input *input, struct fw_input_line *line);
const char *fw_input_error(const struct fw_input *input);

/* When the file was last written, or now for what is no regular file. */
fw_time fw_input_modified(const struct fw_input *input);
/* Bytes of a regular file, else 0. */
uint64_t fw_input_size(const struct fw_input *input);

#endif
