"""Stages of Pons in Python. One file; needs numpy and nothing else.

A plugin is a program and a file plugin.yaml beside it:

    from pons_plugin import Input, Output, Parameter, Plugin

    plugin = Plugin("brightness", version="1.0")

    @plugin.stage(
        "org.example.brighten", "adds to every voxel", version="1",
        inputs=[Input("volume", "volume", dtypes=["float32"])],
        outputs=[Output("volume", "volume", same_grid="volume")],
        parameters=[Parameter("offset", "number", "what to add", default=1.0)])
    class Brighten:
        def __init__(self, parameters, context):
            self.offset = parameters["offset"]

        def process(self, context, volume):
            out = context.output(
                "volume", voxels=("float32", volume.voxels.shape), affine=volume.affine,
                metadata=volume.metadata)
            out.voxels[...] = volume.voxels + self.offset

    plugin.run()

Pons starts the program in a process of its own and talks to it over a socket (docs/worker-protocol.md). Arrays of inputs are
read-only views on shared memory, arrays of outputs are views on the memory in which they stay: nothing is copied. Voxels are
[z, y, x] or [c, z, y, x]; `affine` is [4, 4] float64 and maps voxel (x, y, z, 1) to millimetres in RAS+.

SPDX-License-Identifier: Apache-2.0
"""

import array
import gc
import json
import mmap
import os
import platform
import socket
import struct
import sys
import traceback

import numpy

__version__ = "1.0"

_CATEGORIES = {"bad_input": 1, "bad_parameter": 2, "resource": 3, "cancelled": 4, "internal": 5}
_TYPES = {
    name: numpy.dtype(name)
    for name in ("bool uint8 int8 uint16 int16 uint32 int32 uint64 int64 float16 float32 float64").split()
}


class Failure(Exception):
    """Why a call failed. Say what was found and what was expected; no patient data, no absolute paths."""

    category = "internal"

    def __init__(self, message, code="", hint="", parameter=None, port=None):
        super().__init__(message)
        self.code, self.hint, self.parameter, self.port = code, hint, parameter, port

    def _wire(self):
        return {
            "category": _CATEGORIES[self.category], "code": self.code, "message": str(self),
            "hint": self.hint, "parameter": self.parameter, "port": self.port}


class BadInput(Failure):
    """The data of this case cannot be processed: the case is quarantined."""

    category = "bad_input"


class BadParameter(Failure):
    """The manifest asks for something that cannot be."""

    category = "bad_parameter"


class Resource(Failure):
    """Out of memory or disk: tried again as often as the manifest says."""

    category = "resource"


class Cancelled(Failure):
    """The run is being stopped."""

    category = "cancelled"


class _Missing(BadInput, AttributeError):
    """A packet lacks a tensor."""

    def __init__(self, name):
        super().__init__(f"the packet has no tensor '{name}'", "MISSING_TENSOR")


class _Refused(Failure):
    """The host refused what was asked."""

    def __init__(self, wire):
        super().__init__(wire["message"], wire["code"], wire["hint"], wire["parameter"], wire["port"])
        self.category = {number: name for name, number in _CATEGORIES.items()}[wire["category"]]


def Input(name, kind, summary="", cardinality="each", optional=False, dtypes=(), same_grid=None,
          ground_truth=False, unjoined=False):
    """An input port. `cardinality`: "each" (a call a case), "all" (one call with every case), "once" (a model)."""
    return _port(name, kind, summary, optional, dtypes, same_grid, ground_truth, unjoined,
                 input=cardinality)


def Output(name, kind, summary="", cardinality="per-case", optional=False, dtypes=(), same_grid=None,
           ground_truth=False):
    """An output port. `cardinality`: "per-case", "one" (a packet a run), "new-cases"."""
    return _port(name, kind, summary, optional, dtypes, same_grid, ground_truth, False,
                 output=cardinality)


def _port(name, kind, summary, optional, dtypes, same_grid, ground_truth, unjoined, **flow):
    return dict(
        flow, name=name, kind=kind, summary=summary or name, optional=optional, dtypes=list(dtypes),
        same_grid=same_grid, ground_truth=ground_truth, unjoined=unjoined, absent=False,
        case_keys=False)


def Parameter(name, type, summary="", default=None, required=False, minimum=None, maximum=None,
              enum=None, unit=None, format=None, affects_result=True):
    """A parameter of the manifest; `type` is that of a JSON schema: "number", "integer", "string", "boolean"."""
    schema = {"type": type, "description": summary or name}
    for key, value in (("default", default), ("minimum", minimum), ("maximum", maximum),
                       ("enum", enum), ("unit", unit), ("format", format)):
        if value is not None:
            schema[key] = value
    if not affects_result:
        schema["affects_result"] = False
    return name, schema, required


