"""The simulated provider: a real server on loopback, on asyncio and h11."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import time
from collections import Counter
from collections.abc import Coroutine
from importlib.resources import as_file, files
from typing import Any

import h11

from llmprobe.simulator.behaviours import failing, plan_for
from llmprobe.simulator.plan import Ending, Plan
from llmprobe.simulator.routes import KEY_HEADERS, call_for, split_behaviour
from llmprobe.simulator.scenario import Scenario, always

CERTIFICATES = ("trusted", "expired", "self-signed", "wrong-host")
_NOT_FOUND = b'{"error": {"message": "Not Found", "type": "not_found", "code": null}}'


def certificate_authority() -> str:
    """The PEM text of the CA that signs the simulator's trusted certificate."""
    return files("llmprobe.simulator").joinpath("certs/ca.pem").read_text(encoding="ascii")


class Simulator:
    """
    Answers as a provider would, or as the scenario says.

    A path may name its own behaviour: `http://127.0.0.1:8080/~overloaded/v1`.

    Args:
        scenario: What to do where the path names no behaviour.
        key: The only credential that is accepted; None accepts any and none.
        certificate: One of CERTIFICATES for TLS; None for plain HTTP.
        tls_delay_s: Seconds before the handshake is answered.
    """

    def __init__(
        self,
        scenario: Scenario | None = None,
        *,
        key: str | None = None,
        certificate: str | None = None,
        tls_delay_s: float = 0.0,
    ) -> None:
        self._scenario = scenario or always("ok")
        self._key = key
        self._certificate = certificate
        self._tls_delay_s = tls_delay_s
        self._listener: socket.socket | None = None
        self._started = time.monotonic()
        self._tasks: set[asyncio.Task[None]] = set()
        self.calls: Counter[str] = Counter()
        self.requests = 0
        self.last_headers: dict[str, str] = {}

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, and return the base URL. Raises OSError when the port is taken."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=1024)
        self._listener.setblocking(False)
        self._started = time.monotonic()
        self._spawn(self._listen(self._listener))
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if self._certificate else 'http'}://{shown}:{self._listener.getsockname()[1]}"

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._listener is not None:
            self._listener.close()

    async def __aenter__(self) -> Simulator:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    def behaviour(self) -> str:
        """The behaviour in force now."""
        return self._scenario.at(time.monotonic() - self._started)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _listen(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(listener)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # tokens leave at once
            self._spawn(self._meet(client))

    async def _meet(self, client: socket.socket) -> None:
        """TLS only after the delay: until then not a byte of the handshake is read."""
        loop = asyncio.get_running_loop()
        context = _server_context(self._certificate) if self._certificate else None
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            await asyncio.sleep(self._tls_delay_s)
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, client, ssl=context)
            writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        except (OSError, asyncio.CancelledError):
            client.close()
            return
        try:
            await _Connection(self, reader, writer).serve()
        except (OSError, h11.LocalProtocolError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    def plan(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Plan:
        """What to do with a request."""
        behaviour, path = split_behaviour(target)
        behaviour = behaviour or self.behaviour()
        self.requests += 1
        self.last_headers = headers
        call = call_for(method, path, headers, body)
        if call is None:
            return Plan(status=404, headers={"content-type": "application/json"}, body=_NOT_FOUND)
        if call.probe != "edge" and not self._accepts(headers):
            behaviour = "auth"
        behaviour = self._resolve(behaviour, target)
        if behaviour == "ok" and not call.known:
            behaviour = "model_not_found"
        try:
            return plan_for(call, behaviour)
        except KeyError:
            return failing(call, 404, "unknown_behaviour", f"the simulator knows no behaviour {behaviour}")

    def _accepts(self, headers: dict[str, str]) -> bool:
        if self._key is None:
            return True
        given = [headers.get(name, "") for name in KEY_HEADERS]
        given.append(headers.get("authorization", "").removeprefix("Bearer "))
        return self._key in given

    def _resolve(self, behaviour: str, target: str) -> str:
        """`flaky:2:overloaded`: the first two calls fail, later ones work."""
        if not behaviour.startswith("flaky"):
            return behaviour
        _, count, how = (*behaviour.split(":"), "1", "overloaded")[:3]
        self.calls[target] += 1
        return how if self.calls[target] <= int(count or 1) else "ok"


class _Connection:
    """One client: request after request until somebody ends it."""

    def __init__(
        self, simulator: Simulator, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._simulator = simulator
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)

    async def serve(self) -> None:
        while True:
            request, body = await self._read()
            if request is None:
                return
            headers = {k.decode().lower(): v.decode("latin-1") for k, v in request.headers}
            plan = self._simulator.plan(request.method.decode(), request.target.decode(), headers, body)
            if not await self._answer(plan):
                return
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                return
            self._http.start_next_cycle()

    async def _read(self) -> tuple[h11.Request | None, bytes]:
        request: h11.Request | None = None
        body = b""
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError:
                await self._write(
                    b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
                )
                return None, b""
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(65536))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return request, body
            else:
                return None, b""

    async def _answer(self, plan: Plan) -> bool:
        """Carry the plan out; False when the connection is over."""
        await asyncio.sleep(plan.before_headers_s)
        if not plan.answers:
            return await self._end(plan)
        headers = list(plan.headers.items())
        if plan.body is not None:
            headers.append(("content-length", str(len(plan.body))))
        head = self._http.send(h11.Response(status_code=plan.status, headers=headers)) or b""
        if plan.body is not None or plan.one_write:
            body = plan.body if plan.body is not None else b"".join(plan.pieces)
            await self._write(head + self._data(body) + self._finish())
            return True
        await self._write(head)
        await self._pieces(plan)
        return await self._end(plan)

    async def _pieces(self, plan: Plan) -> None:
        wanted = len(plan.pieces) if plan.stop_after is None else plan.stop_after
        for index, piece in enumerate(plan.pieces[:wanted]):
            await asyncio.sleep(plan.first_piece_s if index == 0 else plan.gap_s)
            await self._write(self._data(piece))

    async def _end(self, plan: Plan) -> bool:
        match plan.ending:
            case Ending.STALL:
                while True:
                    await asyncio.sleep(plan.heartbeat_s)
                    if plan.heartbeat:
                        await self._write(self._data(plan.heartbeat))
            case Ending.ENDLESS:
                while True:
                    await self._write(self._data(plan.pieces[0]))
            case Ending.RESET:
                sock = self._writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._writer.transport.abort()
                return False
            case Ending.DROP:
                return False
            case Ending.CLOSE if not plan.answers:
                await self._write(b"SSH-2.0-not-http\r\n\r\n")
                return False
            case _:
                await self._write(self._finish())
                return True

    def _data(self, data: bytes) -> bytes:
        return (self._http.send(h11.Data(data=data)) or b"") if data else b""

    def _finish(self) -> bytes:
        return self._http.send(h11.EndOfMessage()) or b""

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()


def _server_context(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with as_file(files("llmprobe.simulator").joinpath(f"certs/{certificate}.pem")) as path:
        context.load_cert_chain(path)
    return context
