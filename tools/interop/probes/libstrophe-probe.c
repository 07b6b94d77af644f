/* Logs in with libstrophe and tries what an ordinary client does, in one session. */
#include <strophe.h>

#include "report.h"

#define STEP_MS 8000
#define BODY_BARE "to my bare <&> 'JID'"
#define BODY_FULL "to my full JID \xe2\x98\x83 \xf0\x9f\xa6\x80"
#define BODY_PEER "hello from libstrophe"

typedef struct {
    const char *name;
    void (*begin)(void);
} step_t;

static xmpp_ctx_t *ctx;
static xmpp_conn_t *conn;
static size_t current;
static char mechanism[64];
static char failure[64];
static int closing_tag, forced, ended;

static void begin_login(void) {}
static void begin_roster(void);
static void begin_presence(void);
static void begin_self_bare(void);
static void begin_self_full(void);
static void begin_peer(void);
static void begin_ping(void);
static void begin_unknown_get(void);
static void begin_unknown_set(void);
static void begin_close(void);

static const step_t every_step[] = {
    {"login", begin_login},           {"roster", begin_roster},
    {"presence", begin_presence},     {"self-bare", begin_self_bare},
    {"self-full", begin_self_full},   {"peer", begin_peer},
    {"ping", begin_ping},             {"unknown-iq-get", begin_unknown_get},
    {"unknown-iq-set", begin_unknown_set}, {"close", begin_close},
};
static const size_t step_count = sizeof every_step / sizeof every_step[0];

static int on_late(xmpp_conn_t *c, void *data);

static int is_skipped(const char *name)
{
    if (xw_is("XW_MODE", "login")) return strcmp(name, "close") != 0;
    return strcmp(name, "peer") == 0 && getenv("XW_PEER") == NULL;
}

static void advance(void)
{
    current++;
    while (current < step_count && is_skipped(every_step[current].name)) current++;
    if (current >= step_count) return;
    xmpp_timed_handler_delete(conn, on_late);
    xmpp_timed_handler_add(conn, on_late, STEP_MS, NULL);
    every_step[current].begin();
}

/* Ends the current step when it is `name`; anything else came late and counts for nothing. */
static void finish(const char *name, int ok, const char *detail)
{
    if (current >= step_count || strcmp(every_step[current].name, name) != 0) return;
    xw_report(name, ok, detail);
    advance();
}

static int on_late(xmpp_conn_t *c, void *data)
{
    (void)c, (void)data;
    if (current < step_count) finish(every_step[current].name, 0, "nothing came in time");
    return 1;
}

static const char *domain(void)
{
    static char *kept;
    if (kept == NULL) kept = xmpp_jid_domain(ctx, xmpp_conn_get_bound_jid(conn));
    return kept;
}

static int on_iq_answer(xmpp_conn_t *c, xmpp_stanza_t *stanza, void *data)
{
    const char *name = data, *type = xmpp_stanza_get_type(stanza);
    xmpp_stanza_t *error = xmpp_stanza_get_child_by_name(stanza, "error");
    int unavailable = error != NULL && xmpp_stanza_get_child_by_name(error, "service-unavailable") != NULL;
    int is_result = type != NULL && strcmp(type, "result") == 0;
    (void)c;
    if (strcmp(name, "roster") == 0) finish(name, is_result, type);
    else if (strcmp(name, "ping") == 0) finish(name, is_result || unavailable, is_result ? type : "service-unavailable");
    else finish(name, unavailable, unavailable ? "service-unavailable" : type);
    return 0;
}

static void send_iq(const char *step, const char *kind, const char *to, const char *element, const char *ns)
{
    xmpp_stanza_t *iq = xmpp_iq_new(ctx, kind, step), *query = xmpp_stanza_new(ctx);
    if (to != NULL) xmpp_stanza_set_to(iq, to);
    xmpp_stanza_set_name(query, element);
    xmpp_stanza_set_ns(query, ns);
    xmpp_stanza_add_child(iq, query);
    xmpp_stanza_release(query);
    xmpp_id_handler_add(conn, on_iq_answer, step, (void *)step);
    xmpp_send(conn, iq);
    xmpp_stanza_release(iq);
}

static void begin_roster(void) { send_iq("roster", "get", NULL, "query", "jabber:iq:roster"); }
static void begin_ping(void) { send_iq("ping", "get", domain(), "ping", "urn:xmpp:ping"); }
static void begin_unknown_get(void) { send_iq("unknown-iq-get", "get", domain(), "query", "urn:example:unknown"); }
static void begin_unknown_set(void) { send_iq("unknown-iq-set", "set", domain(), "query", "urn:example:unknown"); }

static void begin_presence(void)
{
    xmpp_stanza_t *presence = xmpp_presence_new(ctx), *status = xmpp_stanza_new(ctx), *text = xmpp_stanza_new(ctx);
    xmpp_stanza_set_name(status, "status");
    xmpp_stanza_set_text(text, "probing");
    xmpp_stanza_add_child(status, text);
    xmpp_stanza_add_child(presence, status);
    xmpp_send(conn, presence);
    xmpp_stanza_release(text);
    xmpp_stanza_release(status);
    xmpp_stanza_release(presence);
}