def _checked(schema, values):
    """Parameters that fit a schema, with defaults."""
    properties = schema["properties"]
    for name in values if isinstance(values, dict) else ["parameters"]:
        if name not in properties:
            raise BadParameter(f"there is no parameter '{name}'", "UNKNOWN_PARAMETER", parameter=name)
    kinds = {"number": (int, float), "integer": int, "string": str, "boolean": bool, "array": list,
             "object": dict}
    result = {}
    for name, wanted in properties.items():
        value = values.get(name, wanted.get("default"))
        if value is None:
            if name in schema.get("required", ()):
                raise BadParameter(f"the parameter '{name}' is missing", parameter=name)
        elif (not isinstance(value, kinds[wanted["type"]])
              or isinstance(value, bool) != (wanted["type"] == "boolean")):
            raise BadParameter(f"'{name}' must be of type {wanted['type']}", parameter=name)
        elif "enum" in wanted and value not in wanted["enum"]:
            raise BadParameter(f"'{name}' must be one of {wanted['enum']}", parameter=name)
        elif isinstance(value, (int, float)) and not (
                wanted.get("minimum", value) <= value <= wanted.get("maximum", value)):
            raise BadParameter(f"'{name}' is out of range", parameter=name)
        result[name] = value
    return result


class Packet:
    """What came in at a port: `kind`, `case`, `metadata`, `sidecar` (never copy any of it), and its tensors as read-only
    arrays: `packet["voxels"]`, or `packet.voxels`. They are valid until the call returns."""

    def __init__(self, wire, memory, start):
        self.number, self.kind, self.case = wire["packet"], wire["kind"], wire["case"]
        self.metadata, self.sidecar = json.loads(wire["metadata"]), json.loads(wire["sidecar"])
        self._memory = memory if isinstance(memory, mmap.mmap) else None
        self.arrays = {}
        for tensor in wire["tensors"]:
            view = _view(memory, start + tensor["offset"], tensor["type"], tensor["shape"])
            view.flags.writeable = False
            self.arrays[tensor["name"]] = view

    def __getitem__(self, name):
        try:
            return self.__dict__["arrays"][name]
        except KeyError:
            raise _Missing(name) from None

    __getattr__ = __getitem__

    def _release(self):
        """True when nobody looks at the memory any more."""
        self.arrays = {}
        return _close(self._memory)


class Draft:
    """An output that is being filled: its tensors are arrays, `draft["voxels"]` or `draft.voxels`. It is sent when `process`
    returns. `metadata`, `sidecar` and `shapes` (of tensors that became smaller) may be changed until then."""

    def __init__(self, port, number, memory, tensors, offsets, inline, metadata, sidecar):
        self.port, self.number, self.metadata, self.sidecar = port, number, metadata, sidecar
        self.shapes, self._memory, self._inline = {}, memory, inline
        self.arrays = {
            name: _view(memory, offset, type, shape)
            for (name, type, shape), offset in zip(tensors, offsets)}

    def __getitem__(self, name):
        return self.arrays[name]

    def __getattr__(self, name):
        try:
            return self.__dict__["arrays"][name]
        except KeyError:
            raise AttributeError(f"the output has no tensor '{name}'") from None

    def _seal(self, link):
        self.arrays = {}
        tail = bytes(self._memory) if self._inline else b""
        if not self._inline and not _close(self._memory):
            # Views in cycles go only now. Whatever stays costs the host a copy.
            gc.collect()
            _close(self._memory)
        link.ask(
            tail, do="seal", builder=self.number, metadata=json.dumps(self.metadata, allow_nan=False),
            sidecar=json.dumps(self.sidecar, allow_nan=False),
            shapes=[{"name": n, "shape": [int(e) for e in s]} for n, s in self.shapes.items()])


def _view(memory, offset, type, shape):
    dtype = numpy.dtype("uint16") if type == "bfloat16" else _TYPES[type]
    count = int(numpy.prod(shape, dtype=numpy.int64))
    if count == 0:
        return numpy.empty(shape, dtype)
    return numpy.frombuffer(memory, dtype, count, offset).reshape(shape)


def _close(memory):
    if memory is None:
        return True
    try:
        memory.close()
        return True
    except BufferError:
        return False


class Packets:
    """The packets of an "all" port, sorted by case: `len()`, and iterating, which holds one at a time."""

    def __init__(self, context, port, count):
        self._context, self._port, self._count = context, port, count

    def __len__(self):
        return self._count

    def __iter__(self):
        for index in range(self._count):
            packet = self._context._input(self._port, index)
            yield packet
            self._context._let_go(packet)


