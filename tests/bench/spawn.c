/* spawn.c: how long programs take from their start to their end, side by side.
     spawn TIMES PROGRAM ARGUMENT… , PROGRAM ARGUMENT… , …
   They run in turn, so that all see the same machine; standard input is /dev/null and output
   goes there. Prints one row a program: its name, the median and the least in milliseconds,
   and the median's ratio to the last program's. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define PROGRAMS_MAX 8
#define TIMES_MAX 10000

extern char **environ;

struct program {
    char **argv;
    double took_ms[TIMES_MAX];
};

static struct program programs[PROGRAMS_MAX];

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double run_ms(char **argv, posix_spawn_file_actions_t *actions)
{
    pid_t child;
    int status;
    double start = now_ms();
    if (posix_spawnp(&child, argv[0], actions, NULL, argv, environ) != 0
        || waitpid(child, &status, 0) < 0 || status != 0) {
        fprintf(stderr, "spawn: %s did not run, or failed\n", argv[0]);
        exit(1);
    }
    return now_ms() - start;
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static int programs_of(int argc, char **argv)
{
    int count = 0;
    for (int i = 2; i < argc && count < PROGRAMS_MAX; i++) {
        programs[count++].argv = &argv[i];
        while (i < argc && strcmp(argv[i], ",") != 0)
            i++;
        if (i < argc)
            argv[i] = NULL;
    }
    return count;
}

int main(int argc, char **argv)
{
    int times = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
    int count = programs_of(argc, argv);
    posix_spawn_file_actions_t actions;
    if (times < 1 || times > TIMES_MAX || count == 0) {
        fprintf(stderr, "spawn TIMES PROGRAM ARGUMENT... , PROGRAM ARGUMENT...\n");
        return 2;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    for (int n = 0; n < times; n++)
        for (int i = 0; i < count; i++)
            programs[i].took_ms[n] = run_ms(programs[i].argv, &actions);
    for (int i = 0; i < count; i++)
        qsort(programs[i].took_ms, (size_t)times, sizeof(double), by_size);
    for (int i = 0; i < count; i++) {
        const struct program *program = &programs[i];
        printf("start-up, %-42s %10.2f ms  (least %.2f, %.2f of the last)\n", program->argv[0],
               program->took_ms[times / 2], program->took_ms[0],
               program->took_ms[times / 2] / programs[count - 1].took_ms[times / 2]);
    }
    return 0;
}
