/* main.c: runs a fuzz target over the files and directories it is given.
 *
 * Linked to every tests/fuzz/fuzz_*.c in an ordinary build, so that the corpora
 * are replayed by the tests on any machine. With ./configure --enable-fuzzing
 * libFuzzer's own main takes its place.
 * Each input is handed over in a block of exactly its size, so that a sanitizer
 * sees one byte too far.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX (1 << 20) /* libFuzzer's inputs are far smaller */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long inputs;

static int run_file(const char *path, size_t size) {
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size != 0 ? size : 1);
    int rc = -1;

    if (file != NULL && data != NULL && size <= INPUT_MAX && fread(data, 1, size, file) == size) {
        LLVMFuzzerTestOneInput(data, size);
        inputs++;
        rc = 0;
    } else {
        fprintf(stderr, "%s: cannot be read\n", path);
    }
    free(data);
    if (file != NULL) {
        fclose(file);
    }
    return rc;
}

static int run(const char *path) {
    struct stat st;
    struct dirent **names;
    char inside[4096];
    int rc = 0;
    int n;
    int i;

    if (stat(path, &st) != 0) {
        perror(path);
        return -1;
    }
    if (!S_ISDIR(st.st_mode)) {
        return run_file(path, (size_t)st.st_size);
    }
    n = scandir(path, &names, NULL, alphasort);
    if (n < 0) {
        perror(path);
        return -1;
    }
    for (i = 0; i < n; i++) {
        if (names[i]->d_name[0] != '.') {
            snprintf(inside, sizeof(inside), "%s/%s", path, names[i]->d_name);
            rc |= run(inside);
        }
        free(names[i]);
    }
    free(names);
    return rc;
}

int main(int argc, char **argv) {
    int rc = 0;
    int i;

    for (i = 1; i < argc; i++) {
        rc |= run(argv[i]);
    }
    printf("%lu inputs\n", inputs);
    return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
