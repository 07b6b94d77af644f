"""Logs in with slixmpp and tries what an ordinary client does, in one session."""

import asyncio
import sys
from xml.etree import ElementTree

import slixmpp
from slixmpp.exceptions import IqError
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import StanzaPath

from probe import Settings, Waiting, attempt, report, trace_to


class Client(slixmpp.ClientXMPP):
    """A session whose events resolve what the steps wait for."""

    def __init__(self, settings):
        super().__init__(settings.jid, settings.password, sasl_mech=settings.mechanism)
        self.settings = settings
        self.ca_certs = settings.ca
        self.waiting = Waiting()
        self.failures = []
        self.register_plugin("xep_0199")
        for event, name in (("session_start", "start"), ("disconnected", "end"), ("failed_all_auth", "start")):
            self.add_event_handler(event, lambda data, name=name, event=event: self.waiting.resolve(name, (event, data)))
        self.add_event_handler("failed_auth", lambda failure: self.failures.append(failure["condition"]))
        self.add_event_handler("ssl_invalid_cert", lambda _: self.waiting.resolve("start", ("bad-certificate", None)))
        self.add_event_handler("ssl_invalid_chain", lambda _: self.waiting.resolve("start", ("bad-certificate", None)))
        self.add_event_handler("connection_failed", lambda why: self.waiting.resolve("start", ("no-connection", why)))
        self.add_event_handler("stream_error", lambda error: self.waiting.resolve("start", ("stream-error", error)))
        self.register_handler(Callback("probe", StanzaPath("message"), self._message))
        self.register_handler(Callback("probe-presence", StanzaPath("presence"), self._presence))

    def begin(self):
        """Connects to the host and port of the settings, not to what DNS says of the domain."""
        self.connect((self.settings.host, self.settings.port), use_ssl=self.settings.direct_tls, force_starttls=not self.settings.direct_tls)

    async def _pick_dns_answer(self, domain, service=None):
        """Keeps slixmpp from asking DNS, and gives it the name to check the certificate for: given an address of
        digits instead of a name, it checks the certificate for no name at all."""
        self.default_domain = self.settings.domain

    def _message(self, message):
        self.waiting.resolve(f"message {message['body']}", message)

    def _presence(self, presence):
        if presence["from"].full == self.boundjid.full and presence["type"] == "available":
            self.waiting.resolve("own presence", presence)


async def steps(client):
    waiting = client.waiting
    client.begin()

    async def log_in():
        event, data = await waiting["start"]
        if event != "session_start":
            raise RuntimeError(f"{event} {data if event == 'no-connection' else ''} {' '.join(client.failures)}".strip())
        return f"{client['feature_mechanisms'].mech.name} {client.boundjid.full}"

    if not await attempt("login", log_in(), 15):
        return
    if not client.settings.login_only:
        await session(client)
    await attempt("close", close(client))


async def session(client):
    waiting = client.waiting
    settings = client.settings

    async def roster():
        answer = await client.get_roster(timeout=6)
        return f"{answer['type']}, {len(answer['roster']['items'])} items"

    async def presence():
        client.send_presence(pstatus="probing")
        return (await waiting["own presence"])["status"]

    def message(to, body, expected):
        async def work():
            client.send_message(mto=to, mbody=body, mtype="chat")
            answer = await waiting[f"message {expected}"]
            return f"from {answer['from']}"

        return work()

    async def ping():
        try:
            answer = await client["xep_0199"].send_ping(settings.domain, timeout=6)
            return answer["type"]
        except IqError as error:
            if error.condition != "service-unavailable":
                raise
            return error.condition

    async def unknown_iq(kind):
        query = client.make_iq(id=f"unknown-{kind}", ito=settings.domain, itype=kind)
        query.append(ElementTree.fromstring("<query xmlns='urn:example:unknown'><deep>&lt;&amp;</deep></query>"))
        try:
            answer = await query.send(timeout=6)
        except IqError as error:
            if error.condition != "service-unavailable":
                raise
            return f"{error.iq['id']}: {error.etype} {error.condition}"
        raise RuntimeError(f"answered {answer['type']}")

    await attempt("roster", roster())
    await attempt("presence", presence())
    await attempt("self-bare", message(client.boundjid.bare, "to my bare <&> 'JID'", "to my bare <&> 'JID'"))
    await attempt("self-full", message(client.boundjid.full, "to my full JID ☃ \U0001F980", "to my full JID ☃ \U0001F980"))
    if settings.peer:
        await attempt("peer", message(settings.peer, "hello from slixmpp", "echo: hello from slixmpp"))
    await attempt("ping", ping())
    await attempt("unknown-iq-get", unknown_iq("get"))
    await attempt("unknown-iq-set", unknown_iq("set"))


async def close(client):
    client.disconnect()
    _, reason = await client.waiting["end"]
    # slixmpp gives this reason when the closing tag of the other side has come.
    if reason != "End of stream":
        raise RuntimeError(f"disconnected: {reason}")
    return reason


def main():
    trace_to()
    # slixmpp takes the default event loop of the thread.
    asyncio.set_event_loop(asyncio.new_event_loop())
    client = Client(Settings())
    client.loop.run_until_complete(steps(client))
    client.abort()
    report("end", True)
    sys.stdout.flush()


main()