static int on_presence(xmpp_conn_t *c, xmpp_stanza_t *stanza, void *data)
{
    const char *from = xmpp_stanza_get_from(stanza);
    (void)data;
    if (from != NULL && strcmp(from, xmpp_conn_get_bound_jid(c)) == 0) finish("presence", 1, from);
    return 1;
}

static void send_message(const char *to, const char *body)
{
    xmpp_stanza_t *message = xmpp_message_new(ctx, "chat", to, NULL);
    xmpp_message_set_body(message, body);
    xmpp_send(conn, message);
    xmpp_stanza_release(message);
}

static void begin_self_bare(void)
{
    char *bare = xmpp_jid_bare(ctx, xmpp_conn_get_bound_jid(conn));
    send_message(bare, BODY_BARE);
    xmpp_free(ctx, bare);
}

static void begin_self_full(void) { send_message(xmpp_conn_get_bound_jid(conn), BODY_FULL); }
static void begin_peer(void) { send_message(xw_setting("XW_PEER"), BODY_PEER); }

static int on_message(xmpp_conn_t *c, xmpp_stanza_t *stanza, void *data)
{
    char *body = xmpp_message_get_body(stanza);
    const char *from = xmpp_stanza_get_from(stanza);
    (void)c, (void)data;
    if (body == NULL) return 1;
    if (strcmp(body, BODY_BARE) == 0) finish("self-bare", 1, from);
    else if (strcmp(body, BODY_FULL) == 0) finish("self-full", 1, from);
    else if (strcmp(body, "echo: " BODY_PEER) == 0) finish("peer", 1, from);
    xmpp_free(ctx, body);
    return 1;
}

static void begin_close(void) { xmpp_disconnect(conn); }

/* libstrophe tells its users neither the mechanism nor the closing tag, but its log does. */
static void on_log(void *data, xmpp_log_level_t level, const char *area, const char *message)
{
    const char *found = strstr(message, "mechanism=\"");
    (void)data, (void)level;
    if (getenv("XW_TRACE") != NULL) fprintf(stderr, "%s %s\n", area, message);
    if (found != NULL && strstr(message, "<auth") != NULL) sscanf(found + 11, "%63[^\"]", mechanism);
    if (strstr(message, "<failure") != NULL) {
        found = strstr(message, "<not-authorized");
        snprintf(failure, sizeof failure, "%s", found != NULL ? "not-authorized" : "another condition");
    }
    if (strstr(message, "RECV: </stream") != NULL) closing_tag = 1;
    if (strstr(message, "forced by cleanup") != NULL) forced = 1;
}

static void on_connection(xmpp_conn_t *c, xmpp_conn_event_t event, int error, xmpp_stream_error_t *stream_error, void *data)
{
    char detail[512];
    (void)data;
    if (event == XMPP_CONN_CONNECT) {
        xmpp_handler_add(c, on_message, NULL, "message", NULL, NULL);
        xmpp_handler_add(c, on_presence, NULL, "presence", NULL, NULL);
        snprintf(detail, sizeof detail, "%s %s", mechanism, xmpp_conn_get_bound_jid(c));
        finish("login", 1, detail);
        return;
    }
    if (event != XMPP_CONN_DISCONNECT || ended) return;
    ended = 1;
    snprintf(detail, sizeof detail, "disconnected: error %d, %s%s", error,
             stream_error != NULL ? "stream error, " : "", failure[0] != '\0' ? failure : "no SASL failure");
    if (current < step_count && strcmp(every_step[current].name, "close") == 0) {
        int clean = closing_tag && !forced && stream_error == NULL;
        xw_report("close", clean, clean ? "closing tag received" : detail);
    } else if (current < step_count) {
        xw_report(every_step[current].name, 0, detail);
    }
    xmpp_stop(ctx);
}

int main(void)
{
    static const xmpp_log_t log = {on_log, NULL};
    long flags = xw_is("XW_TLS", "direct") ? XMPP_CONN_FLAG_LEGACY_SSL : XMPP_CONN_FLAG_MANDATORY_TLS;
    xw_start();
    xmpp_initialize();
    ctx = xmpp_ctx_new(NULL, &log);
    conn = xmpp_conn_new(ctx);
    xmpp_conn_set_flags(conn, flags);
    xmpp_conn_set_jid(conn, xw_setting("XW_JID"));
    xmpp_conn_set_pass(conn, xw_setting("XW_PASSWORD"));
    xmpp_conn_set_cafile(conn, xw_setting("XW_CA"));
    if (xmpp_connect_client(conn, xw_setting("XW_HOST"), (unsigned short)atoi(xw_setting("XW_PORT")), on_connection, NULL) != XMPP_EOK) {
        xw_report("login", 0, "could not connect");
    } else {
        xmpp_run(ctx);
    }
    xw_report("end", 1, "");
    xmpp_conn_release(conn);
    xmpp_ctx_free(ctx);
    xmpp_shutdown();
    return 0;
}
