/* client.c: see client.h: the only code that moves a client from step to step. */
#include "servers/client.h"

#include "base/limits.h"

/* The answer whose rows are about it: itself, if the step has one, or else ANSWER_ANY; -1: none. */
static int rows_answer(const struct client_table *table, int step, int answer)
{
    for (size_t i = 0; i < table->row_count; i++)
        if ((table->rows[i].from & IN(step)) && table->rows[i].answer == answer)
            return answer;
    return table->answers[answer].inner ? -1 : ANSWER_ANY;
}

bool client_row_is_for(const struct client_table *table, const struct client_row *row, int step,
                       int answer)
{
    return (row->from & IN(step)) && row->answer == rows_answer(table, step, answer);
}

void client_move(const struct client_table *table, void *client, uint8_t *step, int answer)
{
    int which = rows_answer(table, *step, answer);
    for (size_t i = 0; i < table->row_count; i++) {
        const struct client_row *row = &table->rows[i];
        if (!(row->from & IN(*step)) || row->answer != which ||
            (row->when && !row->when->holds(client, row->next)))
            continue;
        *step = row->next;
        if (table->steps[row->next].says)
            table->steps[row->next].says(client);
        return;
    }
}

void client_hear(const struct client_table *table, void *client, uint8_t *step, int answer,
                 slice text)
{
    if (table->steps[*step].hears)
        table->steps[*step].hears(client, answer, text);
    client_move(table, client, step, answer);
}

int client_step_named(const struct client_table *table, slice name)
{
    for (size_t i = 0; i < table->step_count; i++)
        if (slice_is(name, table->steps[i].name))
            return (int)i;
    return -1;
}

/* --- lint --------------------------------------------------------------------------------- */

/* Rows for one answer at one step: those with a condition, then one that always holds. */
static bool cell_lint(const struct client_table *table, int step, int answer, struct error *why)
{
    const char *at = table->steps[step].name, *what = table->answers[answer].name;
    size_t count = 0;
    bool always = false;
    for (size_t i = 0; i < table->row_count; i++) {
        if (!client_row_is_for(table, &table->rows[i], step, answer))
            continue;
        if (always)
            return error_set(why, "%s client: %s, %s: a row that is never taken", table->name, at,
                             what);
        always = table->rows[i].when == NULL;
        count++;
    }
    bool needed = !table->answers[answer].inner && !table->steps[step].text;
    if (!always && (count || needed))
        return error_set(why, "%s client: %s, %s: no row that always holds", table->name, at, what);
    return true;
}

/* Steps to which rows lead from the first one. */
static uint32_t steps_reached(const struct client_table *table)
{
    uint32_t reached = IN(table->first), before = 0;
    while (reached != before) {
        before = reached;
        for (size_t i = 0; i < table->row_count; i++)
            if (table->rows[i].from & reached)
                reached |= IN(table->rows[i].next);
    }
    return reached;
}

bool client_lint(const struct client_table *table, struct error *why)
{
    uint32_t reached = steps_reached(table), from = 0;
    if (table->step_count > CLIENT_STEPS_MAX)
        return error_set(why, "%s client: more than %d steps", table->name, CLIENT_STEPS_MAX);
    for (size_t i = 0; i < table->row_count; i++)
        from |= table->rows[i].from;
    for (int step = 0; step < (int)table->step_count; step++) {
        const struct client_step *declared = &table->steps[step];
        bool over = step == table->over;
        if (!declared->name || !declared->meaning)
            return error_set(why, "%s client: step %d is not told", table->name, step);
        if (!(reached & IN(step)))
            return error_set(why, "%s client: %s is never reached", table->name, declared->name);
        if (over != !(from & IN(step)))
            return error_set(why, "%s client: %s is left by no row, or left when it is over",
                             table->name, declared->name);
        for (int answer = ANSWER_ANY + 1; !over && answer < (int)table->answer_count; answer++)
            if (!cell_lint(table, step, answer, why))
                return false;
    }
    return from >> (table->step_count - 1) >> 1 == 0 ||
           error_set(why, "%s client: a row of no step", table->name);
}

/* --- what waits to be sent ---------------------------------------------------------------- */

slice client_out_left(const struct client_out *out)
{
    return slice_from(buf_slice(&out->text), out->sent);
}

void client_out_sent(struct client_out *out, size_t octets)
{
    out->sent += octets;
    must(out->sent <= out->text.len);
    if (out->sent == out->text.len) {
        buf_clear(&out->text);
        out->sent = 0;
    } else if (out->sent >= OUTPUT_HIGH_WATER && out->sent >= out->text.len / 2) {
        buf_drop_front(&out->text, out->sent);
        out->sent = 0;
    }
}
