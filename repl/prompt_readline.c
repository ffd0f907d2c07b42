/* prompt_readline.c: lines from a terminal, with editing, history and completion. The one
   file that knows readline; without it (HAVE_READLINE) a plain line is read instead.
   readline's callbacks carry no context, hence the few variables of this file. */
#include "repl/repl.h"

#ifdef HAVE_READLINE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "front/complete.h"
#include "front/prompt.h"
#include "repl/terminal.h"
#include "sim/language/groups.h"
#include "sim/shared.h"
#include "views/wrap.h"

#define HISTORY_LINES 1000

static struct repl *at;                /* whose lines these are */
static char *line_got;
static bool line_is_there;
static HISTORY_STATE *histories[TARGETS];
static size_t target_now;
static struct completions found;

/* --- history: one for each that hears ----------------------------------------------------- */

static void history_switch(size_t target)
{
    static HISTORY_STATE empty;
    if (histories[target_now])
        free(histories[target_now]);
    histories[target_now] = history_get_history_state();
    target_now = target;
    history_set_history_state(histories[target] ? histories[target] : &empty);
    using_history();
    stifle_history(HISTORY_LINES);
}

static void history_keep(const char *line)
{
    HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;
    if (line[0] == '\0' || strchr(line, '\n') || (last && strcmp(last->line, line) == 0))
        return;
    add_history(line);
}

static void histories_free(void)
{
    for (size_t i = 0; i < TARGETS; i++) {
        history_switch(i);
        clear_history();
        free(histories[i]);
        histories[i] = NULL;
    }
}

/* --- completion --------------------------------------------------------------------------- */

static char *completion_next(const char *text, int state)
{
    static size_t next;
    (void)text;
    if (state == 0)
        next = 0;
    return next < found.count ? strdup(found.words[next++]) : NULL;
}

static char **completion_offer(const char *text, int start, int end)
{
    rl_attempted_completion_over = 1;
    completions_find(&found, at->world, slice_upto(slice_of(rl_line_buffer), (size_t)end),
                     (size_t)start);
    if (found.files) {
        rl_attempted_completion_over = 0;
        return NULL;
    }
    rl_completion_append_character = found.ends ? '\0' : ' ';
    return rl_completion_matches(text, completion_next);
}

/* One group of commands, its words under each other's beginning. */
static size_t group_show(struct repl *repl, size_t from)
{
    const char *title = found.titles[from];
    struct buf words = BUF_MAX(4096), line = BUF_MAX(4200);
    for (; from < found.count && found.titles[from] == title; from++)
        buf_format(&words, "  %s", found.words[from]);
    buf_format(&line, " %-*s", GROUP_TITLE_COLUMN - 1, title);
    wrap_add(&line, buf_slice(&words), GROUP_TITLE_COLUMN, GROUP_TITLE_COLUMN,
             repl->front.look.columns);
    terminal_draw(repl->out, buf_slice(&line));
    buf_free(&words);
    buf_free(&line);
    return from;
}

/* Commands stand in their groups; other words as readline shows them. */
static void matches_show(char **matches, int count, int longest)
{
    if (found.count == 0 || !found.titles[0]) {
        rl_display_match_list(matches, count, longest);
        rl_forced_update_display();
        return;
    }
    show_text(at, "\n");
    for (size_t from = 0; from < found.count;)
        from = group_show(at, from);
    rl_forced_update_display();
}

/* --- lines -------------------------------------------------------------------------------- */

static void line_take(char *line)
{
    line_got = line;
    line_is_there = true;
    rl_callback_handler_remove();
}

/* Colours in a prompt are marked, so that readline does not count them. */
static void prompt_put(const struct repl *repl, const struct buf *prompt, struct buf *out)
{
    if (repl->front.look.colour)
        buf_add_text(out, "\001\033[36m\002");
    buf_add(out, buf_slice(prompt));
    if (repl->front.look.colour)
        buf_add_text(out, "\001\033[0m\002");
}

static void prompt_show(struct repl *repl)
{
    struct buf prompt = BUF_MAX(1024), above = BUF_MAX(1024), put = BUF_MAX(2048);
    show_ask_columns(repl);
    prompt_text(repl->world, &repl->front.look, &prompt, &above);
    if (above.len)
        show_text(repl, "%s\n", buf_text(&above));
    prompt_put(repl, &prompt, &put);
    history_switch(prompt_target(repl->world));
    rl_inhibit_completion = prompt_target(repl->world) == TARGET_TEXT;  /* a TAB is a TAB there */
    rl_callback_handler_install(buf_text(&put), line_take);
    if (repl->front.prefill[0]) {
        rl_insert_text(repl->front.prefill);
        rl_redisplay();
        repl->front.prefill[0] = '\0';
    }
    buf_free(&prompt);
    buf_free(&above);
    buf_free(&put);
}

