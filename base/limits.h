/* limits.h: what bounds those outside, on one page, each with its why: octets from a socket, a
   message, a world, a script; how long a server or a mail program waits. What sizes one file's
   own array or text stands in that file; the size of a lesson, a story or a hand-in in its header.
   Only numbers live here. Sizes are octets, durations milliseconds, unless the name says
   otherwise. `make tidy` looks that each has a reason, is used, and is defined nowhere else. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* Lines and literals, as they come from the wire. */
#define SMTP_LINE_MAX 2048          /* RFC 5321 4.5.3.1.4 asks for 512; AUTH answers are longer (RFC 4954: 12288 is for GSSAPI, not offered) */
#define POP3_LINE_MAX 1024          /* RFC 2449 4 asks for 255; AUTH answers are longer */
#define IMAP_LINE_MAX 65536         /* RFC 7162 4 asks for 8192; sequence sets of real clients are longer */
#define IMAP_LITERAL_MAX 65536      /* any literal but APPEND's: names, passwords, search strings */
#define IMAP_LITERALS_MAX 64        /* literals in one command, messages of APPEND not counted: SEARCH uses a handful */
#define IMAP_COMMAND_MAX 262144     /* one command, its lines and small literals together */
#define IMAP_TAG_MAX 128            /* those measured use 1 to 8; it is kept while the command lasts */
#define IMAP_LITERAL_BEFORE_LOGIN_MAX 1024 /* user names and passwords, nothing else */
#define BODY_PIECE_MAX 4096         /* a body line is handed on in pieces of this size, so no line is too long */
#define SASL_ANSWER_MAX 1024        /* decoded: identity, name and password of 255 each, and room */
#define SASL_CHALLENGE_MAX 512      /* two nonces, a salt, a host's name */
#define SCRAM_ITERATIONS 4096       /* RFC 7677 4: at least; more makes a thief's guesses dearer, and each login */
#define SCRAM_SALT_BYTES 16         /* as long as RFC 7677 3's example */
#define SCRAM_HASH_BYTES 32         /* SHA-256 */
#define SCRAM_NONCE_MAX 256         /* a client's part; real ones have 18 to 44 */

/* Messages. */
#define MESSAGE_BYTES_MAX (32u << 20) /* SIZE as advertised; what a big provider takes */
#define APPEND_BYTES_MAX (128u << 20) /* the messages of one APPEND together: they are stored in one go */
#define MESSAGE_CHUNK_BYTES 65536   /* one row of the store: big messages are read piecewise */
#define INTAKE_CLIENT_MAX (256u << 20) /* messages that are being sent from one address: eight of the largest */
#define INTAKE_ALL_MAX (1024u << 20) /* … and from all: unfinished mail must not fill the disk */
#define RECIPIENTS_MAX 100          /* RFC 5321 4.5.3.1.8: at least 100 */
#define ENVID_MAX 100               /* RFC 3461 4.4: characters, as they are written */
#define ORCPT_MAX 500               /* RFC 3461 4.2 */
#define RETURNED_BYTES_MAX (1u << 20) /* RET=FULL: a larger message comes back as its header */
#define MESSAGE_ID_MAX 1000         /* a line of a header, about: longer ones are none */
#define REFERENCES_MAX 1000         /* message-IDs kept of one References; mail programs keep 20 */
#define HOPS_MAX 100                /* Received fields; RFC 5321 6.3: no fewer than 100 */
#define ADDRESS_MAX 320             /* 64 + @ + 255, RFC 5321 4.5.3.1 */
#define LOCAL_PART_MAX 64           /* RFC 5321 4.5.3.1.1 */
#define DOMAIN_MAX 255              /* RFC 5321 4.5.3.1.2 */
#define HEADER_BYTES_MAX (1u << 20) /* what is read of one header block */
#define HEADER_FIELD_MAX 65536      /* what is read of one field */
#define HEADER_ADDRESSES_MAX 1000   /* addresses in one field's ENVELOPE */
#define MIME_DEPTH_MAX 50           /* nested multiparts and attached messages; deeper is one opaque part */
#define MIME_PARTS_MAX 2000         /* parts in one message; the rest belongs to the last one */
#define MIME_PARAMETERS_MAX 50      /* parameters of one Content-Type */
#define SUMMARY_TEXT_MAX 262144     /* one ENVELOPE or BODYSTRUCTURE: several fit into OUTPUT_MAX */
#define SUMMARY_STRING_MAX 8192     /* one string in them; longer ones are cut: no honest subject is */

/* Worlds. */
#define WORLD_TURNED_BYTES_MAX (8u << 20) /* a larger world's file is not held in memory at the prompt: the copy that follows each line would be felt */

