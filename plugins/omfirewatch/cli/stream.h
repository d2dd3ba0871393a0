/* stream.h: the bytes of a file or of standard input, unpacked.
 *
 * Plain, gzip (any number of members, as logrotate and cat leave them) or xz,
 * told by their first bytes and not by their names, so that standard input and
 * renamed files work. Memory: 64 KiB, and what the unpacker takes: 32 KiB for
 * gzip, at most FW_STREAM_XZ_MEMORY for xz, whoever made the file.
 */
#ifndef FW_STREAM_H
#define FW_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FW_STREAM_XZ_MEMORY (UINT64_C(128) << 20) /* xz -9 needs 65 MiB */

struct fw_stream;

/* path "-": standard input. Returns 0, or -1 with text in err. */
int fw_stream_open(struct fw_stream **stream, const char *path, char *err, size_t errlen);
void fw_stream_close(struct fw_stream **stream);

/* Like read(2): how many bytes, 0 at the end, -1 with the reason in fw_stream_error(). What could be unpacked before
 * an error has been returned before it. */
ssize_t fw_stream_read(struct fw_stream *stream, char *buf, size_t size);
const char *fw_stream_error(const struct fw_stream *stream);

/* Bytes of the file read so far (packed, if it is). */
uint64_t fw_stream_position(const struct fw_stream *stream);
/* The file, for fstat(2). */
int fw_stream_descriptor(const struct fw_stream *stream);

#endif
