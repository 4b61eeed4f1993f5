internal import CPons
internal import PonsEngine
internal import PonsKit
internal import Synchronization

/// A packet that a plugin sees: keeps it mapped, and its C view at one place, as long as the handle is valid.
final class LentPacket: @unchecked Sendable {
  // @unchecked: the view is made once under the lock and constant afterwards.
  let packet: Packet

  private struct State {
    var view: PacketView?
    /// How often the plugin retained it.
    var retains = 0
    /// The call that it was lent for still runs, and the plugin has not released it.
    var isLentByCall = true
  }
  private let state = Mutex(State())

  init(_ packet: Packet) { self.packet = packet }

  func fill(_ target: UnsafeMutablePointer<pons_packet_view>) {
    let view = state.withLock { state in
      let view = state.view ?? PacketView(packet)
      state.view = view
      return view
    }
    let size = target.pointee.size
    target.pointee = view.view
    target.pointee.size = size
  }

  func retain() { state.withLock { $0.retains += 1 } }

  /// Takes back one retain, or else the loan of the call. True when nothing is left.
  func release() -> Bool {
    state.withLock { state in
      if state.retains > 0 { state.retains -= 1 } else { state.isLentByCall = false }
      return state.retains == 0 && !state.isLentByCall
    }
  }

  /// The call has returned. True when nothing is left.
  func endCall() -> Bool {
    state.withLock { state in
      state.isLentByCall = false
      return state.retains == 0
    }
  }
}

/// The C structs that show one packet, in one block of memory.
private final class PacketView: @unchecked Sendable {
  // @unchecked: constant once it is made.
  private(set) var view = pons_packet_view()
  private let block: UnsafeMutableRawPointer
  private var end = 0

  init(_ packet: Packet) {
    let tensors = packet.tensors
    var size = packet.kind.utf8.count + (packet.caseKey?.utf8.count ?? 0)
    size += packet.metadata.utf8.count + packet.sidecar.utf8.count
    let perTensor =
      MemoryLayout<pons_tensor>.stride + MemoryLayout<pons_named_tensor>.stride
      + MemoryLayout<UnsafePointer<pons_named_tensor>?>.stride
    for tensor in tensors {
      size += perTensor + tensor.shape.count * 8 + tensor.name.utf8.count
    }
    block = .allocate(byteCount: size + 64, alignment: 16)
    // What needs alignment comes first, texts last.
    let list = take(UnsafePointer<pons_named_tensor>?.self, tensors.count)
    let names = take(pons_named_tensor.self, tensors.count)
    let values = take(pons_tensor.self, tensors.count)
    for (index, tensor) in tensors.enumerated() {
      let shape = take(Int64.self, tensor.shape.count)
      for (axis, extent) in tensor.shape.enumerated() { shape[axis] = Int64(extent) }
      let type = tensor.type.dlpack
      (values + index).initialize(
        to: pons_tensor(
          data: UnsafeMutableRawPointer(mutating: tensor.data), device_type: 1, device_id: 0,
          ndim: Int32(tensor.shape.count), code: type.code, bits: type.bits, lanes: 1,
          shape: shape, strides: nil, byte_offset: 0))
    }
    for (index, tensor) in tensors.enumerated() {
      (names + index).initialize(
        to: pons_named_tensor(
          size: UInt64(MemoryLayout<pons_named_tensor>.size), name: take(tensor.name),
          tensor: UnsafePointer(values + index)))
      (list + index).initialize(to: UnsafePointer(names + index))
    }
    view.kind = take(packet.kind)
    view.case_key = take(packet.caseKey ?? "")
    view.tensor_count = UInt64(tensors.count)
    view.tensors = tensors.isEmpty ? nil : UnsafePointer(list)
    view.metadata = take(packet.metadata.isEmpty ? "{}" : packet.metadata)
    view.sidecar = take(packet.sidecar.isEmpty ? "{}" : packet.sidecar)
  }

  deinit { block.deallocate() }

  private func take<Value>(_: Value.Type, _ count: Int) -> UnsafeMutablePointer<Value> {
    let pointer = (block + end).bindMemory(to: Value.self, capacity: max(count, 1))
    end += count * MemoryLayout<Value>.stride
    return pointer
  }

  private func take(_ text: String) -> pons_string {
    var text = text
    return text.withUTF8 { bytes in
      let target = take(CChar.self, bytes.count)
      if let start = bytes.baseAddress {
        UnsafeMutableRawPointer(target).copyMemory(from: start, byteCount: bytes.count)
      }
      return pons_string(data: UnsafePointer(target), length: UInt64(bytes.count))
    }
  }
}
