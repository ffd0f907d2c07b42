/* policy.h: how one host's servers are set. The world's sentences fill it; engines read it. */
#ifndef SERVERS_POLICY_H
#define SERVERS_POLICY_H

#include "base/slice.h"

struct dialect;
struct protocol;

#define POLICY_DOMAINS_MAX 16
#define POLICY_REFUSALS_MAX 16
#define POLICY_WITHOUT_MAX 16
#define POLICY_DIALECTS_MAX 3

/* "set HOST refuse RCPT 451 first 2": the verb is refused with the code, the first
   `left` times, or always. */
struct refusal {
    char verb[24];
    char code[24];
    int64_t left;      /* -1: always */
};

struct policy {
    char name[256];                          /* mail.campus.example */
    char address[64];                        /* 192.0.2.1; "": not known, no literal is ours */
    char domains[POLICY_DOMAINS_MAX][256];   /* mail for these is kept here */
    size_t domain_count;
    bool greylist;
    bool require_tls;
    struct refusal refusals[POLICY_REFUSALS_MAX];
    size_t refusal_count;
    char without[POLICY_WITHOUT_MAX][32];    /* "set HOST without QRESYNC": not advertised */
    size_t without_count;
    const struct dialect *dialects[POLICY_DIALECTS_MAX]; /* "answers like"; one a protocol */
    size_t dialect_count;
};

bool policy_has_domain(const struct policy *, slice domain);
/* A capability that this host keeps to itself. */
bool policy_is_without(const struct policy *, slice token);
/* How that protocol is spoken here. NULL: in our own way. */
const struct dialect *policy_dialect(const struct policy *, const struct protocol *);
/* In place of the one that the protocol has; NULL: our own way again. */
void policy_dialect_set(struct policy *, const struct protocol *, const struct dialect *);
/* Uses up one of a counted refusal. NULL: the verb is not refused. */
const struct refusal *policy_refuses(struct policy *, slice verb);

#endif