/* Mailboxes. */
#define MAILBOX_NAME_MAX 255        /* octets on the wire, modified UTF-7 */
#define MODSEQ_MAX 4611686018427387904 /* 2^62: RFC 7162 has 63 bits, and none is ever used up */
#define MAILBOX_DEPTH_MAX 20        /* levels between slashes */
#define MAILBOXES_PER_USER_MAX 1000 /* a runaway CREATE stops somewhere */
#define MAILBOX_MESSAGES_MAX 1000000 /* COPY grows a mailbox no further: into itself it doubles with each command */
#define QUOTA_NUMBER_MAX 1000000000 /* of a unit: an exabyte fits into 63 bits */
#define KEYWORDS_MAX 40             /* per mailbox; they are bits of one integer */
#define KEYWORD_NAME_MAX 64         /* mail programs' own, such as $MDNSent, have 5 to 20 */
#define FLAGS_PER_COMMAND_MAX 64    /* in one STORE or APPEND: five system flags, all keywords, and some twice */
#define SEQUENCE_RANGES_MAX 8192    /* ranges in one sequence set, after merging neighbours */
#define SAVED_RANGES_MAX 32768      /* in "$", 256 KiB a session: as much as one command may have */
#define SORT_TEXT_MAX 1024          /* what is compared of one text: longer ones that begin alike stay as they came */
#define SORT_CRITERIA_MAX 16        /* in one SORT: there are seven */
#define SORT_BYTES_MAX (120u << 20) /* what one SORT or THREAD takes: some 800000 messages */
#define SEARCH_KEYS_MAX 1000        /* keys in one SEARCH */
#define SEARCH_DEPTH_MAX 100        /* parentheses, NOT and OR inside each other */
#define FETCH_ITEMS_MAX 64          /* items in one FETCH, and field names in one HEADER.FIELDS */
#define SEARCH_TEXTS_MAX 16         /* BODY and TEXT keys in one SEARCH: each reads every message */
#define LIST_PATTERN_MAX 1024       /* reference and pattern of LIST together */
#define LIST_PATTERNS_MAX 32        /* patterns in one LIST: clients send one or two */
#define LIST_PATTERNS_BYTES_MAX 4096 /* … of this length together: each is held against each name */
#define RECENT_RANGES_MAX 256       /* stretches of \Recent mail one session remembers; later mail shows without */

#define TASK_UIDS_MAX (24u << 20)   /* every second of a million messages, written as "1:1,3:3,": what a POP3 session may have marked */
#define STORE_STATEMENTS_MAX 256    /* prepared statements kept by a world; the store has about 90 */
#define FIND_TEXT_MAX 1024          /* a text to search for: longer ones are refused */

/* Sessions. */
#define OUTPUT_HIGH_WATER 65536     /* a reply larger than this goes on when this much has drained */
#define OUTPUT_MAX (1u << 20)       /* one event may write this much at most: one data line and some */
#define PIECE_NS 4000000            /* of long work, then others have their turn: with a commit and another one's piece, nobody waits 20 ms */
#define INPUT_NS 200000             /* of commands that one client sends without waiting; the rest is long work */
#define BAD_COMMANDS_MAX 50         /* refused commands in a row before the server closes; others: 3 (Dovecot, before login) to none */
#define BAD_LOGINS_MAX 10           /* wrong passwords before the server closes the connection */
#define THROTTLE_FREE 2             /* wrong passwords that are answered at once: people mistype */
#define THROTTLE_FIRST_MS 1000u     /* the third waits so long, each further one twice as long, */
#define THROTTLE_LONGEST_MS 16000u  /* up to this: shorter than MAIL_REPLY_MS, the patience of our own devices */
#define THROTTLE_FORGET_MS 900000u  /* an address that failed nowhere for a quarter of an hour is new */
#define THROTTLE_ADDRESSES_MAX 64   /* remembered: searched one by one, only when a login fails */
#define SMTP_IDLE_MS 300000u        /* RFC 5321 4.5.3.2.7: 5 minutes */
#define POP3_IDLE_MS 600000u        /* RFC 1939 3: at least 10 minutes */
#define IMAP_IDLE_MS 1800000u       /* RFC 3501 5.4: at least 30 minutes */

#define SPARE_BYTES (64u << 20)     /* address space that serve puts by: one array of a million messages */
#define GATEWAY_SESSIONS_MAX 10000  /* sockets at once: idle ones take 10 KB each; the others wait in the backlog */

/* Control from outside (gateway/control.h). */
#define CONTROL_CLIENTS_MAX 16      /* connections at once: the workers of a test run; another is told so */
#define CONTROL_LINE_MAX (4u << 20) /* for `mail import "…"`; a `message` has WORLD_SENTENCE_MAX */
#define CONTROL_TOKEN_MAX 128       /* one that is made has 32 characters */
#define CONTROL_TOKEN_MS 10000u     /* who has not said it by then is let go: nobody types it */
#define CONTROL_ANSWERS_MAX (16u << 20) /* said and not yet taken; a line's records beyond are counted */
#define CONTROL_WATCH_MAX (1u << 20) /* … of the trace, by who watches it: some thousand records */
#define CONTROL_UNREAD_MAX (1u << 20) /* who has left so much unread is asked for no further line */