static bool line_use(struct repl *repl)
{
    char *line = line_got;
    bool goes_on;
    line_is_there = false;
    line_got = NULL;
    if (!line && terminal_is_gone(STDIN_FILENO))
        return false;
    if (!line) {
        const char *pastes = rl_variable_value("enable-bracketed-paste");
        rl_eof_found = 0;  /* else every later line would end with an empty one, */
        if (!pastes || strcmp(pastes, "on") != 0)
            show_text(repl, "\n");  /* which readline printed itself if it prepares for pastes */
        return prompt_end_key(repl);
    }
    slice text = slice_of(line);
    if (!prompt_is_secret(repl->world, text))
        history_keep(line);
    goes_on = strchr(line, '\n') ? prompt_paste(repl, text) : prompt_line(repl, text);
    free(line);
    return goes_on;
}

/* What came through open ports stands above the line that is being typed. */
static void news_show(struct repl *repl)
{
    char offered[sizeof repl->front.offered];
    if (trace_end(repl->world->trace) == repl->shown)
        return;
    memcpy(offered, repl->front.offered, sizeof offered);
    rl_clear_visible_line();
    show_new(repl, false);
    rl_forced_update_display();
    memcpy(repl->front.offered, offered, sizeof offered);
}

/* Waits for a key or a signal; signals are let in only while it waits. False: an error. */
static bool key_wait(struct repl *repl, const sigset_t *open_mask, bool *ready)
{
    if (repl->gateway) {
        *ready = serve_prompt_round(repl, open_mask);
        news_show(repl);
        return true;
    }
    fd_set set;
    FD_ZERO(&set);
    FD_SET(STDIN_FILENO, &set);
    int count = pselect(STDIN_FILENO + 1, &set, NULL, NULL, NULL, open_mask);
    *ready = count > 0;
    return count > 0 || errno == EINTR;
}

/* Back from the background: the terminal has forgotten how it was set. */
static void line_again(struct repl *repl)
{
    char *line = strdup(rl_line_buffer);
    must(line != NULL);
    rl_callback_handler_remove();
    prompt_show(repl);
    rl_insert_text(line);
    rl_redisplay();
    free(line);
}

static void signals_use(struct repl *repl)
{
    if (signal_continue) {
        signal_continue = 0;
        line_again(repl);
    }
    if (signal_resize) {
        signal_resize = 0;
        rl_resize_terminal();
        show_ask_columns(repl);
    }
    if (signal_break) {
        signal_break = 0;
        show_text(repl, "^C\n");
        rl_callback_sigcleanup();
        rl_free_line_state();
        rl_replace_line("", 0);
        rl_callback_handler_remove();
        prompt_break_key(repl);
        prompt_show(repl);
    }
}

static void readline_begin(struct repl *repl)
{
    at = repl;
    rl_readline_name = "pennypost";
    rl_instream = stdin;
    rl_outstream = repl->out;
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_attempted_completion_function = completion_offer;
    rl_completion_display_matches_hook = matches_show;
    rl_sort_completion_matches = 0;      /* the likelier ones stand first */
    rl_completer_word_break_characters = " \t";
    rl_completer_quote_characters = "";
    rl_change_environment = 0;
    using_history();
}

void prompt_with_readline(struct repl *repl)
{
    sigset_t before;
    bool ready, goes_on = true;
    struct repl *outer = at;           /* whose line has begun this */
    readline_begin(repl);
    signals_hold(&before);
    prompt_show(repl);
    while (goes_on && !signal_leave) {
        if (!key_wait(repl, &before, &ready))
            break;
        signals_use(repl);
        if (!ready)
            continue;
        rl_callback_read_char();
        if (!line_is_there)
            continue;
        signals_let(&before);
        goes_on = line_use(repl);
        signals_hold(&before);
        if (goes_on)
            prompt_show(repl);
    }
    rl_callback_handler_remove();
    signals_let(&before);
    if (!outer)
        histories_free();
    completions_free(&found);
    at = outer;
}
#endif
