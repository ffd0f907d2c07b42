/* test_base_subject.c: RFC 5256 2.1 on hard cases, and against a slow model of its steps on
   random subjects. */
#include "servers/mail/base_subject.h"

#include <strings.h>

#include "tests/unit/mail_check.h"

static const struct {
    const char *subject, *base;
    bool answers;
} cases[] = {
    { "", "", false },
    { "   ", "", false },
    { "Hello", "Hello", false },
    { " Hello\t  world ", "Hello world", false },
    /* (3) subj-leader: subj-refwd, with blobs before and one inside, and WSP */
    { "Re: Hello", "Hello", true },
    { "rE:Hello", "Hello", true },
    { "Re : Hello", "Hello", true },
    { "Fw: Hello", "Hello", true },
    { "FWD: Hello", "Hello", true },
    { "Fwdd: Hello", "Fwdd: Hello", false },
    { "Rex: Hello", "Rex: Hello", false },
    { "Fwd Hello", "Fwd Hello", false },
    { "AW: Hello", "AW: Hello", false },
    { "RE: re : Fwd: fw:Hello", "Hello", true },
    { "re[2]: Hello", "Hello", true },
    { "re [2] : Hello", "Hello", true },
    { "re [2][3]: Hello", "re [2][3]: Hello", false },
    { "re []: Hello", "Hello", true },
    { "re [2: Hello", "re [2: Hello", false },
    { "[list] Re: Hello", "Hello", true },
    { "[a][b]  [c] re [d]: Hello", "Hello", true },
    { "Re: [list] Re: [other] Hello", "Hello", true },
    { "Re:", "", true },
    { "Re: Re:", "", true },
    /* (4) subj-blob goes unless it is all there is */
    { "[list] Hello", "Hello", false },
    { "[a] [b]Hello", "Hello", false },
    { "[list]", "[list]", false },
    { "[list] [other]", "[other]", false },
    { "Re: [list]", "[list]", true },
    { "[a]re:[b]", "[b]", true },
    { "[] Hello", "Hello", false },
    { "[]", "[]", false },
    { "[[x]] Hello", "[[x]] Hello", false },
    { "[x Hello", "[x Hello", false },
    { "Hello [x]", "Hello [x]", false },
    { "] Hello", "] Hello", false },
    { "[Gr\303\274\303\237e] re: s\303\274\303\237", "s\303\274\303\237", true },
    /* (2) subj-trailer */
    { "Hello (fwd)", "Hello", true },
    { "Hello(FWD) (fwd)  ", "Hello", true },
    { "(fwd)", "", true },
    { "Re: (fwd)", "", true },
    { "[list] (fwd)", "[list]", true },
    { "Hello (fwd) there", "Hello (fwd) there", false },
    { "(fwd) Hello", "(fwd) Hello", false },
    { "Hello (fwd", "Hello (fwd", false },
    /* (6) subj-fwd */
    { "[fwd: Hello]", "Hello", true },
    { "[Fwd:Hello]", "Hello", true },
    { "[fwd: ]", "", true },
    { "[fwd:]", "", true },
    { "[Fwd: [fwd: Re: Hello (fwd)]]", "Hello", true },
    { "Re: [fwd: [list] Hello ] (fwd)", "Hello", true },
    { "[fwd: Hello] there", "there", false },
    { "[fwd: Hello", "[fwd: Hello", false },
    { "[fwd: [fwd: x]", "[fwd: x", true },
    { "fwd: Hello]", "Hello]", true },
};

START_TEST(hard_cases)
{
    struct buf work = BUF_MAX(1000);
    bool answers = !cases[_i].answers;
    slice subject = cut_new(slice_of(cases[_i].subject), strlen(cases[_i].subject));
    slice base = base_subject(&work, subject, &answers);
    ck_assert_msg(slice_is(base, cases[_i].base), "%s: %.*s, not %s", cases[_i].subject,
                  SLICE_ARG(base), cases[_i].base);
    ck_assert_int_eq(answers, cases[_i].answers);
    cut_free(subject);
    buf_free(&work);
}
END_TEST

