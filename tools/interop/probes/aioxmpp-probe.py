"""Logs in with aioxmpp and tries what an ordinary client does, in one session."""

import asyncio
import sys
import warnings
from datetime import timedelta

# Its dependencies are older than this Python; what they will do one day is no concern of a probe.
warnings.simplefilter("ignore")

import aiosasl  # noqa: E402
import aioxmpp  # noqa: E402
import aioxmpp.connector  # noqa: E402
import aioxmpp.dispatcher  # noqa: E402
import aioxmpp.node  # noqa: E402
import aioxmpp.protocol  # noqa: E402
import aioxmpp.sasl  # noqa: E402
import aioxmpp.security_layer  # noqa: E402
import aioxmpp.xso as xso  # noqa: E402

from probe import Settings, Waiting, attempt, report, trace_to  # noqa: E402


@aioxmpp.IQ.as_payload_class
class UnknownQuery(xso.XSO):
    """The payload of an iq that no server knows."""

    TAG = ("urn:example:unknown", "query")
    text = xso.Text(default=None)


seen = {"mechanisms": [], "failures": [], "refused-certificate": False, "closing-tag": False}


def observe():
    """Notes what aioxmpp keeps to itself: mechanisms it chose, why they failed, the closing tag of the other side."""
    initiate = aioxmpp.sasl.SASLXMPPInterface.initiate

    async def noted_initiate(self, mechanism, payload=None):
        seen["mechanisms"].append(mechanism)
        return await initiate(self, mechanism, payload)

    aioxmpp.sasl.SASLXMPPInterface.initiate = noted_initiate
    exchange = aioxmpp.sasl.SASLXMPPInterface._send_sasl_node_and_wait_for

    async def noted_exchange(self, node):
        try:
            return await exchange(self, node)
        except aiosasl.SASLFailure as failure:
            seen["failures"].append(str(failure.opaque_error))
            raise

    aioxmpp.sasl.SASLXMPPInterface._send_sasl_node_and_wait_for = noted_exchange
    verify = aioxmpp.security_layer.PKIXCertificateVerifier.verify_callback

    def noted_verify(self, *args):
        accepted = verify(self, *args)
        if not accepted:
            seen["refused-certificate"] = True
        return accepted

    aioxmpp.security_layer.PKIXCertificateVerifier.verify_callback = noted_verify
    footer = aioxmpp.protocol.XMLStream._rx_stream_footer

    def noted_footer(self):
        seen["closing-tag"] = True
        return footer(self)

    aioxmpp.protocol.XMLStream._rx_stream_footer = noted_footer


def only_here():
    """Keeps aioxmpp from asking DNS when the given host and port did not work."""

    async def nothing(*_args, **_kwargs):
        return []

    aioxmpp.node.discover_connectors = nothing


def only_mechanism(name):
    """Makes aioxmpp choose one mechanism."""
    original = aioxmpp.security_layer.SASLMechanisms.get_mechanism_list
    aioxmpp.security_layer.SASLMechanisms.get_mechanism_list = lambda self: [
        each for each in original(self) if each == name
    ]


def make_client(settings):
    def context():
        made = aioxmpp.security_layer.default_ssl_context()
        made.load_verify_locations(settings.ca)
        return made

    connector = (
        aioxmpp.connector.XMPPOverTLSConnector() if settings.direct_tls else aioxmpp.connector.STARTTLSConnector()
    )
    return aioxmpp.Client(
        aioxmpp.JID.fromstr(settings.jid),
        aioxmpp.make_security_layer(settings.password, ssl_context_factory=context),
        override_peer=[(settings.host, settings.port, connector)],
        negotiation_timeout=timedelta(seconds=10),
        max_initial_attempts=1,
    )


