/* commands_programs.c: `programs`: which mail programs a device can imitate, and what each of them
   does, from their table. */
#include "base/words.h"
#include "sim/devices/programs.h"
#include "sim/language/commands.h"

#define NAME_COLUMNS 24
#define WHY_MAX 400

static void programs_list(struct call *call)
{
    size_t count = 0;
    const struct program *rows = programs(&count);
    for (size_t i = 0; i < count; i++)
        if (program_is_named(&rows[i]))
            call_pair(call, NAME_COLUMNS, rows[i].name, "%s", rows[i].does);
    call_say(call,
             "A device takes one with `mail setup like NAME`; `programs NAME` tells how it was "
             "measured.");
}

static void pop3_say(struct call *call, const struct program *program)
{
    static const char *const deletes[] = { [POP3_DELE_EACH] = "after each message",
                                           [POP3_DELE_LAST] = "after all messages",
                                           [POP3_DELE_FIRST] = "before the new messages" };
    static const char *const memories[] = { [MEMORY_DELETES] = "are deleted, and not fetched again",
                                            [MEMORY_SKIPS] = "are left alone",
                                            [MEMORY_NONE] = "are fetched again" };
    const struct pop3_habit *habit = program->pop3;
    const struct mail_account *account = &program->account;
    call_pair(call, NAME_COLUMNS, " Says", "%s", habit->opening);
    call_pair(call, NAME_COLUMNS, " For each message", "%s%s%s%s",
              habit->lists_each ? "LIST n, " : "", habit->top ? "TOP n " : "RETR n",
              habit->top ? habit->top : "", habit->header_again ? ", TOP n 0" : "");
    if (account->keep_ms)
        call_pair(call, NAME_COLUMNS, " DELE", "after %llu days%s",
                  (unsigned long long)(account->keep_ms / 86400000u),
                  account->carries_back ? ", and when a person deleted it here" : "");
    else
        call_pair(call, NAME_COLUMNS, " DELE", "%s",
                  account->removes ? deletes[habit->deletes] : "never");
    call_pair(call, NAME_COLUMNS, " Messages it has", "%s", memories[account->memory]);
    if (habit->newest_first)
        call_pair(call, NAME_COLUMNS, " Order", "the newest first");
    if (habit->pipelines || habit->pipelines_unasked)
        call_pair(call, NAME_COLUMNS, " Pipelines", "%s",
                  habit->pipelines ? "if the server offers it" : "whether it is offered or not");
    if (habit->leaves)
        call_pair(call, NAME_COLUMNS, " End", "without QUIT");
}

static void imap_say_habit(struct call *call, const struct imap_habit *habit)
{
    static const char *const deletes[] = {
        [IMAP_MOVES] = "UID MOVE to Trash",
        [IMAP_COPIES] = "UID COPY to Trash, \\Deleted, EXPUNGE",
        [IMAP_COPIES_UID] = "UID COPY to Trash, \\Deleted, UID EXPUNGE",
        [IMAP_EXPUNGES] = "\\Deleted, EXPUNGE",
        [IMAP_UID_EXPUNGES] = "\\Deleted, UID EXPUNGE",
        [IMAP_CLOSES] = "\\Deleted, CLOSE",
        [IMAP_MARKS] = "\\Deleted",
        [IMAP_FETCHES] = "never: it only fetches",
    };
    static const char *const purges[] = {
        [IMAP_PURGES_NEVER] = "never", [IMAP_PURGES_FIRST] = "EXPUNGE, when it opens a mailbox",
        [IMAP_PURGES_LAST] = "EXPUNGE, when it leaves a mailbox",
        [IMAP_PURGES_CLOSE] = "CLOSE, when it leaves a mailbox"
    };
    call_pair(call, NAME_COLUMNS, " Deletes", "%s", deletes[habit->deletes]);
    call_pair(call, NAME_COLUMNS, " Removes unasked", "%s", purges[habit->purges]);
    call_pair(call, NAME_COLUMNS, " Marks as read", "%s%s",
              habit->seen_by_fetch             ? "by fetching (no PEEK)"
              : habit->deletes == IMAP_FETCHES ? "never"
                                               : "by STORE",
              habit->overwrites ? ", and by STORE of all flags, over what others set" : "");
    call_pair(call, NAME_COLUMNS, " Makes", "%s%s%s", habit->makes ? habit->makes : "nothing",
              habit->subscribes ? ", and subscribes them" : "",
              habit->uses ? ", and says what they are for" : "");
}

static const char *const refusals[] = {
    [SMTP_UNKNOWN] = "not measured; the device sends to the others",
    [SMTP_GOES_ON] = "the others get it", [SMTP_DROPS] = "nobody gets it; it closes without QUIT",
    [SMTP_QUITS] = "nobody gets it; QUIT", [SMTP_RESETS] = "nobody gets it; RSET, QUIT"
};

static void smtp_say(struct call *call, const struct smtp_habit *habit)
{
    call_pair(call, NAME_COLUMNS, " Sends", "EHLO %s, AUTH %s%s, MAIL %s", habit->hello,
              habit->mechanism, habit->initial ? " with its first answer" : "",
              habit->parameters[0] ? habit->parameters : "without parameters");
    call_pair(call, NAME_COLUMNS, " One of two refused", "%s", refusals[habit->refused]);
}

static void program_say(struct call *call, const struct program *program)
{
    call_say(call, "%s%s%s: %s.", program->name, program->version ? " " : "",
             program->version ? program->version : "", program->does);
    if (program->pop3)
        pop3_say(call, program);
    if (program->imap)
        imap_say_habit(call, program->imap);
    if (program->smtp)
        smtp_say(call, program->smtp);
    if (!program_is_named(program))
        return;
    call_pair(call, NAME_COLUMNS, " Measured",
              PROGRAMS_MEASURED ", on Debian 12, against `pennypost serve`");
    if (program->unknown[0])
        call_pair(call, NAME_COLUMNS, " Not measured", "%s", program->unknown);
}

bool command_programs(struct call *call)
{
    slice rest = call->args;
    const struct program *program = program_take(&rest);
    if (!call->args.len) {
        programs_list(call);
    } else if (program && !slice_trim(rest).len) {
        program_say(call, program);
    } else {
        struct buf why = BUF_MAX(WHY_MAX);
        program_unknown(&why, call->args);
        call_refuse(call, call->args, "%s", buf_text(&why));
        buf_free(&why);
        return false;
    }
    return true;
}