class Context:
    """What a call may ask of the host: `seed`, `threads`, and the functions below."""

    def __init__(self, link, order):
        self._link, self.seed, self.threads = link, int(order["seed"]), order["threads"]
        self._counts, self._wanted = order.get("inputs", {}), order.get("wanted", [])
        self._drafts = []

    def log(self, level, code, text):
        """Writes a log record; `level` is "debug", "info", "notice" or "warning"."""
        self._link.tell(
            do="log", level=["debug", "info", "notice", "warning"].index(level), code=code, text=text)

    def progress(self, fraction, note=""):
        """Tells how far the call is, from 0 to 1. Raises Cancelled when it shall end."""
        if self._link.ask(do="progress", fraction=float(fraction), note=note)["cancel"]:
            raise Cancelled("the call was cancelled")

    def scratch(self):
        """Path of an empty folder, the only one that can be written to."""
        return self._link.ask(do="scratch")["path"]

    def wanted(self, port):
        """Whether somebody reads the output port."""
        return port in self._wanted

    def output(self, port, case=None, metadata=None, sidecar=None, **tensors):
        """Begins an output. A tensor is given as (type, shape), to be filled, or as an array, which is copied."""
        asked = []
        for name, value in tensors.items():
            if isinstance(value, numpy.ndarray):
                value = value.dtype.name, value.shape
            asked.append((name, value[0], [int(extent) for extent in value[1]]))
        answer = self._link.ask(
            do="begin", port=port, case=case,
            tensors=[{"name": n, "type": t, "shape": s} for n, t, s in asked])
        if answer["inline"]:
            memory = bytearray(answer["size"])
        else:
            memory = self._link.map(answer["size"], mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED)
        draft = Draft(
            port, answer["builder"], memory, asked, answer["offsets"], answer["inline"],
            dict(metadata or {}), dict(sidecar or {}))
        self._drafts.append(draft)
        for name, value in tensors.items():
            if isinstance(value, numpy.ndarray):
                draft[name][...] = value
        return draft

    def forward(self, packet, port, case=None):
        """Sends a packet that came in, as it is."""
        self._link.ask(do="forward", packet=packet.number, port=port, case=case)

    def keep(self, case=None, score=None, rank=None, reason=""):
        """Records that a filter keeps a case."""
        self._verdict(0, case, score, rank, reason)

    def drop(self, case=None, score=None, rank=None, reason=""):
        """A filter removes the case."""
        self._verdict(1, case, score, rank, reason)

    def _verdict(self, decision, case, score, rank, reason):
        score = None if score is None or score != score else float(score)
        self._link.ask(
            do="verdict", decision=decision, case=case, score=score, rank=rank, reason=reason)

    def add_case(self, name, public=False, files=(), fingerprint="", about=None):
        """Announces a case; in `enumerate` of sources only."""
        self._link.ask(
            do="add_case", name=name, public=public, files=list(files), fingerprint=fingerprint,
            about=about or {})

    def skipped(self, code, text, count=1):
        """Counts things that a source passes over on purpose."""
        self._link.ask(do="skipped", code=code, text=text, count=count)

    def case_key(self, name, public=False):
        """The key of the case that a source calls by a name."""
        return self._link.ask(do="case_key", name=name, public=public)["case"]

    def _input(self, port, index):
        answer = self._link.ask(do="input", port=port, index=index)
        if answer.get("inline"):
            memory, start = self._link.tail, 0
        elif answer["descriptor"]:
            memory = self._link.map(answer["size"], mmap.PROT_READ, mmap.MAP_PRIVATE)
            start = answer["start"]
        else:
            memory, start = b"", 0
        packet = Packet(answer, memory, start)
        self._link.held.append(packet)
        return packet

    def _let_go(self, packet):
        if packet._release():
            self._link.held.remove(packet)
            self._link.released.append(packet.number)

    def _arguments(self, ports):
        arguments = {}
        for port in ports:
            name, count = port["name"], self._counts.get(port["name"], 0)
            if port.get("input") == "all":
                arguments[name] = Packets(self, name, count)
            elif "input" in port:
                arguments[name] = self._input(name, 0) if count else None
        return arguments

    def _finish(self):
        for draft in self._drafts:
            draft._seal(self._link)


