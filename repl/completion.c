/* completion.c: what command_line.h declares, as scripts for bash, zsh and fish. */
#include <string.h>

#include "lessons/course.h"
#include "lessons/recording.h"
#include "lessons/story.h"
#include "repl/command_line.h"

static const char *dashes(const struct line_option *option) { return option->name[1] ? "--" : "-"; }

static void commands_add(struct buf *out, const char *between)
{
    for (int command = VERB_PROMPT + 1; command < VERBS; command++)
        buf_format(out, "%s%s", command > VERB_PROMPT + 1 ? between : "", line_verbs[command].name);
}

/* The names that the program has for it. */
static bool is_listed(enum line_word word)
{
    return word == WORD_STORY || word == WORD_RECORDING || word == WORD_LESSON;
}

static void listed_add(struct buf *out, enum line_word word)
{
    const char *between = "";
    for (size_t i = 0; word == WORD_STORY && stories[i].name; i++, between = " ")
        buf_format(out, "%s%s", between, stories[i].name);
    for (size_t i = 0; word == WORD_RECORDING && recording_texts[i].name; i++, between = " ")
        buf_format(out, "%s%s", between, recording_texts[i].name);
    for (size_t i = 0; word == WORD_LESSON && lesson_texts[i].name; i++, between = " ")
        buf_format(out, "%s%s", between, lesson_texts[i].name);
}

static void options_add(struct buf *out, unsigned of, const char *between)
{
    size_t count = 0;
    const struct line_option *option;
    for (size_t i = 0; (option = line_option_at(i)); i++)
        if (option->of & of)
            buf_format(out, "%s%s%s", count++ ? between : "", dashes(option), option->name);
}

static void options_with_add(struct buf *out, enum line_word word)
{
    size_t count = 0;
    const struct line_option *option;
    for (size_t i = 0; (option = line_option_at(i)); i++)
        if (option->word == word && !option->may_lack)
            buf_format(out, "%s%s%s", count++ ? "|" : "", dashes(option), option->name);
}

/* --- bash ------------------------------------------------------------------------------------- */

static void bash_words(struct buf *out)
{
    const struct line_option *option;
    buf_add_text(out, "    case $prev in\n    ");
    options_with_add(out, WORD_FILE);
    buf_add_text(out, ") compopt -o default 2>/dev/null; return ;;\n    ");
    options_with_add(out, WORD_FOLDER);
    buf_add_text(out, ") compopt -o dirnames 2>/dev/null; return ;;\n    ");
    options_with_add(out, WORD_TEXT);
    buf_add_text(out, ") return ;;\n");
    for (size_t i = 0; (option = line_option_at(i)); i++)
        if (option->word == WORD_CHOICE)
            buf_format(out, "    %s%s) COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n",
                       dashes(option), option->name, option->choice);
    buf_add_text(out, "    esac\n");
}

static void bash_command(struct buf *out, enum line_number command)
{
    const struct line_verb *verb = &line_verbs[command];
    buf_format(out, "    %s:-*) words='", command == VERB_PROMPT ? "''" : verb->name);
    options_add(out, VERB_BIT(command), " ");
    buf_add_text(out, "' ;;\n");
    if (command == VERB_PROMPT || verb->word == WORD_CHOICE || is_listed(verb->word)) {
        buf_format(out, "    %s:*) words='", command == VERB_PROMPT ? "''" : verb->name);
        if (command == VERB_PROMPT)
            commands_add(out, " ");
        else if (is_listed(verb->word))
            listed_add(out, verb->word);
        else
            buf_add_text(out, verb->choice);
        buf_add_text(out, "' ;;\n");
    }
}