/* The relay's queue, in virtual time (RFC 5321 4.5.4.1). */
#define QUEUE_RETRY_FIRST_MS 300000u     /* the first retry after 5 minutes */
#define QUEUE_RETRY_LONGEST_MS 14400000u /* doubling up to 4 hours */
#define QUEUE_WARN_MS 14400000u          /* tell the sender after 4 hours */
#define QUEUE_BOUNCE_MS 388800000u       /* give up after 4 days and 12 hours */
#define RELAY_REPLY_MS 600000u           /* RFC 5321 4.5.3.2.6: a server may take 10 minutes for the reply to the dot */
#define RELAY_REPLY_LINE_MAX 2048        /* what is read of one reply line */
#define RELAY_REPLY_LINES_MAX 100        /* lines in one reply */
#define REPLY_KEPT_MAX 500               /* of a server's reply, its lines joined: what a report quotes */
#define RELAY_MX_MAX 16                  /* mail exchangers tried */
#define GREYLIST_DELAY_MS 300000u        /* a first try is asked to come back after 5 minutes */

/* Devices' mail programs. */
#define POP3_UIDL_MAX 70            /* RFC 1939 7: a unique-id has 1 to 70 characters */
#define POP3_REPLY_LINE_MAX 2048    /* what is read of one status line; RFC 2449 4: 512 */
#define POP3_MESSAGES_MAX 100000     /* messages in one maildrop: a server that claims more is wrong */
#define MAIL_EVERY_MS_MIN 10000u    /* how often a mail program may synchronise by itself */
#define MAIL_IDLE_MS 1740000u       /* RFC 2177: IDLE is begun anew within 29 minutes */
#define MAIL_RETRY_MS 60000u        /* a lost IDLE is tried again after that, then twice it, … */
#define MAIL_RETRY_MS_MAX 1800000u  /* … but at least so often */
#define MAIL_REPLY_MS 60000u        /* a mail program's patience with a silent server */
#define MESSAGE_IDENTITY_MAX 250     /* a Message-ID; a longer one is hashed */
#define DEVICE_RECIPIENTS_BYTES 3300 /* ten of the longest addresses, with blanks between */
#define IMAP_RESPONSE_MAX ((33u << 20)) /* one response with its literals: the largest message and some */
#define IMAP_CLIENT_LINE_MAX 65536  /* a command that a mail program says, without an APPEND's message */
#define DEVICE_MESSAGES_MAX 100000   /* messages a device looks at in one mailbox */
#define BOARD_MESSAGES_MAX 500       /* on one board, the newest: more is no picture */
#define DEVICE_SAID_MAX 4096        /* what is kept of a sync's own words */

/* The simulated network. */
#define HOSTS_MAX 65535             /* a host's number is 16 bits of an event's key */
#define SEGMENT_BYTES_MAX 1460      /* TCP's usual maximum segment size on Ethernet */
#define PIPE_BYTES_MAX 65536        /* one direction's window: sent and not yet taken */
#define RETRANSMIT_FIRST_MS 1000u   /* RFC 6298 2.1 */
#define RETRANSMIT_TRIES_MAX 6      /* 1+2+4+8+16+32 s, then the connection is given up */
#define SYN_TRIES_MAX 4             /* 1+2+4+8 s, then "timed out" */
#define DNS_TIMEOUT_MS 5000u        /* per query, as resolvers do */
#define DNS_RECORDS_MAX 64          /* records in one answer */
#define EVENTS_PER_INSTANT_MAX 1000000 /* more without time moving is a loop */

/* Scripts and the trace. */
#define SCRIPT_LINE_MAX (16u << 20) /* a message pasted as one line still fits */
#define TRACE_LINE_MAX 65536        /* what the trace keeps of one line */
#define EVENT_TEXT_MAX 512          /* octets of one line that the next sittings know: an answer's first screen lines */
#define EVENTS_THREAD_MAX 100       /* newest events of a connection, a mailbox, a device that they know: `log` shows one of them on three screens */
#define EVENTS_CLIENT_MAX 16        /* newest connections of a client: `log` shows 12 */
#define EVENTS_ALL_MAX 20000        /* … of all of these: 2 MB of a world's file */
#define EVENTS_BATCH 8192           /* records after which real ports keep what happened: some milliseconds each time */
#define WAIT_MS_MAX 31622400000ull  /* a year at once is enough */
#define WORLD_MS_MAX 9151920000000ull /* 290 years: nanoseconds from there on still fit into 63 bits */
#define WORLD_DATE_MS_MAX 253402300799999ull /* the end of 9999: years have four digits (RFC 5322 3.3) */
#define WORLD_SENTENCE_MAX 4096     /* one line that builds a world */

#endif
