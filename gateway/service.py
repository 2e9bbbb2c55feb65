"""Plugs the parts together and runs them. The only file that knows every part."""

import asyncio
import gc
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version as installed_version
from random import Random
from typing import Any, cast

import structlog
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IListeningPort, IReactorSSL, IReactorTCP, IReactorTime
from twisted.internet.protocol import ServerFactory
from twisted.web.resource import Resource

from gateway.admission import Admission
from gateway.backend_metrics import backend_states
from gateway.backend_table import backends_of, limits_of, watched_lives
from gateway.deidentify.recogniser import load_recogniser
from gateway.identity.authenticator import Authenticator
from gateway.identity.issued_keys import IssuedKeys
from gateway.ids import IdSource
from gateway.interfaces import Translator
from gateway.limits_in_use import ASKING, forget, tell
from gateway.messages import GatewayIdentity, Protocol, SmartServer
from gateway.metrics import Metrics
from gateway.model_lives import ModelLives
from gateway.pid_file import Running, withdraw
from gateway.pid_file import announce as announce_running
from gateway.pipeline import Pipeline
from gateway.policy.limits import Limits
from gateway.returns import Returns
from gateway.settings import Settings, UnusableSettings
from gateway.settings.reloaded import reloaded
from gateway.settings.schema import ListenerSettings
from gateway.settings.to_identity import partner_table, smart_of, token_checks
from gateway.settings.to_limits import limits_at_the_door, spending_of
from gateway.settings.to_policy import policy_of
from gateway.spending import Spending
from gateway.store.api_keys import KeyFeed
from gateway.store.audit_log import AuditReader
from gateway.store.message_store import MessageStore
from gateway.store.refused_connections import RefusedConnections
from gateway.summarizer import Summarizer
from gateway.versions import OperationVersions
from listeners.fhir_rest import FhirRest
from listeners.http_exchange import CappedSite
from listeners.mllp import MllpFactory, MllpLimits
from listeners.mllp_sender import MllpSender
from listeners.operations import HealthResource, MetricsResource, RootResource, StateResource
from listeners.reception import Reception
from listeners.soap_http import BASE, SERVICES, soap_resource
from listeners.tls import server_context
from translators.attachments import CDA, ER7, Attachments
from translators.cda.reader import read_cda
from translators.cda.writer import add_summary
from translators.fhir.canonical import operation_url
from translators.fhir.translator import FhirTranslator
from translators.hl7v2.documents import SummaryMessages
from translators.hl7v2.translator import Hl7v2Translator, read_er7
from translators.soap.translator import SoapTranslator

log = structlog.get_logger("service")

_COLLECTIONS = (2_000, 5, 50)
"""Thresholds of the garbage collector. Answered calls are freed without it; by default it goes through all
that wait for slow models every second, for 0.2 s at 1,200 in flight. No rarer than this: failed calls leave
cycles, which may hold a record until it has passed."""

_SWITCH_S = 0.0005
"""How long a thread may keep the interpreter while the event loop waits for it. With Python's own 5 ms every
turn of the loop is that late while a large body is read on a thread: a small message beside such bodies took
29 ms instead of 19. So is the word of a commit's thread that all is on disk."""

SOFTWARE_VERSION = installed_version("ehr-summarization-gateway")


def utc_now() -> datetime:
    return datetime.now(UTC)


def identity_of(settings: Settings) -> GatewayIdentity:
    """Who we are on every wire. Without a public URL, the address of the first HTTP listener."""
    gateway = settings.gateway
    public_url = gateway.public_url or next(
        (
            f"{'https' if listener.tls else 'http'}://{listener.bind[0]}:{listener.bind[1]}"
            for listener in settings.listeners
            if listener.protocol == "http"
        ),
        "",
    )
    return GatewayIdentity(gateway.name, gateway.facility, SOFTWARE_VERSION, public_url)


@dataclass(frozen=True, slots=True)
class Translators:
    """A new protocol is one row here, one listener and one translator folder."""

    hl7v2: Hl7v2Translator
    enhanced_hl7v2: Hl7v2Translator
    fhir: FhirTranslator
    soap: SoapTranslator

    def by_protocol(self) -> dict[Protocol, Translator]:
        return {Protocol.HL7V2: self.hl7v2, Protocol.FHIR: self.fhir, Protocol.SOAP: self.soap}

    def put_in_force(self, operation: OperationVersions) -> None:
        """The versions of the operation, for those that describe it."""
        self.fhir.put_in_force(operation)
        self.soap.put_in_force(operation)


def translators_of(identity: GatewayIdentity, smart: SmartServer | None = None) -> Translators:
    attachments = Attachments({CDA: read_cda, ER7: read_er7})
    hl7v2 = Hl7v2Translator(identity, attachments)
    return Translators(
        hl7v2=hl7v2,
        enhanced_hl7v2=Hl7v2Translator(identity, attachments, acknowledgment="enhanced"),
        fhir=FhirTranslator(identity, attachments, smart),
        soap=SoapTranslator(identity, hl7v2, attachments, add_summary),
    )


