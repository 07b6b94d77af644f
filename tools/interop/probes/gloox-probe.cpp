// Logs in with gloox and tries what an ordinary client does, in one session. gloox itself asks for the roster, private
// storage and an (optional) session, and sends the initial presence once the roster has come.
#include <gloox/client.h>
#include <gloox/connectionlistener.h>
#include <gloox/connectiontcpclient.h>
#include <gloox/error.h>
#include <gloox/iqhandler.h>
#include <gloox/loghandler.h>
#include <gloox/message.h>
#include <gloox/messagehandler.h>
#include <gloox/presence.h>
#include <gloox/rosterlistener.h>
#include <gloox/rostermanager.h>
#include <gloox/stanzaextension.h>
#include <gloox/tlsdefault.h>

#include <functional>
#include <string>
#include <vector>

#include "report.h"

using namespace gloox;

namespace {

const long long STEP_MS = 8000;
const char BODY_BARE[] = "to my bare <&> 'JID'";
const char BODY_FULL[] = "to my full JID \xe2\x98\x83 \xf0\x9f\xa6\x80";
const char BODY_PEER[] = "hello from gloox";
const int EXTENSION = ExtUser + 1;

/// The payload of an iq: an empty element of some name and namespace.
class Payload : public StanzaExtension {
 public:
  Payload(const std::string& element, const std::string& ns) : StanzaExtension(EXTENSION), m_element(element), m_ns(ns) {}
  const std::string& filterString() const override { return EmptyString; }
  StanzaExtension* newInstance(const Tag*) const override { return nullptr; }
  StanzaExtension* clone() const override { return new Payload(m_element, m_ns); }
  Tag* tag() const override {
    Tag* made = new Tag(m_element);
    made->setXmlns(m_ns);
    return made;
  }

 private:
  std::string m_element;
  std::string m_ns;
};

struct Step {
  std::string name;
  std::function<void()> begin;
};

class Probe : public ConnectionListener, RosterListener, MessageHandler, IqHandler, LogHandler {
 public:
  Probe() : m_client(JID(xw_setting("XW_JID")), xw_setting("XW_PASSWORD")) {
    // The name that gloox checks the certificate against stays the domain; only the connection goes elsewhere.
    m_client.setConnectionImpl(
        new ConnectionTCPClient(&m_client, m_client.logInstance(), xw_setting("XW_HOST"), atoi(xw_setting("XW_PORT"))));
    m_client.setTls(TLSRequired);
    m_client.setCompression(false);
    // gloox 1.0.24 forgets the authorities given to the client and to init(); only this call loads them.
    TLSDefault* tls = new TLSDefault(&m_client, m_client.jid().server());
    tls->init("", "", StringList());
    tls->setCACerts(StringList(1, xw_setting("XW_CA")));
    m_client.setEncryptionImpl(tls);
    if (getenv("XW_MECHANISM") != nullptr) m_client.setSASLMechanisms(mechanismOf(getenv("XW_MECHANISM")));
    m_client.registerConnectionListener(this);
    m_client.registerMessageHandler(this);
    m_client.rosterManager()->registerRosterListener(this);
    m_client.logInstance().registerLogHandler(LogLevelDebug, LogAreaAll, this);
    m_steps.push_back({"login", [] {}});
    if (!xw_is("XW_MODE", "login")) {
      m_steps.push_back({"roster", [this] { if (m_rosterCame) finish("roster", true, "result"); }});
      m_steps.push_back({"presence", [this] { if (m_presenceCame) finish("presence", true, "came back"); }});
      m_steps.push_back({"self-bare", [this] { say(m_client.jid().bareJID(), BODY_BARE); }});
      m_steps.push_back({"self-full", [this] { say(m_client.jid(), BODY_FULL); }});
      if (getenv("XW_PEER") != nullptr) m_steps.push_back({"peer", [this] { say(JID(getenv("XW_PEER")), BODY_PEER); }});
      m_steps.push_back({"ping", [this] { ask(IQ::Get, "ping", "urn:xmpp:ping", Ping); }});
      m_steps.push_back({"unknown-iq-get", [this] { ask(IQ::Get, "query", "urn:example:unknown", UnknownGet); }});
      m_steps.push_back({"unknown-iq-set", [this] { ask(IQ::Set, "query", "urn:example:unknown", UnknownSet); }});
    }
    m_steps.push_back({"close", [this] { m_client.disconnect(); }});
  }

  void run() {
    if (!m_client.connect(false)) finish("login", false, "could not connect");
    m_since = xw_now_ms();
    while (!m_ended && m_at < m_steps.size()) {
      if (m_client.recv(20000) != ConnNoError) break;
      if (m_begun != m_at) {
        m_begun = m_at;
        m_since = xw_now_ms();
        m_steps[m_at].begin();
      } else if (xw_now_ms() - m_since > STEP_MS) {
        finish(m_steps[m_at].name, false, "nothing came in time");
        if (m_at == 1) break;
      }
    }
  }

