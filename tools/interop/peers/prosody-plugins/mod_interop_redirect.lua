-- Answers every encrypted stream on another port than `interop_redirect_port` with see-other-host to that port.
local st = require "util.stanza";

local to_port = assert(module:get_option_number("interop_redirect_port"), "interop_redirect_port is missing");
local stream_errors = "urn:ietf:params:xml:ns:xmpp-streams";

module:hook("stream-features", function (event)
	local session = event.origin;
	if session.type ~= "c2s_unauthed" or not session.secure or tonumber(session.conn:serverport()) == to_port then
		return;
	end
	session:close(st.stanza("stream:error")
		:tag("see-other-host", { xmlns = stream_errors }):text("127.0.0.1:" .. to_port):up());
	return true;
end, 1000);