class Service:
    """One gateway in one process."""

    def __init__(self, settings: Settings, reactor: object) -> None:
        self._settings = settings
        self._reactor = reactor
        chance = Random(secrets.randbits(256))  # noqa: S311 - an id is no secret, only never the same
        self._ids = IdSource(lambda: time.time_ns() // 1_000_000, chance.getrandbits)
        self._identity = identity_of(settings)
        self._metrics = Metrics()
        self._backends = backends_of(settings, self._metrics.backends.first_byte)
        self._store = MessageStore(settings.gateway.data_dir, utc_now)
        self._translators = translators_of(self._identity, smart_of(settings))
        self._issued = IssuedKeys()
        self._key_feed = KeyFeed(settings.gateway.data_dir, self._issued)
        self._partners = partner_table(settings, self._issued)
        self._refused_connections = RefusedConnections(AuditReader(settings.gateway.data_dir).note)
        self._summarizer = Summarizer(
            self._backends,
            utc_now,
            time.monotonic,
            limits=limits_of(settings),
            chance=chance.random,
            watch=self._metrics.backends,
            recogniser=load_recogniser(path) if (path := settings.gateway.recogniser) else None,
        )
        self._guards = [each for each in self._summarizer.guards.values() if not each.backend.repeatable]
        for guard in self._guards:
            self._metrics.backends.watch_guard(guard, time.monotonic)
        self._authenticator = Authenticator(
            utc_now(), token_checks(settings, time.monotonic, operation_url(self._identity))
        )
        policy = policy_of(settings)
        self._translators.put_in_force(policy.operation)
        self._admission = Admission(Limits(limits_at_the_door(settings)), time.monotonic, self._metrics)
        self._spending = Spending(
            *spending_of(settings),
            self._store,
            utc_now,
            time.monotonic,
            self._metrics,
        )
        self._pipeline = Pipeline(
            translators=self._translators.by_protocol(),
            enhanced=self._translators.enhanced_hl7v2,
            partners=self._partners,
            policy=policy,
            store=self._store,
            summarizer=self._summarizer,
            metrics=self._metrics,
            now=utc_now,
            admission=self._admission,
            authenticator=self._authenticator,
            spending=self._spending,
            keep_trying_s=settings.gateway.keep_trying_h * 3600,
            finish_s=settings.gateway.finish_s,
        )
        self._lives = ModelLives(watched_lives(settings), self._metrics.backends.lives)
        self._reloading = asyncio.Lock()
        self._running = Running(os.getpid(), policy.revision, tells_limits=True)
        self._ports: list[IListeningPort] = []
        self._returns: Returns | None = None

    async def start(self, announce: Callable[[str], None]) -> None:
        """Listen everywhere, take up unfinished work, then say `ready`."""
        await self._spending.restore()  # before anybody can ask for more
        for listener in self._settings.listeners:
            port = self._listen(listener)
            self._ports.append(port)
            address = cast(IPv4Address, port.getHost())
            announce(f"{listener.protocol} {listener.name} {address.host}:{address.port}")
        self._returns = Returns(
            self._store, self._partners, SummaryMessages(self._identity), MllpSender, utc_now
        )
        await self._pipeline.start(self._returns)
        self._key_feed.start()
        self._lives.start()
        gc.collect()
        gc.freeze()  # what lives as long as the process is not looked at again: 11 ms less in the tail
        gc.set_threshold(*_COLLECTIONS)
        self._tell(self._running)
        announce("ready")

    async def reload(self, load: Callable[[], Settings]) -> None:
        """Put a changed file in force as far as it can be: all of that at once, or nothing of it."""
        async with self._reloading:  # one after another, so that the file as it was last is what stays
            try:
                wanted = reloaded(self._settings, await asyncio.to_thread(load))
            except UnusableSettings as error:
                self._refuse_reload(tuple(map(str, error.problems)))
                return
            except (OSError, UnicodeDecodeError) as error:
                self._refuse_reload((f"the file cannot be read: {type(error).__name__}",))
                return
            policy, partners = policy_of(wanted.settings), partner_table(wanted.settings, self._issued)
            limits, spending = limits_at_the_door(wanted.settings), spending_of(wanted.settings)
            # Nothing is swapped before all of it is made.
            self._settings = wanted.settings
            self._pipeline.put_in_force(partners, policy)
            self._translators.put_in_force(policy.operation)
            self._admission.put_in_force(limits)
            self._spending.put_in_force(*spending)
            self._tell(self._running.after_reload(policy.revision, needs_restart=wanted.needs_restart))
            log.warning("reloaded", revision=policy.revision, needs_restart=wanted.needs_restart)

    def _refuse_reload(self, problems: tuple[str, ...]) -> None:
        self._tell(self._running.after_reload(self._running.revision, problems))
        log.error("reload_refused", problems=problems, revision=self._running.revision)

    def _tell(self, running: Running) -> None:
        self._running = running
        try:
            announce_running(self._settings.gateway.data_dir, running)
        except OSError as error:  # a full disk; messages are served all the same
            log.error("pid_file_not_written", reason=error.strerror)

    def tell_limits(self) -> None:
        """To whoever asks by a signal how far they are used."""
        try:
            tell(self._settings.gateway.data_dir, (*self._admission.uses(), *self._spending.uses()))
        except OSError as error:
            log.error("limits_not_told", reason=error.strerror)

    async def stop(self) -> None:
        """Take nothing more in, let what is under way be answered, and close the store."""
        for port in self._ports:
            stopped = port.stopListening()
            if stopped is not None:
                await stopped.asFuture(asyncio.get_running_loop())
        await self._pipeline.stop()
        if self._returns is not None:
            await self._returns.stop()
        await self._lives.stop()
        await self._summarizer.close()
        withdraw(self._settings.gateway.data_dir)
        forget(self._settings.gateway.data_dir)
        await self._authenticator.close()
        await self._key_feed.stop()
        await self._refused_connections.stop()
        await self._store.close()
        log.info("stopped")

    def _listen(self, listener: ListenerSettings) -> IListeningPort:
        reception = Reception(
            listener=listener.name,
            handle=self._pipeline.handle,
            refuse=self._pipeline.refuse,
            new_id=self._ids.next,
            now=utc_now,
            handshake_failed=partial(self._refused_connections.note, listener.name),
        )
        factory = (
            self._mllp(listener, reception)
            if listener.protocol == "mllp"
            else self._http(listener, reception)
        )
        host, port = listener.bind
        if listener.tls is None:
            return cast(IReactorTCP, self._reactor).listenTCP(port, factory, backlog=1024, interface=host)
        tls = listener.tls
        context = server_context(tls.certificate, tls.key, tls.client_ca, tls.client_certificate)
        return cast(IReactorSSL, self._reactor).listenSSL(
            port, factory, context, backlog=1024, interface=host
        )

    def _mllp(self, listener: ListenerSettings, reception: Reception) -> "ServerFactory[Any]":
        limits = MllpLimits(
            max_payload_bytes=listener.max_payload_bytes,
            max_connections=listener.max_connections,
            idle_timeout_s=listener.idle_timeout_s,
            stalled_frame_timeout_s=listener.stalled_frame_timeout_s,
            unread_answers_timeout_s=listener.unread_answers_timeout_s,
        )
        is_tls = listener.tls is not None
        return MllpFactory(reception, cast(IReactorTime, self._reactor), limits, is_tls=is_tls)

    def _http(self, listener: ListenerSettings, reception: Reception) -> "ServerFactory[Any]":
        root = RootResource()
        health = Resource()
        health.putChild(b"live", HealthResource(lambda: True))
        health.putChild(b"ready", HealthResource(lambda: bool(self._ports)))
        paths = ["/health/live", "/health/ready"]
        if "metrics" in listener.serve:
            health.putChild(b"backends", StateResource(self._backend_states))
            paths.append("/health/backends")
        root.serve("health", health, paths)
        if "fhir" in listener.serve:
            root.serve("fhir", FhirRest(reception, self._translators.fhir.describe), ("/fhir/R4/metadata",))
        if "soap" in listener.serve:
            wsdls = [f"{BASE}/{service}?wsdl" for service in sorted(SERVICES)]
            root.serve("soap", soap_resource(reception, self._translators.soap.describe), wsdls)
        if "metrics" in listener.serve:
            root.serve("metrics", MetricsResource(self._metrics.registry), ("/metrics",))
        return CappedSite(
            root,
            cast(IReactorTime, self._reactor),
            max_body_bytes=listener.max_payload_bytes,
            handshake_failed=reception.handshake_failed if listener.tls else None,
        )

    def _backend_states(self) -> dict[str, dict[str, object]]:
        return backend_states(self._guards, time.monotonic())


def run(
    settings: Settings, announce: Callable[[str], None], load: Callable[[], Settings] | None = None
) -> int:
    """Run a gateway until it is told to stop. Returns the exit code.

    `load` reads the operator's file anew when SIGHUP says so; without it the signal ends the gateway, as a
    closed terminal ends what ran in it.
    """
    import uvloop
    from twisted.internet import asyncioreactor

    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)
    from twisted.internet import reactor
    from twisted.internet.defer import Deferred

    sys.setswitchinterval(_SWITCH_S)
    service = Service(settings, reactor)
    failures: list[BaseException] = []

    def begin() -> None:
        asyncio.ensure_future(service.start(announce)).add_done_callback(begun)

    def begun(done: "asyncio.Future[None]") -> None:
        error = None if done.cancelled() else done.exception()
        if error is not None:
            failures.append(error)
            reactor.stop()

    def end() -> "Deferred[None]":
        return Deferred.fromFuture(asyncio.ensure_future(service.stop()))

    reloads: set[asyncio.Task[None]] = set()

    def hang_up(load: Callable[[], Settings]) -> None:
        task = loop.create_task(service.reload(load))
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    if load is not None:
        loop.add_signal_handler(signal.SIGHUP, hang_up, load)
    loop.add_signal_handler(ASKING, service.tell_limits)
    reactor.callWhenRunning(begin)
    reactor.addSystemEventTrigger("before", "shutdown", end)
    reactor.run()
    if failures:
        raise failures[0]
    return os.EX_OK
