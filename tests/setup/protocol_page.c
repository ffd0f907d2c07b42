/* protocol_page.c: a protocol's table of rules as a page of Markdown, for docs/protocols/.
     protocol_page [PROTOCOL]      without one: their names
   Reads the rows that the server executes, and adds nothing of its own. */
#include <stdio.h>
#include <string.h>

#include "servers/services_table.h"

/* A cell of a Markdown table. */
static void cell_text(const char *text)
{
    printf(" ");
    for (; *text; text++)
        fputs(*text == '|' ? "\\|" : (const char[]){ *text, 0 }, stdout);
    printf(" |");
}

static void cell_code(const char *text)
{
    if (!*text) {
        printf(" |");
        return;
    }
    printf(" `");
    for (; *text; text++)
        fputs(*text == '|' ? "\\|" : (const char[]){ *text, 0 }, stdout);
    printf("` |");
}

static void head(const char *title, const char *columns)
{
    printf("\n## %s\n\n|", title);
    int count = 0;
    for (const char *at = columns; *at; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',')) {
        printf(" %.*s |", (int)strcspn(at, ","), at);
        count++;
    }
    printf("\n|");
    for (int i = 0; i < count; i++)
        printf("---|");
    printf("\n");
}

static void states_print(const struct protocol *protocol)
{
    head("States", "state,in it …");
    for (size_t i = 0; i < protocol->state_count; i++) {
        printf("|");
        cell_code(protocol->states[i].name);
        cell_text(protocol->states[i].meaning);
        printf("\n");
    }
}

/* Where the event is run, with what follows when it goes well. */
static void cell_next(const struct protocol *protocol, int state, int event)
{
    const struct rule *rule = protocol_rule(protocol, state, event, OUT_OK);
    if (!protocol_allows(protocol, state, event))
        printf(" · |");
    else if (!rule || rule->next == STAY || rule->next == state)
        printf(" yes |");
    else
        printf(" → %s |", protocol->states[rule->next].name);
}

static void events_print(const struct protocol *protocol)
{
    printf("\n## What is run when\n\n· is refused; → the state that follows when it goes "
           "well.\n\n|  |");
    for (size_t i = 0; i < protocol->state_count; i++)
        printf(" %s |", protocol->states[i].name);
    printf("\n|---|");
    for (size_t i = 0; i < protocol->state_count; i++)
        printf("---|");
    printf("\n");
    for (size_t event = EV_OPENED; event < protocol->event_count; event++) {
        if (!protocol->events[event].verb)
            continue;
        printf("|");
        cell_text(protocol->events[event].verb);
        for (size_t i = 0; i < protocol->state_count; i++)
            cell_next(protocol, (int)i, (int)event);
        printf("\n");
    }
}

static void samples_print(const struct protocol *protocol)
{
    head("Events", "event,for example,what it does");
    for (size_t i = EV_OPENED; i < protocol->event_count; i++) {
        const struct event *event = &protocol->events[i];
        if (!event->verb)
            continue;
        printf("|");
        cell_text(event->verb);
        cell_code(event->sample ? event->sample : "");
        cell_text(event->meaning ? event->meaning : "");
        printf("\n");
    }
}

static void rules_print(const struct protocol *protocol)
{
    head("Rules", "in,event,outcome,reply,next,RFC");
    for (size_t i = 0; i < protocol->rule_count; i++) {
        const struct rule *rule = &protocol->rules[i];
        printf("|");
        for (size_t state = 0; state < protocol->state_count; state++)
            if (rule->from & IN(state))
                printf(" %s", protocol->states[state].name);
        printf(" |");
        cell_text(rule->event == EV_ANY ? "(any other)"
                                        : protocol_event_name(protocol, rule->event));
        cell_text(outcome_name(rule->outcome));
        cell_code(rule->reply ? rule->reply : "");
        cell_text(rule->next == STAY ? "" : protocol->states[rule->next].name);
        cell_text(rule->rfc);
        printf("\n");
    }
}

static void capabilities_print(const struct protocol *protocol)
{
    head("What the server advertises", "token,in");
    for (size_t i = 0; i < protocol->capability_count; i++) {
        const struct capability *capability = &protocol->capabilities[i];
        printf("|");
        cell_code(capability->token);
        for (size_t state = 0; state < protocol->state_count; state++)
            if (capability->states & IN(state))
                printf(" %s", protocol->states[state].name);
        printf(" |\n");
    }
}

static void codes_print(const struct protocol *protocol)
{
    head("How replies begin", "reply,meaning");
    for (size_t i = 0; i < protocol->code_count; i++) {
        printf("|");
        cell_code(protocol->codes[i].text);
        cell_text(protocol->codes[i].meaning);
        printf("\n");
    }
}

int main(int argc, char **argv)
{
    const struct protocol *protocol = argc == 2 ? protocol_for_name(slice_of(argv[1])) : NULL;
    if (protocol) {
        printf("# %s (RFC %s)\n\nWritten by `make docs` from `servers/%s/%s_table.c`: the rows that"
               " the server executes.\n", protocol->title, protocol->rfc, protocol->name,
               protocol->name);
        states_print(protocol);
        events_print(protocol);
        samples_print(protocol);
        rules_print(protocol);
        capabilities_print(protocol);
        codes_print(protocol);
        return 0;
    }
    while (argc == 1 && (protocol = protocol_next(protocol)))
        printf("%s\n", protocol->name);
    return argc == 1 ? 0 : 2;
}
