internal import PonsKit

/// Walks over an ALL port, one packet at a time, along with other ports: all are sorted by case key.
struct PortCursor<Kind: PacketKind> {
  let port: Input<Kind>
  private let inputs: AllInputs<Kind>
  private var index = 0
  private var packet: InputPacket<Kind>?
  /// Cases that have no packet here.
  let absent: [Absence]

  init(_ port: Input<Kind>, _ context: Context) throws {
    self.port = port
    inputs = try context.inputs(port)
    absent = port.descriptor.asksForAbsent ? try inputs.absent : []
    packet = inputs.count > 0 ? try inputs.packet(at: 0) : nil
  }

  /// The case that comes next; nil at the end.
  var key: String? { packet?.caseKey }
  /// How many packets there are.
  var count: Int { inputs.count }
  /// Whether anything is connected, as far as one can see.
  var isConnected: Bool { inputs.count > 0 || !absent.isEmpty }

  /// The packet of a case, when it comes next.
  mutating func take(_ key: String) throws -> InputPacket<Kind>? {
    guard let found = packet, found.caseKey == key else { return nil }
    index += 1
    packet = nil
    if index < inputs.count { packet = try inputs.packet(at: index) }
    return found
  }
}