async def main():
    trace_to()
    settings = Settings()
    observe()
    only_here()
    if settings.mechanism:
        only_mechanism(settings.mechanism)
    client = make_client(settings)
    roster = client.summon(aioxmpp.RosterClient)
    pings = client.summon(aioxmpp.PingService)
    presences = client.summon(aioxmpp.dispatcher.SimplePresenceDispatcher)
    messages = client.summon(aioxmpp.dispatcher.SimpleMessageDispatcher)
    waiting = Waiting()
    fetched = roster.on_initial_roster_received.future()

    def on_presence(presence):
        if presence.from_ == client.local_jid:
            waiting.resolve("own presence", presence)

    def on_message(message):
        waiting.resolve(f"message {message.body.any()}" if message.body else "message", message)

    presences.register_callback(aioxmpp.PresenceType.AVAILABLE, None, on_presence)
    messages.register_callback(aioxmpp.MessageType.CHAT, None, on_message)

    connected = client.connected()
    logged_in = await attempt("login", log_in(client, connected), 15)
    if not logged_in:
        return
    if not settings.login_only:
        await session(client, settings, waiting, fetched, pings)
    await attempt("close", close(connected))


async def log_in(client, connected):
    try:
        await connected.__aenter__()
    except aiosasl.AuthenticationFailure as error:
        raise RuntimeError(f"authentication failed: {' '.join(seen['failures'])}") from error
    except Exception as error:
        # What arrives here differs from run to run; the verifier knows.
        raise RuntimeError("bad-certificate" if seen["refused-certificate"] else repr(error)) from error
    stream = "with stream management" if client.stream.sm_enabled else "without stream management"
    return f"{' '.join(seen['mechanisms'])} {client.local_jid} {stream}"


async def session(client, settings, waiting, fetched, pings):
    domain = client.local_jid.replace(localpart=None, resource=None)

    async def roster():
        await fetched
        return "result"

    async def presence():
        sent = aioxmpp.Presence(type_=aioxmpp.PresenceType.AVAILABLE)
        sent.status[aioxmpp.structs.LanguageTag.fromstr("en")] = "probing"
        await client.send(sent)
        answer = await waiting["own presence"]
        return answer.status.any()

    def message(to, body, expected):
        async def work():
            sent = aioxmpp.Message(type_=aioxmpp.MessageType.CHAT, to=to)
            sent.body[None] = body
            await client.send(sent)
            answer = await waiting[f"message {expected}"]
            return f"from {answer.from_}"

        return work()

    async def ping():
        try:
            await pings.ping(domain)
            return "result"
        except aioxmpp.errors.XMPPError as error:
            if error.condition != aioxmpp.ErrorCondition.SERVICE_UNAVAILABLE:
                raise
            return "service-unavailable"

    async def unknown_iq(kind):
        query = UnknownQuery()
        query.text = "<&>"
        try:
            await client.send(aioxmpp.IQ(type_=kind, to=domain, payload=query))
        except aioxmpp.errors.XMPPError as error:
            if error.condition != aioxmpp.ErrorCondition.SERVICE_UNAVAILABLE:
                raise
            return f"{error.TYPE.value} service-unavailable"
        raise RuntimeError("was not answered with an error")

    await attempt("roster", roster())
    await attempt("presence", presence())
    await attempt("self-bare", message(client.local_jid.bare(), "to my bare <&> 'JID'", "to my bare <&> 'JID'"))
    await attempt("self-full", message(client.local_jid, "to my full JID ☃ \U0001F980", "to my full JID ☃ \U0001F980"))
    if settings.peer:
        peer = aioxmpp.JID.fromstr(settings.peer)
        await attempt("peer", message(peer, "hello from aioxmpp", "echo: hello from aioxmpp"))
    await attempt("ping", ping())
    await attempt("unknown-iq-get", unknown_iq(aioxmpp.IQType.GET))
    await attempt("unknown-iq-set", unknown_iq(aioxmpp.IQType.SET))


async def close(connected):
    await connected.__aexit__(None, None, None)
    if not seen["closing-tag"]:
        raise RuntimeError("the other side sent no closing tag")
    return "closing tag received"


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(main())
report("end", True)
sys.stdout.flush()