/* --- the model: one step at a time, over again until nothing changes ------------------------- */

static size_t model_blob(const char *s)
{
    size_t inside = s[0] == '[' ? strcspn(s + 1, "[]") : 0;
    if (s[0] != '[' || s[1 + inside] != ']')
        return 0;
    return inside + 2 + strspn(s + inside + 2, " ");
}

static size_t model_refwd(const char *s)
{
    size_t n = strncasecmp(s, "re", 2) == 0 ? 2 : strncasecmp(s, "fwd", 3) == 0 ? 3
             : strncasecmp(s, "fw", 2) == 0 ? 2 : 0;
    if (!n)
        return 0;
    n += strspn(s + n, " ");
    n += model_blob(s + n);
    return s[n] == ':' ? n + 1 : 0;
}

static size_t model_leader(const char *s, bool *answers)
{
    size_t n = 0, refwd;
    if (s[0] == ' ')
        return 1;
    for (size_t blob; (blob = model_blob(s + n)) != 0;)
        n += blob;
    refwd = model_refwd(s + n);
    *answers |= refwd != 0;
    return refwd ? n + refwd : 0;
}

/* One thing taken off; false: nothing can be. */
static bool model_step(char *s, bool *answers)
{
    size_t len = strlen(s), n;
    if (len && s[len - 1] == ' ') {
        s[len - 1] = '\0';
        return true;
    }
    if (len >= 5 && strcasecmp(s + len - 5, "(fwd)") == 0) {
        s[len - 5] = '\0';
        return *answers = true;
    }
    n = model_leader(s, answers);
    if (n == 0 && model_blob(s) < len)
        n = model_blob(s);
    if (n) {
        memmove(s, s + n, len - n + 1);
        return true;
    }
    if (strncasecmp(s, "[fwd:", 5) != 0 || s[len - 1] != ']' || len < 6)
        return false;
    s[len - 1] = '\0';
    memmove(s, s + 5, len - 5);
    return *answers = true;
}

START_TEST(random_subjects_by_the_model)
{
    static const char *const pieces[] = { "[", "]", "[a]", "[b] ", "re", "Re:", "fw", "fwd:", ":",
                                          " ", "(fwd)", "[fwd:", "x", "(", "f" };
    uint64_t state = 12345;
    struct buf work = BUF_MAX(1000);
    for (int i = 0; i < 200000; i++) {
        char text[100] = "", model[100];
        bool answers = false, model_answers = false;
        for (int n = 0; n < 1 + i % 10; n++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            strcat(text, pieces[(state >> 33) % COUNT(pieces)]);
        }
        strcpy(model, text);
        for (char *s = model; *s; s++) /* step 1 */
            while (s[0] == ' ' && s[1] == ' ')
                memmove(s, s + 1, strlen(s));
        while (model_step(model, &model_answers))
            ;
        slice base = base_subject(&work, slice_of(text), &answers);
        ck_assert_msg(slice_is(base, model), "%s: %.*s, not %s", text, SLICE_ARG(base), model);
        ck_assert_msg(answers == model_answers, "%s", text);
    }
    buf_free(&work);
}
END_TEST

/* Each would take hours if it were gone through again at each step. */
START_TEST(long_subjects_take_linear_time)
{
    static const char *const units[] = { "[a]", "[a", "re[", "re:", "[fwd:", "(fwd)", " ", "[]re",
                                         "]", "fwd" };
    struct buf text = BUF_MAX(4u << 20), work = BUF_MAX(4u << 20);
    bool answers;
    while (buf_add_text(&text, units[_i]))
        ;
    base_subject(&work, buf_slice(&text), &answers);
    while (text.len > (2u << 20))
        text.len--;
    while (buf_add_text(&text, "]"))
        ;
    base_subject(&work, buf_slice(&text), &answers);
    buf_free(&text);
    buf_free(&work);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base_subject");
    TCase *tcase = tcase_create("base_subject");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, hard_cases, 0, COUNT(cases));
    tcase_add_test(tcase, random_subjects_by_the_model);
    tcase_add_loop_test(tcase, long_subjects_take_linear_time, 0, 10);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
