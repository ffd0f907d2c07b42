/* grade_json.c: a grade as a line of JSON, and back. Only what was written here is read: the keys
   in their order. */
#include "base/words.h"
#include "lessons/grade.h"
#include "lessons/misconception.h"
#include "servers/mail/encoding.h"
#include "views/json_write.h"

/* --- writing ------------------------------------------------------------------------------- */

void grade_write(const struct grade *grade, struct buf *out)
{
    json_begin(out, NULL, '{');
    json_put_text(out, "file", grade->file);
    json_put_name(out, "student", grade->student);
    json_put_name(out, "lesson", grade->lesson);
    json_put_name(out, "program", grade->program);
    json_put_count(out, "seed", grade->seed);
    json_begin(out, "met", '[');
    for (size_t i = 0; i < grade->goals; i++)
        json_put_truth(out, NULL, grade->met[i]);
    json_end(out, ']');
    json_put_count(out, "hints", grade->hints);
    json_put_count(out, "solutions", grade->solutions);
    json_put_count(out, "undos", grade->undos);
    json_begin(out, "misconceptions", '[');
    for (unsigned i = 1; i <= MISCONCEPTIONS; i++)
        if (grade->mistakes & 1u << i)
            json_put_count(out, NULL, i);
    json_end(out, ']');
    json_put_name(out, "replay", replay_words[grade->replay]);
    json_put_count(out, "lines", grade->lines);
    json_put_name(out, "receipt", grade->receipt);
    json_put_count(out, "line", grade->line);
    json_put_name(out, "why", grade->why);
    json_end(out, '}');
    buf_add_char(out, '\n');
}

/* --- reading ------------------------------------------------------------------------------- */

static bool hex_take(slice *rest, uint32_t *code)
{
    *code = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = rest->len > i ? hex_value(rest->at[i]) : -1;
        if (value < 0)
            return false;
        *code = *code << 4 | (uint32_t)value;
    }
    *rest = slice_from(*rest, 4);
    return true;
}

/* A text that json_text wrote: what it escapes is below U+10000. */
static bool escape_read(slice *rest, struct buf *text)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    uint32_t code;
    size_t at;
    if (take_char(rest, 'u')) {
        bool read = hex_take(rest, &code);
        if (read)
            utf8_add(text, code);
        return read && !text->full;
    }
    if (!rest->len || !slice_find(SLICE(from), rest->at[0], &at))
        return false;
    *rest = slice_from(*rest, 1);
    return buf_add_char(text, to[at]);
}

static bool text_read(slice *rest, struct buf *text)
{
    buf_clear(text);
    if (!take_char(rest, '"'))
        return false;
    while (rest->len && rest->at[0] != '"') {
        char octet = rest->at[0];
        *rest = slice_from(*rest, 1);
        if (octet == '\\' ? !escape_read(rest, text) : !buf_add_char(text, octet))
            return false;
    }
    return take_char(rest, '"');
}

/* ,"key":"text" into a field */
static bool field_read(slice *rest, const char *key, char *to, size_t size)
{
    struct buf text = BUF_MAX(size - 1);
    bool ok = take_prefix(rest, key) && text_read(rest, &text);
    field_set(to, size, buf_slice(&text));
    buf_free(&text);
    return ok;
}
#define FIELD_READ(rest, key, field) field_read((rest), ",\"" key "\":", (field), sizeof(field))

static bool number_read(slice *rest, const char *key, uint64_t *number)
{
    return take_prefix(rest, key) && take_number(rest, UINT64_MAX, number);
}
#define NUMBER_READ(rest, key, number) number_read((rest), ",\"" key "\":", (number))

static bool file_read(slice *rest, struct grade *grade, struct arena *arena)
{
    struct buf text = BUF_MAX(GRADE_JSON_MAX);
    bool ok = take_prefix(rest, "{\"file\":") && text_read(rest, &text);
    grade->file = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return ok;
}

static bool met_read(slice *rest, struct grade *grade)
{
    if (!take_prefix(rest, ",\"met\":["))
        return false;
    while (!take_char(rest, ']')) {
        if ((grade->goals && !take_char(rest, ',')) || grade->goals == LESSON_GOALS_MAX)
            return false;
        bool met = take_prefix(rest, "true");
        if (!met && !take_prefix(rest, "false"))
            return false;
        grade->met[grade->goals++] = met;
    }
    return true;
}

static bool mistakes_read(slice *rest, struct grade *grade)
{
    uint64_t number = 0;
    if (!take_prefix(rest, ",\"misconceptions\":["))
        return false;
    while (!take_char(rest, ']')) {
        if ((grade->mistakes && !take_char(rest, ',')) ||
            !take_number(rest, MISCONCEPTIONS, &number) || !number)
            return false;
        grade->mistakes |= 1u << number;
    }
    return true;
}

static bool replay_read(slice *rest, struct grade *grade)
{
    char word[16];
    if (!FIELD_READ(rest, "replay", word))
        return false;
    for (size_t i = 0; i <= REPLAY_BROKEN; i++)
        if (slice_is(slice_of(word), replay_words[i])) {
            grade->replay = (enum replay)i;
            return true;
        }
    return false;
}

bool grade_read(struct grade *grade, slice line, struct arena *arena, struct error *why)
{
    slice rest = line;
    *grade = (struct grade){ .goals = 0 };
    bool ok = line.len <= GRADE_JSON_MAX && file_read(&rest, grade, arena) &&
              FIELD_READ(&rest, "student", grade->student) &&
              FIELD_READ(&rest, "lesson", grade->lesson) &&
              FIELD_READ(&rest, "program", grade->program) &&
              NUMBER_READ(&rest, "seed", &grade->seed) && met_read(&rest, grade) &&
              NUMBER_READ(&rest, "hints", &grade->hints) &&
              NUMBER_READ(&rest, "solutions", &grade->solutions) &&
              NUMBER_READ(&rest, "undos", &grade->undos) && mistakes_read(&rest, grade) &&
              replay_read(&rest, grade) && NUMBER_READ(&rest, "lines", &grade->lines) &&
              FIELD_READ(&rest, "receipt", grade->receipt) &&
              NUMBER_READ(&rest, "line", &grade->line) && FIELD_READ(&rest, "why", grade->why) &&
              slice_is(rest, "}");
    ok = ok && (!grade->student[0] || student_is_good(slice_of(grade->student))) &&
         (!grade->lesson[0] || lesson_name_is_good(slice_of(grade->lesson)));
    return ok || error_set(why, "this is no line of `pennypost grade --json`");
}
