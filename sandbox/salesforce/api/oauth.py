"""`/services/oauth2`: tokens given out, taken back and looked into. Every failure is an object with `error`."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from sandbox.exchange import Reply, Request
from sandbox.salesforce.routes import json_reply
from sandbox.salesforce.sessions import Sessions, SignInRefusedError


class OAuthApi:
    """The token endpoints of one org."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._answers = {"token": self._token, "revoke": self._revoke, "introspect": self._introspect}

    def answer(self, request: Request) -> Reply:
        """Carry a request below `/services/oauth2` out."""
        answer = self._answers.get(request.path.strip("/").split("/")[-1])
        if answer is None:
            return _refused("invalid_request", "unknown endpoint", 404)
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        if request.method == "GET" and answer == self._revoke:
            form = dict(parse_qsl(request.query))
        elif request.method != "POST":
            return _refused("invalid_request", "must use HTTP POST")
        try:
            return answer(form, request.headers)
        except SignInRefusedError as refusal:
            return _refused(refusal.error, refusal.description)

    def _token(self, form: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        signed_in = self._sessions.sign_in(form, headers.get("authorization", ""), headers.get("host", ""))
        return json_reply(signed_in, effect="opened a session")

    def _revoke(self, form: Mapping[str, str], _headers: Mapping[str, str]) -> Reply:
        self._sessions.revoke(form.get("token", ""))
        return Reply(200, effect="revoked a token")

    def _introspect(self, form: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        self._sessions.check_client(form, headers.get("authorization", ""))
        return json_reply(self._sessions.introspected(form.get("token", "")))


def _refused(error: str, description: str, status: int = 400) -> Reply:
    return json_reply({"error": error, "error_description": description}, status)
