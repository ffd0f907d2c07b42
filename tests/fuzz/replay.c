/* replay.c: a main for a fuzz target where no fuzzer is: every file of its corpus once, in
   the order of their names. The corpus of fuzz_imap is tests/fuzz/corpus/imap; files can
   also be named on the command line. Prints TAP, one test a file. An input that crashes
   ends the program: the last name on stderr is its. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NAME_BYTES 1024

static int tests;

static uint8_t *file_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        return NULL;
    long end = ftell(file);
    if (end < 0)
        return NULL;
    rewind(file);
    *size = (size_t)end;
    uint8_t *data = malloc(*size ? *size : 1); /* exactly its size: reading past it is seen */
    if (data && fread(data, 1, *size, file) != *size) {
        free(data);
        data = NULL;
    }
    fclose(file);
    return data;
}

static int file_replay(const char *path)
{
    size_t size = 0;
    uint8_t *data = file_read(path, &size);
    if (!data) {
        printf("not ok %d - %s cannot be read\n", ++tests, path);
        return 1;
    }
    fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    printf("ok %d - %s\n", ++tests, path);
    return 0;
}

static int is_shown(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static int by_name(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static int folder_replay(const char *folder)
{
    struct dirent **entries;
    int failed = 0;
    int count = scandir(folder, &entries, is_shown, by_name);
    for (int i = 0; i < count; i++) {
        char path[NAME_BYTES];
        int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        failed |= length < NAME_BYTES ? file_replay(path) : 1;
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    if (count > 0)
        return failed;
    printf("not ok %d - %s is empty or missing\n", ++tests, folder);
    return 1;
}

/* The program's own name says which corpus: …/fuzz_imap has tests/fuzz/corpus/imap. */
int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= file_replay(argv[i]);
    if (argc < 2) {
        const char *slash = strrchr(argv[0], '/');
        const char *name = slash ? slash + 1 : argv[0];
        char folder[NAME_BYTES];
        snprintf(folder, sizeof folder, "tests/fuzz/corpus/%s",
                 strncmp(name, "fuzz_", 5) == 0 ? name + 5 : name);
        failed |= folder_replay(folder);
    }
    printf("1..%d\n", tests);
    return failed;
}
