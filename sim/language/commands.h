/* commands.h: the functions behind sim's commands, for the table in commands.c, and what
   the files commands*.c, check.c and sentence.c give each other. */
#ifndef SIM_COMMANDS_H
#define SIM_COMMANDS_H

#include "sim/language/command.h"
#include "sim/language/script.h"

/* commands_net.c */
bool command_telnet(struct call *);
bool command_dig(struct call *);
bool command_close(struct call *);
bool command_cut(struct call *);
void dig_free(struct dig *);                 /* NULL is allowed */
/* commands_type.c */
bool command_send(struct call *);
bool command_sample(struct call *);
bool command_octets(struct call *);
bool command_base64(struct call *);
/* commands_list.c */
bool command_users(struct call *);
bool command_hosts(struct call *);
bool command_on(struct call *);
/* commands_help.c */
bool command_help(struct call *);
/* commands_wait.c */
bool command_wait(struct call *);
/* commands_mail.c */
bool command_mail(struct call *);
bool command_programs(struct call *);        /* commands_programs.c */
bool command_dialect(struct call *);         /* commands_dialect.c */
/* commands_lose.c */
bool command_lose(struct call *);
/* commands_time.c */
bool command_undo(struct call *);
bool command_redo(struct call *);
bool command_restart(struct call *);
bool command_rewind(struct call *);
bool command_fork(struct call *);
bool command_branches(struct call *);
bool command_go(struct call *);
/* check.c */
bool command_check(struct call *);
extern const struct subcommand mail_words[], check_words[];
struct check_form {
    const char *usage;                       /* "server ADDRESS BOX has N messages" */
    const char *sample;                      /* "server ana@campus.example INBOX has 4 messages" */
    bool planned;                            /* not built yet */
};
extern const struct check_form check_forms[]; /* ends with one without usage */
/* What came of a check that somebody asks without typing it: nothing is traced. */
struct check_result {
    bool ok;
    char found[400];
    size_t at;                               /* where it is unreadable, */
    struct error why;                        /* and why */
};
/* `text` is what stands behind `check`. What it asks of the trace (visited, ended, rule, typed,
   ran, answer) counts from record `from` on. False: unreadable. */
bool check_ask(struct world *, slice text, uint64_t from, struct check_result *);
/* sentence.c */
bool command_sentence(struct call *);        /* by the command's name: host, mx, user … */
/* What wants to know before anything is changed: INPUT and history come first. */
bool sentence_run(struct world *, slice line, struct call *, bool *known, size_t *at,
                  struct error *why) MUST_CHECK;

/* The number of a host or device in the net: mail.campus.example, laptop, laptop.campus.example.
   0: no such thing in this world; the nearest name is in `meant`, or it is empty. */
uint32_t place_find(struct world *, slice name, slice *meant);
/* "smtp READY", "not connected", "OFFLINE": where a device is, in a few words. */
struct device_words {
    char text[96];
};
struct device_words device_words(const struct world *, const struct device *);
/* ", greylist on, refuse RCPT 451": how a host is set; nothing if as at first. */
struct policy;
void host_settings_write(struct buf *, const struct policy *);
/* What turns time, or looks at another time: it leaves nothing in the trace, the history has it.
   NULL: it was said why this world's time can't be turned. call_turned when all is said. */
struct timeline *call_turns(struct call *);
bool call_turned(struct call *);
/* Lets the world run inside a command that has begun; a failure is told when it has
   answered. */
void call_settle(struct call *);

#endif
