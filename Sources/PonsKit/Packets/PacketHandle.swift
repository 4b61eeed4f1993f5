internal import CPons
internal import Synchronization

/// Owns one handle of a packet of the host: releases it when the last view of the packet goes.
final class PacketHandle: @unchecked Sendable {
  // @unchecked: the pointers in `view` are to read-only memory of the host that the handle keeps alive.
  let host: UnsafePointer<pons_host>
  let packet: pons_packet
  let view: pons_packet_view

  private struct Parsed {
    var metadata: JSON?
    var sidecar: JSON?
    var isRetained = false
  }
  private let parsed = Mutex(Parsed())

  init(host: UnsafePointer<pons_host>, packet: pons_packet) throws {
    var view = pons_packet_view()
    view.size = UInt64(MemoryLayout<pons_packet_view>.size)
    let status = host.pointee.packet_view(packet, &view)
    if status != PONS_OK {
      host.pointee.packet_release(packet)
      throw HostRefusal(status: status)
    }
    self.host = host
    self.packet = packet
    self.view = view
  }

  deinit { host.pointee.packet_release(packet) }

  /// Keeps the packet beyond the end of the call, until the last view of it is gone.
  func retain() throws {
    try parsed.withLock { parsed in
      if parsed.isRetained { return }
      try HostRefusal.check(host.pointee.packet_retain(packet))
      parsed.isRetained = true
    }
  }

  func metadata() throws -> JSON {
    try parsed.withLock { parsed in
      if let known = parsed.metadata { return known }
      let fresh = try JSON(parsing: String(view.metadata))
      parsed.metadata = fresh
      return fresh
    }
  }

  func sidecar() throws -> JSON {
    try parsed.withLock { parsed in
      if let known = parsed.sidecar { return known }
      let fresh = try JSON(parsing: String(view.sidecar))
      parsed.sidecar = fresh
      return fresh
    }
  }
}