static void bash_write(struct buf *out)
{
    buf_add_text(out, "# bash completion for pennypost, written by `pennypost completion bash`\n"
                      "_pennypost() {\n"
                      "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                      "    local command= words= i\n"
                      "    COMPREPLY=()\n"
                      "    [ \"$prev\" = = ] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
                      "    [ \"$cur\" = = ] && prev=${COMP_WORDS[COMP_CWORD-1]} cur=\n"
                      "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                      "        case ${COMP_WORDS[i]} in\n        ");
    commands_add(out, "|");
    buf_add_text(out, ") command=${COMP_WORDS[i]}; break ;;\n        esac\n    done\n");
    bash_words(out);
    buf_add_text(out, "    case $command:$cur in\n");
    for (int command = 0; command < VERBS; command++)
        bash_command(out, (enum line_number)command);
    buf_add_text(out, "    esac\n"
                      "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                      "    [ \"$command\" ] && compopt -o default 2>/dev/null\n"
                      "    return 0\n"
                      "}\n"
                      "complete -F _pennypost pennypost\n");
}

/* --- zsh -------------------------------------------------------------------------------------- */

static void zsh_action(struct buf *out, enum line_word word, const char *choice)
{
    static const char *const actions[] = { [WORD_TEXT] = ":word: ", [WORD_FILE] = ":file:_files",
                                           [WORD_FOLDER] = ":folder:_files -/" };
    if (word == WORD_CHOICE)
        buf_format(out, ":word:(%s)", choice);
    else if (is_listed(word)) {
        buf_add_text(out, ":name or file:{_alternative \"names:name:(");
        listed_add(out, word);
        buf_add_text(out, ")\" \"files:file:_files\"}");
    } else if (word != WORD_NONE) {
        buf_add_text(out, actions[word]);
    }
}

static void zsh_option(struct buf *out, const struct line_option *option)
{
    const char *joint = !option->name[1] || option->word == WORD_NONE ? ""
                        : option->may_lack                            ? "=-"
                                                                      : "=";
    buf_format(out, " \\\n            '%s%s%s[%s]", dashes(option), option->name, joint,
               option->meaning);
    if (option->may_lack)
        buf_add_char(out, ':');
    zsh_action(out, option->word, option->choice);
    buf_add_char(out, '\'');
}

static void zsh_command(struct buf *out, enum line_number command)
{
    const struct line_verb *verb = &line_verbs[command];
    const struct line_option *option;
    buf_format(out, "    %s)\n        _arguments", command == VERB_PROMPT ? "''" : verb->name);
    for (size_t i = 0; (option = line_option_at(i)); i++)
        if (option->of & VERB_BIT(command))
            zsh_option(out, option);
    if (command == VERB_PROMPT) {
        buf_add_text(out, " \\\n            '1:command:((");
        for (int other = VERB_PROMPT + 1; other < VERBS; other++)
            buf_format(out, "%s%s\\:\"%s\"", other > VERB_PROMPT + 1 ? " " : "",
                       line_verbs[other].name, line_verbs[other].meaning);
        buf_add_text(out, "))'");
    } else {
        buf_format(out, " \\\n            '1:command:(%s)'", verb->name);
        if (verb->word != WORD_NONE) {
            buf_add_text(out, " \\\n            '*");
            zsh_action(out, verb->word, verb->choice);
            buf_add_char(out, '\'');
        }
    }
    buf_add_text(out, " ;;\n");
}

static void zsh_write(struct buf *out)
{
    buf_add_text(out, "#compdef pennypost\n"
                      "# zsh completion for pennypost, written by `pennypost completion zsh`\n"
                      "_pennypost() {\n"
                      "    local command=${words[(r)(");
    commands_add(out, "|");
    buf_add_text(out, ")]}\n    [[ $words[CURRENT] = $command ]] && command=\n"
                      "    case $command in\n");
    for (int command = 0; command < VERBS; command++)
        zsh_command(out, (enum line_number)command);
    buf_add_text(out, "    esac\n}\n_pennypost \"$@\"\n");
}

/* --- fish ------------------------------------------------------------------------------------- */

static void fish_word(struct buf *out, enum line_word word, bool may_lack, const char *choice)
{
    if (word == WORD_FILE || word == WORD_FOLDER)
        buf_add_text(out, " -r -F");
    else if (word == WORD_CHOICE)
        buf_format(out, " -x -a '%s'", choice);
    else if (word == WORD_TEXT)
        buf_add_text(out, may_lack ? " -f" : " -x");
}

static void fish_option(struct buf *out, const struct line_option *option)
{
    buf_add_text(out, "complete -c pennypost");
    if (option->of != VERB_ALL) {
        buf_add_text(out, " -n '__fish_seen_subcommand_from");
        for (int command = VERB_PROMPT + 1; command < VERBS; command++)
            if (option->of >> command & 1)
                buf_format(out, " %s", line_verbs[command].name);
        buf_add_char(out, '\'');
    }
    buf_format(out, " %s %s", option->name[1] ? "-l" : "-s", option->name);
    fish_word(out, option->word, option->may_lack, option->choice);
    buf_format(out, " -d '%s'\n", option->meaning);
}

static void fish_verb(struct buf *out, const struct line_verb *verb)
{
    buf_format(out, "complete -c pennypost -n __fish_use_subcommand -f -a %s -d '%s'\n", verb->name,
               verb->meaning);
    if (verb->word != WORD_CHOICE && !is_listed(verb->word))
        return;
    buf_format(out, "complete -c pennypost -n '__fish_seen_subcommand_from %s' -a '", verb->name);
    if (is_listed(verb->word))
        listed_add(out, verb->word);
    else
        buf_add_text(out, verb->choice);
    buf_add_text(out, "'\n");
}

static void fish_write(struct buf *out)
{
    const struct line_option *option;
    buf_add_text(out, "# fish completion for pennypost, written by `pennypost completion fish`\n");
    for (int command = VERB_PROMPT + 1; command < VERBS; command++)
        fish_verb(out, &line_verbs[command]);
    for (size_t i = 0; (option = line_option_at(i)); i++)
        fish_option(out, option);
}

bool completion_write(struct buf *out, slice shell)
{
    static const struct {
        const char *shell;
        void (*write)(struct buf *);
    } all[] = { { "bash", bash_write }, { "zsh", zsh_write }, { "fish", fish_write } };
    for (size_t i = 0; i < COUNT(all); i++)
        if (slice_is(shell, all[i].shell)) {
            all[i].write(out);
            return true;
        }
    return false;
}