class _Link:
    """The socket to the host."""

    def __init__(self, descriptor):
        self.socket = socket.socket(fileno=descriptor)
        self.received, self.descriptors, self.tail = bytearray(), [], b""
        self.held, self.released = [], []

    def tell(self, tail=b"", **body):
        if self.released:
            body["released"], self.released = self.released, []
        text = json.dumps(body, allow_nan=False).encode()
        self.socket.sendall(struct.pack("<II", len(text), len(tail)) + text + tail)

    def ask(self, tail=b"", **body):
        self.tell(tail, **body)
        answer = self.receive()
        if "error" in answer:
            raise _Refused(answer["error"])
        return answer["ok"]

    def receive(self):
        """The next message; its tail is in `tail`. Ends the process when the host is gone."""
        head = struct.unpack("<II", self._take(8))
        body = json.loads(self._take(head[0]))
        self.tail = self._take(head[1])
        return body

    def _take(self, count):
        while len(self.received) < count:
            space = socket.CMSG_SPACE(8 * 4)
            data, control, _, _ = self.socket.recvmsg(1 << 16, space)
            if not data:
                os._exit(0)
            self.received += data
            for level, kind, payload in control:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    files = array.array("i")
                    files.frombytes(payload[: len(payload) // 4 * 4])
                    self.descriptors.extend(files)
        taken = bytes(self.received[:count])
        del self.received[:count]
        return taken

    def map(self, size, protection, flags):
        descriptor = self.descriptors.pop(0)
        try:
            return mmap.mmap(descriptor, size, flags=flags, prot=protection)
        finally:
            os.close(descriptor)

    def release_held(self):
        """Tells of packets of calls that are over, as far as nobody kept one of their arrays."""
        for packet in list(self.held):
            if packet._release():
                self.held.remove(packet)
                self.released.append(packet.number)


class Plugin:
    """A program with stages."""

    def __init__(self, name, version, build=""):
        self.name, self.version, self.build, self.stages = name, version, build, {}

    def stage(self, id, summary, version="1", inputs=(), outputs=(), parameters=(),
              concurrency="parallel", deterministic=True, gpu=False, terminal=False, any_threads=False):
        """Makes a class a stage: `__init__(self, parameters, context)`, and `process(self, context, **inputs)`, or for sources
        `enumerate(self, context)` and `read(self, context, name)`."""

        def register(made):
            schema = {
                "type": "object", "properties": {name: value for name, value, _ in parameters}}
            required = [name for name, _, is_required in parameters if is_required]
            if required:
                schema["required"] = required
            self.stages[id] = made, {
                "id": id, "version": version, "summary": summary,
                "ports": list(inputs) + list(outputs), "parameters": schema,
                "concurrency": concurrency, "deterministic": deterministic, "gpu": gpu,
                "terminal": terminal, "transient": False, "any_threads": any_threads, "foreign_bytes": False,
                "source": hasattr(made, "enumerate")}
            return made

        return register

    def run(self):
        """Serves the host until it has no more work."""
        number = os.environ.get("PONS_WORKER_SOCKET")
        if number is None:
            sys.exit("This is a plugin of Pons: see 'pons plugins inspect plugin.yaml'.")
        link = _Link(int(number))
        libraries = [("Python", platform.python_version()), ("numpy", numpy.__version__),
                     ("pons_plugin", __version__)]
        link.tell(
            do="ready", protocol=1, keeps_blocks=False,
            plugin={
                "name": self.name, "version": self.version, "build": self.build, "abi_minor": 0,
                "required_extensions": [], "stages": [stage for _, stage in self.stages.values()]},
            libraries=[
                {"name": name, "version": version, "detail": "", "warning": ""}
                for name, version in libraries])
        instance, ports = None, []
        while True:
            order = link.receive()
            if order["do"] == "end":
                os._exit(0)
            context, error = Context(link, order), None
            try:
                if order["do"] == "create":
                    made, stage = self.stages[order["stage"]]
                    ports = stage["ports"]
                    instance = made(_checked(stage["parameters"], order["parameters"]), context)
                elif order["do"] == "process":
                    instance.process(context, **context._arguments(ports))
                elif order["do"] == "enumerate":
                    instance.enumerate(context)
                else:
                    instance.read(context, order["name"])
                context._finish()
            except Failure as failure:
                error = failure._wire()
            except MemoryError:
                error = Resource("there is no memory left", "OUT_OF_MEMORY")._wire()
            except Exception as mistake:
                # Where it happened helps; what is in the message may be patient data, so the type has to do.
                place = traceback.extract_tb(mistake.__traceback__)[-1]
                error = Failure(
                    f"{type(mistake).__name__} in {os.path.basename(place.filename)}, line {place.lineno}",
                    "EXCEPTION")._wire()
            context = None
            link.release_held()
            answer = {"do": "return"}
            if error is not None:
                answer["error"] = error
            link.tell(**answer)