 private:
  enum Context { Ping, UnknownGet, UnknownSet };

  static int mechanismOf(const std::string& name) {
    if (name == "SCRAM-SHA-1-PLUS") return SaslMechScramSha1Plus;
    if (name == "SCRAM-SHA-1") return SaslMechScramSha1;
    if (name == "PLAIN") return SaslMechPlain;
    fprintf(stderr, "gloox does not know %s\n", name.c_str());
    exit(2);
  }

  /// Ends the current step when it is `name`; anything else came late and counts for nothing.
  void finish(const std::string& name, bool ok, const std::string& detail) {
    if (m_at >= m_steps.size() || m_steps[m_at].name != name) return;
    xw_report(name.c_str(), ok, detail.c_str());
    m_at++;
  }

  void say(const JID& to, const std::string& body) { m_client.send(Message(Message::Chat, to, body)); }

  void ask(IQ::IqType type, const std::string& element, const std::string& ns, Context context) {
    IQ iq(type, JID(m_client.jid().server()), m_client.getID());
    iq.addExtension(new Payload(element, ns));
    m_client.send(iq, this, context);
  }

  bool handleIq(const IQ&) override { return false; }

  void handleIqID(const IQ& iq, int context) override {
    static const char* const names[] = {"ping", "unknown-iq-get", "unknown-iq-set"};
    const Error* error = iq.error();
    const bool unavailable = error != nullptr && error->error() == StanzaErrorServiceUnavailable;
    const bool isResult = iq.subtype() == IQ::Result;
    finish(names[context], unavailable || (context == Ping && isResult),
           unavailable ? "service-unavailable" : isResult ? "result" : "another error");
  }

  void handleMessage(const Message& message, MessageSession*) override {
    const std::string from = "from " + message.from().full();
    if (message.body() == BODY_BARE) finish("self-bare", true, from);
    else if (message.body() == BODY_FULL) finish("self-full", true, from);
    else if (message.body() == std::string("echo: ") + BODY_PEER) finish("peer", true, from);
  }

  void onConnect() override { finish("login", true, m_mechanism + " " + m_client.jid().full()); }

  void onDisconnect(ConnectionError error) override {
    m_ended = true;
    if (m_at >= m_steps.size()) return;
    // gloox ends the connection right after its own closing tag and does not wait for the other one.
    const bool asked = m_steps[m_at].name == "close" && error == ConnUserDisconnected;
    const std::string auth = m_client.authError() == SaslNotAuthorized ? "not-authorized" : "other";
    finish(m_steps[m_at].name, asked,
           asked ? "own closing tag sent" : "disconnected: " + std::to_string(error) + ", SASL failure " + auth + ", certificate " + std::to_string(m_certificate));
  }

  bool onTLSConnect(const CertInfo& info) override {
    m_certificate = info.status;
    return info.status == CertOk;
  }

  // gloox tells its users nothing about the mechanism, but its log does.
  void handleLog(LogLevel, LogArea area, const std::string& message) override {
    if (getenv("XW_TRACE") != nullptr) fprintf(stderr, "%d %s\n", static_cast<int>(area), message.c_str());
    if (area != LogAreaXmlOutgoing || message.find("<auth") == std::string::npos) return;
    const size_t at = message.find("mechanism=");
    if (at == std::string::npos) return;
    m_mechanism = message.substr(at + 11, message.find(message[at + 10], at + 11) - at - 11);
  }

  void handleRoster(const Roster&) override {
    m_rosterCame = true;
    finish("roster", true, "result");
  }
  void handleSelfPresence(const RosterItem&, const std::string&, Presence::PresenceType, const std::string&) override {
    m_presenceCame = true;
    finish("presence", true, "came back");
  }
  void handleRosterError(const IQ&) override { finish("roster", false, "error"); }
  void handleItemAdded(const JID&) override {}
  void handleItemSubscribed(const JID&) override {}
  void handleItemRemoved(const JID&) override {}
  void handleItemUpdated(const JID&) override {}
  void handleItemUnsubscribed(const JID&) override {}
  void handleRosterPresence(const RosterItem&, const std::string&, Presence::PresenceType, const std::string&) override {}
  bool handleSubscriptionRequest(const JID&, const std::string&) override { return false; }
  bool handleUnsubscriptionRequest(const JID&, const std::string&) override { return false; }
  void handleNonrosterPresence(const Presence&) override {}

  Client m_client;
  std::vector<Step> m_steps;
  size_t m_at = 0;
  size_t m_begun = 0;
  long long m_since = 0;
  bool m_ended = false;
  bool m_rosterCame = false;
  bool m_presenceCame = false;
  int m_certificate = -1;
  std::string m_mechanism;
};

}  // namespace

int main() {
  xw_start();
  Probe().run();
  xw_report("end", 1, "");
  return 0;
}
